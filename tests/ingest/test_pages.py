"""Tables of HTML pages: declared in a few keys, read to the right rows, never misread."""

from __future__ import annotations

import pytest

from tests.ingest.readings import opened, reasons, table_of, words

PAGE = """<!DOCTYPE html><html><head><title>t</title><script>document.write("<table>")</script></head><body>
<h2>Menu</h2><table><tr><td>a</td></tr></table>
<h2>Deliveries of&nbsp;2024 <sup>1</sup></h2><p>As of today</p>
<table class=big><thead><tr><th rowspan=2>Month<th colspan=2>China</tr>
<tr><th>Tons<sup>2</sup></th><th>Barrels</th></tr>
</thead><tbody>
<tr><td>2024-01<td>1&nbsp;234<sup>3</sup><td>5</tr>
<tr><td> 2024-02 </td><td><b>2</b>34</td><td><span style="display:none">0006</span>6</td></tr>
</tbody></table>
<table><caption>Notes</caption><tr><td>x</td></tr></table>
</body></html>"""
PAGE_KEYS = (
    "format: html, table: {heading: Deliveries of 2024}, header_line: 2, footnotes: ignore, thousands: ' ', "
    "columns: {date: Month, value: Tons}, other_columns: ignore"
)


PAGES = {
    "a table under a heading": (PAGE_KEYS, PAGE, ["2024-01 1234", "2024-02 234"]),
    "a table by its number": (
        PAGE_KEYS.replace("{heading: Deliveries of 2024}", "2"),
        PAGE,
        ["2024-01 1234", "2024-02 234"],
    ),
    "the only table": ("format: html", table_of("<tr><td>2024-01<td>5<td>a</tr>"), ["2024-01 5 a"]),
    "a caption": (
        "format: html, table: {heading: Two}",
        "<table><caption>One</caption><tr><td>x</table><table><caption> Two </caption><tr><th>date<th>value"
        "<tr><td>2024<td>5</table>",
        ["2024 5"],
    ),
    "a key over several rows": (
        "format: html",
        "<table><tr><th>subject<th>date<th>value</tr><tr><td rowspan=2>a<td>2024-01<td>5<tr><td>2024-02<td>6</table>",
        ["2024-01 5 a", "2024-02 6 a"],
    ),
    "a table within a table": (
        "format: html, table: 2",
        "<table><tr><td>" + table_of("<tr><td>2024-01<td>5<td>a") + "</td></tr></table>",
        ["2024-01 5 a"],
    ),
    "a note below": (
        "format: html, until: '^Source'",
        table_of("<tr><td>2024-01<td>5<td>a<tr><td colspan=3>Source: us"),
        ["2024-01 5 a"],
    ),
    "entities and comments": (
        "format: html, thousands: ','",
        table_of("<!-- <tr><td>2023<td>1<td> --><tr><td>2024&#45;01<td>5&#44;000<td>a &amp; b"),
        ["2024-01 5000 a & b"],
    ),
    "a heading over the middle, left out by where": (
        "format: html, where: {subject: a}",
        table_of("<tr><td colspan=3>2024<tr><td>2024-01<td>5<td>a"),
        ["2024-01 5 a"],
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_to_the_right_rows(name: str) -> None:
    keys, text, expected = PAGES[name]
    reading = opened(keys, text)
    assert (reasons(reading), words(reading)) == ("", expected)


@pytest.mark.parametrize(
    ("keys", "text", "reason"),
    [
        ("", "<html><body>Please log in</body></html>", "has no table"),
        ("", "<html>" + "<!--" * 100_000 + table_of(""), "has no table"),
        ("", "<html>" + "<script " * 100_000 + table_of(""), "has no table"),
        ("table: {heading: x}", "<h2>a</h2><table><tr><td>1</table>" * 5_000, "and 4990 more"),
        ("", "date,value\n2024,5\n", "is no HTML page"),
        ("", PAGE, 'has 3 tables; name one with table:. It has 1 "Menu" (a), 2 "As of today" (Month, Ch'),
        ("table: 4", PAGE, "has no table 4"),
        ("table: {heading: Nothing}", PAGE, 'no table under the heading "Nothing"'),
        ("table: {heading: H}", f"<h2>H</h2>{table_of('')}{table_of('')}", '2 tables under the heading "H"'),
        ("", table_of("<tr><td>2024-01<td>5").removesuffix("</table>"), "was cut off"),
        ("", table_of("<tr><td>2024-01<td>50<td>a")[:-14], "was cut off"),
        ("", "<div>" * 5_000 + table_of("<tr><td>2024-01<td>5<td>a"), "is no HTML that can be read to its end"),
        ("", table_of("<tr>" + "<td colspan=1000>x" * 9), "no table of figures"),
        ("header_line: 9", table_of(""), "has no row 9"),
        ("", table_of("").replace("value", "amount"), "unknown column"),
    ],
)  # fmt: skip
def test_a_page_that_is_not_as_declared_is_rejected_whole(keys: str, text: str, reason: str) -> None:
    reading = opened(f"format: html, {keys}", text)
    assert reading.outcome == "reject"
    assert reason in reasons(reading)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("<tr><td>2024-02<td rowspan=2>6<td>a<tr><td>2024-03<td>a", "6 (of a cell that spans 2 rows and 1 columns"),
        ("<tr><td colspan=3>2024", "2024 (of a cell that spans 1 rows and 3 columns"),
        ("<tr><td>2024-02<td>12<sup>3</sup><td>a", '"12^3" is not a plain number'),
        ("<tr><td>2024-02<td><s>12</s>3<td>a", '"~123" is not a plain number'),
        ("<tr><td>2024-02<td>1<br>2<td>a", '"1 2" is not a plain number'),
        ("<tr><td>2024-02<td>1<table><tr><td>2</table><td>a", '"1 2" is not a plain number'),
        ("<tr><td>2024-02<td>6<td>a<sup>1</sup>", "write footnotes: ignore"),
        ("<tr><td>2024-02<td>6<td><del>a</del> b", "struck out"),
        ("<tr><td>2024-02<td>6", "2 cells under a header of 3"),
        ("<tr><td>2024-02<td>6<td>a<td>b", "4 cells under a header of 3"),
    ],
)
def test_a_row_of_a_page_that_is_not_plain_is_quarantined(row: str, reason: str) -> None:
    reading = opened("format: html, table: 1", table_of("<tr><td>2024-01<td>5<td>a</tr>" + row))
    assert (reading.outcome, words(reading)) == ("quarantine", ["2024-01 5 a"])
    assert reason in reasons(reading)


def test_a_page_is_decoded_as_declared_and_not_as_it_says_itself() -> None:
    page = '<meta charset="utf-8">' + table_of("<tr><td>2024-01<td>5<td>평양")
    assert words(opened("format: html, encoding: cp949", page.encode("cp949"))) == ["2024-01 5 평양"]
    assert "encoding: cp949" in reasons(opened("format: html", page.encode("cp949")))


@pytest.mark.parametrize(
    "page",
    [
        "<div></table></div><table><tr><th>date<th>value<tr><td>2024-01<td>5<tr><td>2024-02<td>12",
        "<html><table><tr><th>date<th>value<tr><td>2024-01<td>5<tr><td>2024-02<td>12</html>",
    ],
)
def test_a_page_that_is_cut_within_a_table_is_rejected(page: str) -> None:
    assert "the page was cut off" in reasons(opened("format: html", page))
