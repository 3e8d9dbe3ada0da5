"""Reads the body of a response whole: exactly as long as announced, and unpacked within limits."""

from __future__ import annotations

import gzip
import http.client
import re
import zlib
from collections.abc import Iterator

from dashboard.fetch.http.connection import TooLargeError, Wire
from dashboard.large_bytes import Bytes, collect, stream_of

_PIECE = 256 * 1024
_LENGTH = re.compile("[0-9]{1,18}")


class DamagedError(Exception):
    """A body that arrived damaged. Another try may mend that."""


class ForeignError(Exception):
    """A body in a form that the request did not ask for."""


def read_body(response: http.client.HTTPResponse, wire: Wire, max_bytes: int) -> Bytes:
    """All bytes, unpacked. Raises DamagedError, ForeignError, TooLargeError, and OSError from the connection."""
    is_packed = _is_packed(response)
    _check_length(response, max_bytes)
    try:
        body = collect(_pieces(response, max_bytes), response.length or 0)
    except (http.client.HTTPException, ValueError) as error:  # ValueError: a chunk of a negative length
        raise DamagedError("broke off before its end") from error
    if response.length:
        raise DamagedError(f"broke off {response.length:,} bytes before its announced end")
    if wire.has_more():
        raise DamagedError("sent more bytes than it announced")
    return _unpacked(body, max_bytes) if is_packed else body


def _pieces(stream: http.client.HTTPResponse | gzip.GzipFile, max_bytes: int) -> Iterator[bytes]:
    size = 0
    while piece := stream.read(_PIECE):
        if (size := size + len(piece)) > max_bytes:
            raise TooLargeError
        yield piece


def _is_packed(response: http.client.HTTPResponse) -> bool:
    """Whether the body is packed with gzip, the only packing that the request allows."""
    coding = _joined(response, "Content-Encoding")
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise ForeignError(f"sent a body packed as {coding[:30]!a} although only gzip was asked for")
    return coding.endswith("gzip")


def _check_length(response: http.client.HTTPResponse, max_bytes: int) -> None:
    """Refuses a body with contradicting lengths, of which `http.client` would take the first."""
    framing = _joined(response, "Transfer-Encoding")
    if framing not in ("", "chunked"):
        raise ForeignError(f"sent a body framed as {framing[:30]!a}, which nobody asked for")
    lengths = {length.strip() for length in _joined(response, "Content-Length").split(",")} - {""}
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(length) for length in lengths):
        raise DamagedError("contradicts itself about the length of its body")
    if lengths and not framing and int(lengths.pop()) > max_bytes:
        raise TooLargeError


def _unpacked(body: Bytes, max_bytes: int) -> Bytes:
    if not body:
        raise DamagedError("sent gzip that is cut off")
    try:
        with gzip.GzipFile(fileobj=stream_of(body)) as file:
            return collect(_pieces(file, max_bytes))
    except EOFError as error:
        raise DamagedError("sent gzip that is cut off") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DamagedError("sent damaged gzip") from error


def _joined(response: http.client.HTTPResponse, header: str) -> str:
    return ", ".join(response.headers.get_all(header) or []).strip().lower()
