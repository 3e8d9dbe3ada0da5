"""Reads JSON: each record at `rows:` is a row, its names are the columns, and numbers stay as they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Any, NamedTuple, NoReturn

from dashboard.domain.text import PathError, follow, pages_of, paths_of_lists, sample
from dashboard.ingest.formats.doubts import Doubt
from dashboard.ingest.formats.grid import MOST_CELLS, MOST_COLUMNS, Grid
from dashboard.ingest.parse.decode import decode_text, untrusted
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.header import known_names

_DEEPEST = 20  # records within records
_LONGEST_EXPONENT = 30  # of a number that is written out
_LACKS = "the record lacks it; if that means a blank, list it under optional:"


class _ListText(str):
    """A list, as JSON."""


class _Record(NamedTuple):
    number: int
    value: Any


def read_json(data: bytes, file: str, dialect: Dialect) -> Grid:
    """The records of a file. Raises UntrustedError."""
    text = decode_text(data, file, dialect)
    layout = dialect.layout
    try:
        if layout.format == "json_lines":
            records, names = [*_records_of_lines(text, file, dialect)], None
        else:
            pages = pages_of(_parsed(text, file, dialect))
            values = chain.from_iterable(_rows(page, layout.rows) for page in pages)
            records = [_Record(number, value) for number, value in enumerate(values, start=1)]
            names = _names(pages, layout.names) if layout.names else None
    except PathError as error:
        key = "rows" if layout.rows or not layout.names else "names"
        raise untrusted(file, f"{error}; correct {key}:, or see why the file is another one") from error
    if all(isinstance(record.value, dict) for record in records):
        return _grid_of_objects(records, file, dialect)
    if all(isinstance(record.value, list) for record in records):
        rows = [[_word(cell) for cell in record.value] for record in records]
        return Grid(rows, [record.number for record in records], names)
    kind = list if isinstance(records[0].value, list) else dict
    odd = next(record for record in records if not isinstance(record.value, kind))
    raise untrusted(file, f"is no record with names: {sample(odd.value)}; correct rows:", odd.number)


def _names(pages: Sequence[Any], path: str) -> list[str]:
    names, *others = ([_name(name) for name in follow(page, path)] for page in pages)
    if any(other != names for other in others):
        raise PathError("its pages name different columns")
    return names


def _rows(document: Any, path: str) -> Iterator[Any]:
    if path:
        values = follow(document, path)
        return values if "[]" in path else _single(values, path)
    if isinstance(document, list):
        return iter(document)
    lists = [*paths_of_lists(document)] if isinstance(document, dict) else []
    advice = f"write rows: {' or '.join(lists[:5])}" if lists else "it holds no list of records"
    if isinstance(document, dict) and {"dimension", "id", "size", "value"} <= document.keys():
        raise PathError("is JSON-stat, which has no records; ask its publisher for CSV, Eurostat with format=SDMX-CSV")
    raise PathError(f"its records are not the list itself, {sample(document)}; {advice}")


def _single(values: Iterator[Any], path: str) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            raise PathError(f"rows: leads to a list, and not to its entries; write rows: {path}[]")
        yield value


def _records_of_lines(text: bytes, file: str, dialect: Dialect) -> Iterator[_Record]:
    for number, line in enumerate(text.split(b"\n"), start=1):
        if line.strip():
            document = _parsed(line, file, dialect, number)
            for value in follow(document, dialect.layout.rows) if dialect.layout.rows else [document]:
                yield _Record(number, value)


def _parsed(text: bytes, file: str, dialect: Dialect, line: int = 0) -> Any:
    if text.lstrip()[:1] == b"<":
        raise untrusted(file, "is HTML or XML, not JSON; see whether the address is right, and asks for no login", 1)
    number = partial(_plain_number, mark=dialect.decimal)
    try:
        return json.loads(
            text.decode(), parse_float=number, parse_int=number, parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )  # fmt: skip
    except RecursionError as error:
        raise untrusted(file, "is nested too deeply to be a table; see whether it is the right file", line) from error
    except json.JSONDecodeError as error:
        message = f"is no JSON: {error.msg} in column {error.colno}; it was cut off, or is another format"
        raise untrusted(file, message, line or error.lineno) from error
    except ValueError as error:
        raise untrusted(file, str(error), line) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'"{name[:60]}" stands twice in one record, so that nobody knows which is meant; ask for it')
    return entries


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"holds {word}, which is no number; ask its publisher for null")


def _plain_number(text: str, mark: str) -> str:
    """A number as it is written, without an exponent, and with the decimal mark of the source."""
    if "e" in text or "E" in text:
        number = Decimal(text)
        text = f"{number:f}" if abs(number.adjusted()) <= _LONGEST_EXPONENT else text
    return text.replace(".", mark)


def _grid_of_objects(records: Sequence[_Record], file: str, dialect: Dialect) -> Grid:
    if not records:
        return Grid([], [], known_names(dialect))
    flat = []
    names: dict[str, None] = {}
    for record in records:
        words = _flat(record, file)
        flat.append(words)
        names.update(dict.fromkeys(words))
        if len(names) > MOST_COLUMNS or len(names) * len(flat) > MOST_CELLS:
            message = f"{len(names):,} names in {len(flat):,} records; rows: leads to something that is no table"
            raise untrusted(file, message, record.number)
    used = set(known_names(dialect))
    names.update(dict.fromkeys(name for name in dialect.layout.optional if name in used))
    columns = _columns(names, flat)
    numbers = [record.number for record in records]
    rows = [[words.get(name) or "" for name in columns] for words in flat]
    return Grid(rows, numbers, columns, [*_doubts(flat, numbers, columns, dialect)])


def _columns(names: Iterator[str] | dict[str, None], flat: Sequence[dict[str, str | None]]) -> list[str]:
    """The names of all columns, without those of records within records that are null."""
    parents = {name.rpartition(".")[0] for name in names} & set(names)
    empty = {name for name in parents if all(words.get(name) is None for words in flat)}
    return [name for name in names if name not in empty]


def _doubts(
    flat: Sequence[dict[str, str | None]], numbers: Sequence[int], columns: Sequence[str], dialect: Dialect
) -> Iterator[Doubt]:
    """The used names that a record lacks, and the used cells that hold lists."""
    optional = set(dialect.layout.optional)
    used = [(columns.index(name), name) for name in known_names(dialect) if name in columns]
    for number, words in zip(numbers, flat, strict=True):
        for position, name in used:
            if name not in words:
                if name not in optional and not _is_null_above(name, words):
                    yield Doubt(number, position, _LACKS, "key")
            elif isinstance(words[name], _ListText):
                yield Doubt(number, position, "holds a list, and no single value; name another column")


def _is_null_above(name: str, words: dict[str, str | None]) -> bool:
    """Whether the record in which a name would stand is null."""
    while "." in name:
        name = name.rpartition(".")[0]
        if name in words:
            return words[name] is None
    return False


def _flat(record: _Record, file: str) -> dict[str, str | None]:
    """The words of a record by their names, those of records within it by names with a dot. None for null."""
    words: dict[str, str | None] = {}
    inner: list[tuple[str, Any, int]] = [("", record.value, 0)]
    while inner:
        prefix, values, depth = inner.pop(0)
        if depth > _DEEPEST:
            raise untrusted(file, f"a record is nested more than {_DEEPEST} deep; correct rows:", record.number)
        for key, value in values.items():
            name = f"{prefix}{key}"
            if isinstance(value, dict):
                inner.append((f"{name}.", value, depth + 1))
            elif name in words:
                raise untrusted(file, f'"{name[:60]}" can be read in two ways; ask its publisher', record.number)
            else:
                words[name] = None if value is None else _word(value)
    return words


def _word(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return _ListText(text) if isinstance(value, list) else text


def _name(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise PathError(f"names: leads to {sample(value)}, which is no name")
