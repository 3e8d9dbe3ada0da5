"""Reads the text of a large delivery piece by piece, each of which begins and ends between two rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from dashboard.ingest.formats.containers import PACKED, opened, pieces_within
from dashboard.ingest.parse.decode import END_OF_FILE, decode_pieces, refuse_other_formats
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.tokenize import IrregularTextError
from dashboard.ingest.parse.tokenized_csv import count_line_breaks
from dashboard.large_bytes import LARGEST, Bytes

LARGE_TEXT = 16 << 20  # bytes; a shorter text is read as a whole
PIECE_BYTES = 4 << 20
_LONGEST_ROW = 16 << 20  # bytes without an end of a row, after which the text is no table as it stands


class Piece(NamedTuple):
    """Whole rows of a text; `first_line`: the number of its first line in the file."""

    text: bytes
    first_line: int


@dataclass(frozen=True)
class LargeText:
    """parts: the bytes of a delivery, unpacked, in their order; they are read once."""

    parts: Iterator[bytes]
    file: str
    encoding: str

    def pieces(self, lines: int = 1) -> Iterator[Piece]:
        """At least one, the first of which has so many lines at least. Raises UntrustedError and IrregularTextError."""
        text, line = b"", 1
        for part in decode_pieces(self.parts, self.file, self.encoding):
            if line == 1:
                refuse_other_formats(text + part, self.file)
            text += part
            end = _end_of_rows(text)
            if end and (line > 1 or count_line_breaks(text[:end]) >= lines):
                yield Piece(text[:end], line)
                line += count_line_breaks(text[:end])
                text = text[end:]
            elif len(text) > _LONGEST_ROW:
                raise IrregularTextError
        yield Piece(text.rstrip(END_OF_FILE), line)


def begin_large_text(data: Bytes, file: str, dialect: Dialect) -> LargeText | None:
    """The text of a delivery where it is a large one. Raises UntrustedError."""
    if isinstance(data, bytes) and len(data) <= LARGE_TEXT and not data.startswith(PACKED):
        return None
    parts = pieces_within(LARGEST, opened(data, file, dialect.layout), file, PIECE_BYTES)
    begun, size = list[bytes](), 0
    for part in parts:
        begun.append(part)
        if (size := size + len(part)) > LARGE_TEXT:
            return LargeText(chain(begun, parts), file, dialect.encoding)
    return None


def _end_of_rows(text: bytes) -> int:
    """The position after the last line break that stands outside quotation marks; 0 where there is none."""
    end = text.rfind(b"\n") + 1
    while end and text.count(b'"', 0, end) % 2:
        end = text.rfind(b"\n", 0, text.rfind(b'"', 0, end)) + 1
    return end
