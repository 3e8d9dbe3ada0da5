"""JSON: records declared in a few keys, read to the right rows, never misread."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.readings import opened, reasons, words

PORTWATCH = json.dumps(
    {
        "fields": [{"name": "date", "type": "esriFieldTypeDateOnly"}],
        "features": [
            {"attributes": {"date": "2024-01-01", "portid": "port9", "portcalls_tanker": 3}},
            {"attributes": {"date": "2024-01-02", "portid": "port9", "portcalls_tanker": 4}},
        ],
    }
)
WORLD_BANK = json.dumps(
    [
        {"page": 1, "pages": 1, "total": 2},
        [
            {"indicator": {"id": "I", "value": "Crude"}, "country": {"id": "RU", "value": "Russia"}, "date": "2023",
             "value": 10.5, "unit": "", "obs_status": ""},
            {"indicator": {"id": "I", "value": "Crude"}, "country": {"id": "RU", "value": "Russia"}, "date": "2022",
             "value": None, "unit": "", "obs_status": ""},
        ],
    ]
)  # fmt: skip
COMTRADE = json.dumps(
    {
        "elapsedTime": "0.1 secs",
        "count": 2,
        "data": [
            {"period": "2024-03", "reporterISO": "CHN", "cmdCode": "2710", "netWgt": 1200.25, "isReported": False},
            {"period": "2024-04", "reporterISO": "CHN", "cmdCode": "2711", "netWgt": 7, "isReported": True},
        ],
        "error": "",
    }
)

JSON_FILES = {
    "ArcGIS": (
        "format: json, rows: 'features[].attributes', columns: {value: portcalls_tanker}, where: {portid: port9}",
        PORTWATCH,
        ["2024-01-01 3", "2024-01-02 4"],
    ),
    "World Bank": (
        "format: json, rows: '[1][]', columns: {subject: country.value}, other_columns: ignore, missing: ['']",
        WORLD_BANK,
        ["2023 10.5 Russia", "2022 - Russia missing"],
    ),
    "Comtrade": (
        "format: json, rows: 'data[]', columns: {date: period, value: netWgt}, where: {cmdCode: '2710'}, "
        "other_columns: ignore",
        COMTRADE,
        ["2024-03 1200.25"],
    ),
    "the list itself": ("format: json", '[{"date": "2024-01", "value": 5}]', ["2024-01 5"]),
    "lists with names in another place": (
        "format: json, rows: 'dataset.0.data[]', names: 'dataset.0.columns[].name'",
        '{"dataset": [{"columns": [{"name": "date"}, {"name": "value"}], "data": [["2024-01", 5], ["2024-02", 6]]}]}',
        ["2024-01 5", "2024-02 6"],
    ),
    "lists under a list of names": ("format: json", '[["date", "value"], ["2024-01", "5"]]', ["2024-01 5"]),
    "lists without names": (
        "format: json, header: none, cells: 2, columns: {date: 1, value: 2}",
        '[["2024-01", 5], ["2024-02", 6]]',
        ["2024-01 5", "2024-02 6"],
    ),
    "a record on each line": (
        "format: json_lines",
        '{"date": "2024-01", "value": 5}\r\n\n{"value": 6, "date": "2024-02"}\n',
        ["2024-01 5", "2024-02 6"],
    ),
    "a record within the record of a line": (
        "format: json_lines, rows: properties",
        '{"properties": {"date": "2024-01", "value": 5}}\n',
        ["2024-01 5"],
    ),
    "numbers as they are written": (
        "format: json",
        '[{"date": "2024-01", "value": 0.1000}, {"date": "2024-02", "value": 1.25E+3}, '
        '{"date": "2024-03", "value": 12345678.9}, {"date": "2024-04", "value": 5e-1}]',
        ["2024-01 0.1", "2024-02 1250", "2024-03 12345678.9", "2024-04 0.5"],
    ),
    "numbers beside texts with a decimal comma": (
        "format: json, decimal: ',', thousands: '.'",
        '[{"date": "2024-01", "value": 1.500}, {"date": "2024-02", "value": "1.500"}]',
        ["2024-01 1.5", "2024-02 1500"],
    ),
    "a name that may be lacking": (
        "format: json, optional: [subject]",
        '[{"date": "2024-01", "value": 5, "subject": "a"}, {"date": "2024-02", "value": 6}]',
        ["2024-01 5 a", "2024-02 6"],
    ),
    "a lacking note": (
        "format: json",
        '[{"date": "2024-01", "value": 5, "note": "a"}, {"date": "2024-02", "value": 6}]',
        ["2024-01 5", "2024-02 6"],
    ),
    "a record that is null": (
        "format: json, columns: {subject: ship.name}, other_columns: ignore",
        '[{"date": "2024-01", "value": 5, "ship": {"name": "a"}}, {"date": "2024-02", "value": 6, "ship": null}]',
        ["2024-01 5 a", "2024-02 6"],
    ),
    "months as names": ("format: json, wide: months", '[{"2024-01": 5, "2024-02": null}]', ["2024-01 5"]),
    "events": (
        "format: json, kind: event, value: 1, columns: {subject: id}, other_columns: ignore",
        '[{"date": "2024-01-05", "id": 7, "dead": 2}, {"date": "2024-01-05", "id": 8, "dead": 0}]',
        ["2024-01-05 1 7", "2024-01-05 1 8"],
    ),
    "a name that all records lack": (
        "format: json, optional: [ship], columns: {subject: ship}",
        '[{"date": "2024-01", "value": 5}]',
        ["2024-01 5"],
    ),
    "no record": ("format: json, rows: 'data[]', columns: {value: kg}", '{"data": []}', []),
}


@pytest.mark.parametrize("name", JSON_FILES)
def test_json_is_read_to_the_right_rows(name: str) -> None:
    keys, text, expected = JSON_FILES[name]
    reading = opened(keys, text)
    assert (reasons(reading), words(reading)) == ("", expected)


@pytest.mark.parametrize(
    ("keys", "text", "reason"),
    [
        ("", '{"data": [{"date": "2024", "value": 1}]}', "write rows: data[]"),
        ("rows: 'data[]'", '{"error": {"code": 499, "message": "Token"}}', 'no "data": {"error": {"code": "499"'),
        ("rows: 'data[]'", '{"data": {"a": 1}}', "is no list"),
        ("rows: 'data'", '{"data": [5, 6]}', "correct rows:"),
        ("rows: '[4][]'", "[]", "has 0 entries"),
        ("", '[{"date": "2024", "value": 1', "is no JSON: Expecting"),
        ("", '[{"date": "2024", "value": 1}] x', "is no JSON: Extra data"),
        ("", '[{"date": "2024", "value": 1, "value": 2}]', '"value" stands twice in one record'),
        ("", '[{"date": "2024", "value": NaN}]', "holds NaN, which is no number"),
        ("", '[{"date": "2024", "value": -Infinity}]', "holds -Infinity, which is no number"),
        ("", "[" * 100_000, "nested too deeply"),
        ("", '{"a":' * 100_000, "nested too deeply"),
        ("", '[{"date": "2024", "value": 1, "note": ' + '{"a":' * 30 + "1" + "}" * 30 + "}]", "20 deep"),
        ("", '[{"date": "2024", "value": 1, "note": "\\ud800"}]', "half a character"),
        ("", '[{"date": "2024", "value": 1, "note": "\\u0000"}]', "holds a NUL"),
        ("", '[{"date": "2024", "value": 1, "x.y": 1, "x": {"y": 2}}]', "can be read in two ways"),
        ("", '[{"date": "2024", "value": 1, "extra": 1}]', "write other_columns: ignore"),
        ("", '[{"date": "2024", "value": 1}, 5]', "x:2: is no record with names"),
        ("", json.dumps([{f"k{n}": 1 for n in range(3_000)}]), "3,000 names in 1 records"),
        ("", "<html><body>Log in</body></html>", "is HTML or XML, not JSON"),
        ("", "", "empty"),
        ("", '{"class": "dataset", "id": ["geo"], "size": [1], "dimension": {}, "value": {"0": 1}}', "is JSON-stat"),
        ("names: 'n[]', rows: 'd[]'", '{"n": [null, "a"], "d": [["2024", 5]]}', "which is no name"),
    ],
)  # fmt: skip
def test_json_that_is_not_as_declared_is_rejected_whole(keys: str, text: str, reason: str) -> None:
    reading = opened(f"format: json, {keys}", text)
    assert reading.outcome == "reject"
    assert reason in reasons(reading)


@pytest.mark.parametrize(
    ("keys", "record", "reason"),
    [
        ("", '{"date": "2024-02", "value": 1e400, "subject": "a"}', '"1e400" is not a plain number'),
        ("", '{"date": "2024-02", "value": [1, 2], "subject": "a"}', "is not a plain number"),
        ("", '{"date": "2024-02", "value": true, "subject": "a"}', '"true" is not a plain number'),
        ("", '{"date": "2024-02", "value": null, "subject": "a"}', "value"),
        ("", '{"value": 6, "subject": "a"}', "required, but blank"),
        ("", '{"date": "2024-02", "value": 6}', "list it under optional:"),
        ("", '{"date": "2024-02", "value": 6, "subject": ["a"]}', "holds a list"),
        ("where: {port: V}", '{"date": "2024-02", "value": 6, "subject": "a"}', "x:2:4 port:"),
    ],
)
def test_a_record_that_is_not_plain_is_quarantined(keys: str, record: str, reason: str) -> None:
    first = '{"date": "2024-01", "value": 5, "subject": "a", "port": "V"}'
    reading = opened(f"format: json, other_columns: [port], {keys}", f"[{first}, {record}]")
    assert (reading.outcome, words(reading)) == ("quarantine", ["2024-01 5 a"])
    assert reason in reasons(reading)


def test_a_record_without_its_figure_is_no_missing_figure() -> None:
    text = '[{"date": "2024-01", "value": 5}, {"date": "2024-02", "val": 9}, {"date": "2024-03", "value": null}]'
    reading = opened('format: json, missing: [""], other_columns: [val]', text)
    assert words(reading) == ["2024-01 5", "2024-03 - missing"]
    assert "list it under optional:" in reasons(reading)


RECORDS = [{"date": f"2024-{month:02}", "value": 10 + month, "ship": "ab"[month % 2]} for month in range(1, 7)]


@given(st.data())
def test_a_json_file_whose_records_change_is_never_misread(data: st.DataObject) -> None:
    """Whatever name is added, taken out or renamed in some records: each row read is one that the file had stated."""
    keys = "format: json, columns: {subject: ship}, other_columns: ignore"
    records = [dict(record) for record in RECORDS]
    for number in data.draw(st.lists(st.integers(0, 5), min_size=1)):
        name = data.draw(st.sampled_from(["date", "value", "ship"]))
        value = records[number].pop(name, None)
        match data.draw(st.sampled_from(["drop", "rename", "null", "list", "deeper"])):
            case "rename":
                records[number][f"{name}2"] = value
            case "null":
                records[number][name] = None
            case "list":
                records[number][name] = [value, value]
            case "deeper":
                records[number][name] = {"value": value}
    stated = set(words(opened(keys, json.dumps(RECORDS))))
    nameless = {word.rpartition(" ")[0] for word in stated}  # a ship that is null is none
    assert set(words(opened(keys, json.dumps(records)))) <= stated | nameless
