"""Fields of the catalogue: texts with a required form (durations, days, addresses, zones), and keys not written."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from dashboard.domain.dates.business_days import parse_age, parse_holiday
from dashboard.domain.dates.date_forms import date_form
from dashboard.domain.dates.periods import Anchor, Duration, parse_day
from dashboard.domain.errors import truncated
from dashboard.domain.schedule import Cron
from dashboard.domain.text.masking import masked

WEB_ADDRESS = re.compile(r"(?i:https?)://[^\s<>\"'`]+")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
# Python codecs for escapes and host names; no CSV file uses them
_ESCAPES = {"charmap", "idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"}
_CRON_FIELDS = (
    ("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7),
)  # fmt: skip
_PATH = re.compile(r"([^.\[\]]+|\[\d{0,9}\])(\.[^.\[\]]+|\[\d{0,9}\])*")
_CELL_RANGE = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}:[A-Z]{1,3}([1-9]\d{0,6})?")


def _validated_by(parse: Callable[[str], object]) -> AfterValidator:
    """A validator that keeps the text unchanged if `parse` accepts it; the ValueError of `parse` is the message."""

    def checked(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(checked)


def _web_address(text: str) -> None:
    if text and not WEB_ADDRESS.fullmatch(text):
        raise ValueError(f'"{truncated(masked(text))}" is not a web address{_why_not(text)}')


def _why_not(text: str) -> str:
    if not re.match("(?i:https?):", text):
        return "; it begins with https:// or http://"
    if not re.match("(?i:https?)://", text):
        return "; write two strokes behind its colon, https://"
    if match := re.search(r"\s", text):
        return f"; it holds a blank, U+{ord(match[0]):04X}; write %20, or take it out"
    if match := re.search("[<>\"'`]", text):
        return f"; {match[0]} cannot stand in one; write %{ord(match[0]):02X}"
    return ""


def _url(text: str) -> None:
    _web_address(text)
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError(f'"{truncated(masked(text))}" is not a web address; correct its host or port') from None
    if not has_host:
        raise ValueError(f'"{truncated(masked(text))}" is not a web address; it names no host')
    if "@" in parts.netloc:
        raise ValueError("no user names or passwords in an address; name an environment variable in authorization:")


def _variable(text: str) -> None:
    if not _VARIABLE.fullmatch(text):
        raise ValueError("not the name of an environment variable like WATCHFLOOR_TOKEN; the secret itself stays out")


def _cron(text: str) -> None:
    """Validate like `Cron.parse`, and name the faulty field."""
    try:
        Cron.parse(truncated(text, 1_000))  # five fields need no more, and parsing a long one is slow
    except ValueError as error:
        fields = text.split()
        if len(text) > 1_000 or len(fields) != len(_CRON_FIELDS):
            many = f"{len(fields)} fields" if len(fields) != 1 else "1 field"
            raise ValueError(f'"{truncated(text)}" has {many}, a cron expression has 5: "15 6 * * *"') from error
        if fields[2] != "*" and fields[4] != "*":
            raise
        for index, (field, (name, least, most)) in enumerate(zip(fields, _CRON_FIELDS, strict=True)):
            if not _is_cron(" ".join("*" if place != index else field for place in range(5))):
                raise ValueError(
                    f'"{truncated(text)}": "{truncated(field)}" is no {name}, {least} to {most}'
                ) from error
        raise ValueError(f'"{truncated(text)}" never comes, or is no cron expression like "15 6 * * *"') from error


def _is_cron(text: str) -> bool:
    try:
        Cron.parse(text)
    except ValueError:
        return False
    return True


def _zone(text: str) -> None:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{text}" is not a time zone like UTC or Europe/Berlin') from error


def _encoding(text: str) -> str:
    """The canonical name of an encoding: UTF8, utf_8 and utf-8-sig are utf-8."""
    try:
        "".encode(text)  # rejects codecs that do not encode text
        name = codecs.lookup(text).name
    except (LookupError, ValueError):
        name = ""
    if not name or name in _ESCAPES:
        advice = "write the one that its publisher names, or utf-8"
        raise ValueError(f'"{text[:60]}" is not how files are encoded, like utf-8, cp949 or utf-16; {advice}')
    return name.removesuffix("-sig")


def _regex(text: str) -> None:
    try:
        re.compile(text.encode())
    except re.error as error:
        raise ValueError(f'"{truncated(text)}" is no regular expression like "^Source": {error}') from error


def _wide(text: str) -> None:
    if text in ("years", "fiscal_years", "halves", "quarters", "months", "weeks", "days"):
        return
    try:
        has_year = bool(re.search("%[YyG]", text))
        is_period = not date_form(text if has_year else f"{text} %Y").has_time
    except ValueError:
        is_period = False
    if not is_period:
        expected = "years, halves, quarters, months, weeks, days or a form like"
        raise ValueError(f'"{truncated(text)}" is not {expected} "%b %Y" or "%Y [YR%Y]"')


def _path(text: str) -> None:
    if text and not _PATH.fullmatch(text):
        raise ValueError(f'"{truncated(text)}" is no path like data[], features[].attributes or [1][]')


def _cell_range(text: str) -> None:
    if text and not _CELL_RANGE.fullmatch(text):
        raise ValueError(f'"{truncated(text)}" is no range like "B4:F90", or "B4:F" for all rows from the fourth on')


DurationText = Annotated[str, _validated_by(Duration.parse)]
AgeText = Annotated[str, _validated_by(parse_age)]
HolidayText = Annotated[str, _validated_by(parse_holiday)]
DayText = Annotated[str, _validated_by(parse_day)]
AnchorText = Annotated[str, _validated_by(Anchor.parse)]
CronText = Annotated[str, _validated_by(_cron)]
WebAddress = Annotated[str, _validated_by(_web_address)]
UrlText = Annotated[str, _validated_by(_url)]
VariableText = Annotated[str, _validated_by(_variable)]
ZoneText = Annotated[str, _validated_by(_zone)]
EncodingText = Annotated[str, AfterValidator(_encoding)]
DatesText = Annotated[str, _validated_by(date_form)]
RegexText = Annotated[str, _validated_by(_regex)]
PathText = Annotated[str, _validated_by(_path)]
CellRangeText = Annotated[str, _validated_by(_cell_range)]
WideText = Annotated[str, _validated_by(_wide)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def is_unwritten(value: Any) -> bool:
    """Whether a key has its default.

    A key that came after the first version is a part of a definition only where it is written, so that a new version of
    this program changes no definition.
    """
    return value in (None, 0, "", "refuse", "csv", [], {})
