"""The vocabulary that every room shares; it imports no other room."""

from dashboard.domain.axes import DataState, PassedBy, Severity, State, rank
from dashboard.domain.claim import ClaimedFigure, DatedEvents, Headline, Support
from dashboard.domain.errors import (
    MOST_OF_A_KIND,
    AsOfError,
    CatalogError,
    Problem,
    UnknownIndicatorError,
    UnknownSourceError,
    WatchfloorError,
    first_of_each_kind,
    system_message,
    truncated,
    with_advice,
    with_short_quotations,
)
from dashboard.domain.field_types import (
    WEB_ADDRESS,
    AgeText,
    AnchorText,
    CellRangeText,
    CronText,
    DatesText,
    DayText,
    DurationText,
    EncodingText,
    HolidayText,
    PathText,
    Positive,
    RegexText,
    UrlText,
    VariableText,
    WebAddress,
    WideText,
    ZoneText,
    is_unwritten,
)
from dashboard.domain.figure import Figure, figure_in_full
from dashboard.domain.row_schema import (
    BOOKKEEPING,
    COLUMNS,
    DTYPES,
    MEASURES,
    ROW_KEY,
    ROW_SCHEMA,
    STATUSES,
    TEXTS,
    THING,
)
from dashboard.domain.schedule import RETRY_AFTER, is_due, is_overdue, next_due
from dashboard.domain.series import Series, joined
from dashboard.domain.verdict import (
    UNITS_IN_WORDS,
    Board,
    Episode,
    LatestFigure,
    Loss,
    PastBreach,
    RowCounts,
    Verdict,
    Withdrawal,
)
