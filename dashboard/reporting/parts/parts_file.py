"""The file that keeps the parts of a published board, but for the texts that the files beside it hold already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate, pairwise

import pyarrow as pa
from pydantic import TypeAdapter

from dashboard.reporting.board_json import split_board
from dashboard.reporting.parts.board_parts import BoardParts, SourcePart, VerdictPart
from dashboard.reporting.parts.findings_json import split_findings
from dashboard.reporting.summary.board_summary import split_summary


@dataclass(frozen=True)
class _Index:
    """sizes: bytes of each source's content; keys: by indicator; lengths: characters of the JSON of each indicator."""

    as_of: date
    sources: dict[str, SourcePart]
    sizes: list[int]
    keys: dict[str, str]
    lengths: list[int]


def parts_as_bytes(parts: BoardParts) -> bytes:
    """The parts without the texts that the files beside hold: an index, and the compressed contents of the sources."""
    index = _Index(
        as_of=parts.as_of,
        sources=dict(parts.sources),
        sizes=[len(parts.contents[name]) for name in parts.sources],
        keys={name: each.key for name, each in parts.verdicts.items()},
        lengths=[len(each.board_json) for each in parts.verdicts.values()],
    )
    contents = b"".join(parts.contents[name] for name in parts.sources)
    compressed: bytes = _codec().compress(contents, asbytes=True)
    return _adapter().dump_json(index) + b"\n" + compressed


def parts_from_bytes(data: bytes, board: str, summary: bytes, findings: bytes) -> BoardParts:
    """The parts that `parts_as_bytes` wrote, of this board, summary and findings; ValueError where they do not fit."""
    head, _, compressed = data.partition(b"\n")
    index = _adapter().validate_json(head)
    contents = _codec().decompress(compressed, sum(index.sizes), asbytes=True)
    texts = (contents[start:stop] for start, stop in pairwise(accumulate(index.sizes, initial=0)))
    lines = split_summary(summary), split_findings(findings)
    verdicts = zip(index.keys.values(), split_board(board, index.lengths), *lines, strict=True)
    return BoardParts(
        as_of=index.as_of,
        sources=index.sources,
        contents=dict(zip(index.sources, texts, strict=True)),
        verdicts={name: VerdictPart(*part) for name, part in zip(index.keys, verdicts, strict=True)},
    )


@cache
def _adapter() -> TypeAdapter[_Index]:
    return TypeAdapter(_Index)


def _codec() -> pa.Codec:
    return pa.Codec("zstd", compression_level=1)
