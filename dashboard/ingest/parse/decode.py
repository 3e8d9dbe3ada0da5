"""Delivered bytes -> text in UTF-8, or why these bytes are no text that could be CSV; the encoding is never guessed."""

from __future__ import annotations

import codecs
import re

from dashboard.domain import Problem
from dashboard.ingest.parse.dialect import Dialect

MAX_BYTES = 256 * 1024 * 1024

_BEGINNING, _PIECE = 1_000, 1 << 20  # bytes
_END_OF_FILE = b"\x1a"  # Ctrl-Z, with which programs of DOS end a file
_MARK = b"\xef\xbb\xbf"
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_OTHER_FORMATS = (
    (b"\x1f\x8b", "is compressed (gzip), not CSV; unpack it first"),
    (b"PK\x03\x04", "is a ZIP archive or an Excel file, not CSV; save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel file, not CSV; save the sheet as CSV"),
    (b"%PDF", "is a PDF, not CSV; ask its publisher for CSV"),
    (b"PAR1", "is Parquet, not CSV; ask its publisher for CSV"),
    (b"BZh", "is compressed (bzip2), not CSV; unpack it first"),
    (b"\xfd7zXZ\0", "is compressed (xz), not CSV; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed (Zstandard), not CSV; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive, not CSV; unpack it first"),
    (b"Rar!", "is a RAR archive, not CSV; unpack it first"),
    (b"\x89PNG", "is a picture (PNG), not CSV; ask its publisher for the figures"),
    (b"\xff\xd8\xff", "is a picture (JPEG), not CSV; ask its publisher for the figures"),
    (b"GIF8", "is a picture (GIF), not CSV; ask its publisher for the figures"),
    (b"II*\0", "is a picture (TIFF), not CSV; ask its publisher for the figures"),
    (b"MM\0*", "is a picture (TIFF), not CSV; ask its publisher for the figures"),
    (b"SQLite format 3", "is an SQLite database, not CSV; export the table as CSV"),
)
_NOT_OF_TEXT = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")  # bytes that no text has, in whichever encoding below
_SUSPECTS = ("cp949", "cp1251", "cp1252")  # Korean, Cyrillic, Western: named to a person, never used unasked


class UntrustedError(Exception):
    """A delivery that cannot be trusted as a whole, and why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def decode(data: bytes, file: str, layout: Dialect) -> bytes:
    """The text of a delivery in UTF-8 without a byte order mark; raises UntrustedError."""
    if len(data) > MAX_BYTES:
        raise untrusted(file, too_large_message())
    for beginning, message in _OTHER_FORMATS:
        if data.startswith(beginning):
            raise untrusted(file, message)
    text = _decoded(data, file, layout.encoding).rstrip(_END_OF_FILE)
    if not text[:_BEGINNING].strip() and not text.strip():
        raise untrusted(file, "empty; it needs at least a header, so fetch it again or write one")
    if (start := text[:_BEGINNING].lstrip()[:1]) in (b"<", b"{", b"["):
        what = "HTML or XML, a web page perhaps" if start == b"<" else "JSON"
        raise untrusted(file, f"is {what}, not CSV; see whether the address is right, and asks for no login", 1)
    return text


def too_large_message() -> str:
    return f"larger than {MAX_BYTES // 2**20} MB; split it or take out what is not needed"


def untrusted(file: str, message: str, line: int = 0) -> UntrustedError:
    return UntrustedError(Problem(file, line, 0, "", message))


def _decoded(data: bytes, file: str, encoding: str) -> bytes:
    mark = next((name for bytes_, name in _MARKS if data.startswith(bytes_)), None)
    if mark and not encoding.startswith(mark):
        raise untrusted(file, f"begins as {mark.upper()} does; write encoding: {mark}")
    if encoding in ("utf-16", "utf-32") and mark is None:
        names = f"encoding: {encoding}-le, or {encoding}-be"
        raise untrusted(file, f"has no byte order mark; write {names}, whichever its publisher uses")
    try:
        if encoding == "utf-8":
            text = data.removeprefix(_MARK)
            if not text.isascii():
                _decode_in_pieces(text)
            return text
        return data.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeDecodeError as error:
        raise untrusted(file, _not_text(error, encoding), error.object.count(b"\n", 0, error.start) + 1) from error
    except UnicodeError as error:  # of a codec that names no place
        raise untrusted(file, f"is not {encoding.upper()}; write its encoding") from error


def _decode_in_pieces(text: bytes) -> None:
    """Raises UnicodeDecodeError as decoding it whole would, without the memory for that."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for begin in range(0, len(text), _PIECE):
            decoder.decode(text[begin : begin + _PIECE], final=begin + _PIECE >= len(text))
    except UnicodeDecodeError:
        text.decode()  # counts positions from the beginning
        raise


def _not_text(error: UnicodeDecodeError, encoding: str) -> str:
    data = error.object
    said = f"is not {encoding.upper()}: byte {data[error.start]:#04x} at position {error.start}"
    around = data[max(error.start - _BEGINNING, 0) : error.start + _BEGINNING]
    if _NOT_OF_TEXT.search(around):
        return f"{said}; it holds bytes that no text has, so it is no CSV or damaged; see whether it is the right file"
    begin = max(data.rfind(b"\n", 0, error.start) + 1, error.start - 60)
    end = data.find(b"\n", error.start)
    sample = data[begin : min(end if end >= 0 else len(data), error.start + 60)]
    found = [f'encoding: {name} (it would read "{read}")' for name in _SUSPECTS if (read := _as(sample, name))]
    return f"{said}; write its encoding, perhaps {', '.join(found)}" if found else f"{said}; write its encoding"


def _as(sample: bytes, encoding: str) -> str:
    """How a line would read, nothing where it would not; a first or last character may have been cut."""
    for start in (0, 1):
        for end in (len(sample), len(sample) - 1):
            try:
                return sample[start:end].decode(encoding).strip()
            except UnicodeDecodeError:
                continue
    return ""
