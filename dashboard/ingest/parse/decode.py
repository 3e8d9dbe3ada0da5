"""Decodes delivered bytes to text in UTF-8, or says why they cannot be CSV. The encoding is never guessed."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from dashboard.domain import Problem
from dashboard.ingest.parse.dialect import Dialect

MAX_BYTES = 256 * 1024 * 1024

_SAMPLE_BYTES, _CHUNK_BYTES = 1_000, 1 << 20
END_OF_FILE = b"\x1a"  # Ctrl-Z, the end of file of DOS programs
_UTF_8_MARK = b"\xef\xbb\xbf"
_BYTE_ORDER_MARKS = (
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
_SIGNATURES = tuple(signature for signature, _ in _OTHER_FORMATS)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")  # bytes that no text has in any of the encodings below
_CANDIDATES = ("cp949", "cp1251", "cp1252")  # Korean, Cyrillic, Western: suggested in messages, never used


class UntrustedError(Exception):
    """A delivery that cannot be trusted as a whole, with the reasons."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def decode(data: bytes, file: str, dialect: Dialect) -> bytes:
    """The text of a delivery in UTF-8 without a byte order mark, which is no other format. Raises UntrustedError."""
    text = decode_text(data, file, dialect)
    refuse_other_formats(text, file)
    return text


def refuse_other_formats(text: bytes, file: str) -> None:
    """UntrustedError where a text is a web page or JSON."""
    if (start := text[:_SAMPLE_BYTES].lstrip()[:1]) in (b"<", b"{", b"["):
        what, key = ("HTML or XML, a web page perhaps", "html") if start == b"<" else ("JSON", "json")
        advice = "see whether the address is right, and asks for no login"
        raise untrusted(file, f"is {what}, not CSV; {advice}; if its figures stand there, write format: {key}", 1)


def decode_text(data: bytes, file: str, dialect: Dialect) -> bytes:
    """The text of a delivery in UTF-8 without a byte order mark. Raises UntrustedError."""
    if len(data) > MAX_BYTES:
        raise untrusted(file, too_large_message())
    _refuse_signatures(data, file)
    text = _decoded(data, file, dialect.encoding).rstrip(END_OF_FILE)
    if not text[:_SAMPLE_BYTES].strip() and not text.strip():
        raise untrusted(file, "empty; it needs at least a header, so fetch it again or write one")
    return text


def decode_pieces(pieces: Iterable[bytes], file: str, encoding: str) -> Iterator[bytes]:
    """The text in UTF-8 of a delivery that comes in pieces, the first of which shows what it is. Raises
    UntrustedError."""
    line, begin, decoder = 1, 0, codecs.getincrementaldecoder(encoding)()
    for piece in chain(pieces, [b""]):
        if not begin:
            _refuse_signatures(piece, file)
            _refuse_other_mark(piece, file, encoding)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            position = begin + len(piece) - len(error.object) + error.start
            line += error.object.count(b"\n", 0, error.start)
            raise untrusted(file, _not_text(error, encoding, position), line) from error
        except UnicodeError as error:  # of a codec that names no position
            raise untrusted(file, f"is not {encoding.upper()}; write its encoding", line) from error
        yield (text if begin else text.removeprefix("\ufeff")).encode()
        begin += len(piece)
        line += text.count("\n")


def _refuse_signatures(data: bytes, file: str) -> None:
    if data.startswith(_SIGNATURES):
        raise untrusted(file, next(message for signature, message in _OTHER_FORMATS if data.startswith(signature)))


def too_large_message(most: int | None = None) -> str:
    """What is wrong with a file of more than `most` bytes; without, of more than is read as a whole."""
    which = ", or say in where: which rows of a CSV file are meant" if most is None else ""
    return f"larger than {(most or MAX_BYTES) // 2**20} MB; split it, take out what is not needed{which}"


def untrusted(file: str, message: str, line: int = 0) -> UntrustedError:
    return UntrustedError(Problem(file, line, 0, "", message))


def _refuse_other_mark(data: bytes, file: str, encoding: str) -> None:
    """UntrustedError where the first bytes show another encoding, or lack what shows it."""
    mark = next((name for bytes_, name in _BYTE_ORDER_MARKS if data.startswith(bytes_)), None)
    if mark and not encoding.startswith(mark):
        raise untrusted(file, f"begins as {mark.upper()} does; write encoding: {mark}")
    if encoding in ("utf-16", "utf-32") and mark is None:
        names = f"encoding: {encoding}-le, or {encoding}-be"
        raise untrusted(file, f"has no byte order mark; write {names}, whichever its publisher uses")


def _decoded(data: bytes, file: str, encoding: str) -> bytes:
    _refuse_other_mark(data, file, encoding)
    try:
        if encoding == "utf-8":
            text = data.removeprefix(_UTF_8_MARK)
            if not text.isascii():
                _check_utf8(text)
            return text
        return data.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeDecodeError as error:
        raise untrusted(
            file, _not_text(error, encoding, error.start), error.object.count(b"\n", 0, error.start) + 1
        ) from error
    except UnicodeError as error:  # of a codec that names no position
        raise untrusted(file, f"is not {encoding.upper()}; write its encoding") from error


def _check_utf8(text: bytes) -> None:
    """Raises UnicodeDecodeError as `text.decode()` would, but needs no memory for the result."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for begin in range(0, len(text), _CHUNK_BYTES):
            decoder.decode(text[begin : begin + _CHUNK_BYTES], final=begin + _CHUNK_BYTES >= len(text))
    except UnicodeDecodeError:
        text.decode()  # to raise the same error with a position in the whole text
        raise


def _is_utf8(data: bytes) -> bool:
    try:
        _check_utf8(data)
    except UnicodeDecodeError:
        return False
    return True


def _not_text(error: UnicodeDecodeError, encoding: str, position: int) -> str:
    """What is wrong with the byte at a position of the file, where the error tells of a part of it."""
    data = error.object
    message = f"is not {encoding.upper()}: byte {data[error.start]:#04x} at position {position}"
    if encoding != "utf-8" and _is_utf8(data):
        return f"{message}; it is UTF-8, so write encoding: utf-8"
    around = data[max(error.start - _SAMPLE_BYTES, 0) : error.start + _SAMPLE_BYTES]
    if _BINARY.search(around):
        binary = "it holds bytes that no text has, so it is no CSV or damaged; see whether it is the right file"
        return f"{message}; {binary}"
    begin = max(data.rfind(b"\n", 0, error.start) + 1, error.start - 60)
    end = data.find(b"\n", error.start)
    sample = data[begin : min(end if end >= 0 else len(data), error.start + 60)]
    readings = {name: _decoded_sample(sample, name) for name in _CANDIDATES}
    suggestions = [f'encoding: {name} (it would read "{line}")' for name, line in readings.items() if line]
    return f"{message}; write its encoding{', perhaps ' if suggestions else ''}{', '.join(suggestions)}"


def _decoded_sample(sample: bytes, encoding: str) -> str:
    """The line in an encoding, "" where that fails. Its first or last character may be incomplete."""
    for start in (0, 1):
        for end in (len(sample), len(sample) - 1):
            try:
                return sample[start:end].decode(encoding).strip()
            except UnicodeDecodeError:
                continue
    return ""
