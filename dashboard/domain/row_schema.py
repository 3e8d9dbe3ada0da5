"""The columns that a CSV file may have, each in a line; the reader and the reference both read them here."""

from __future__ import annotations

COLUMNS = {
    "date": "The day, or the whole month or year: 2024-03-07, 2024-03, 2024.",
    "period_start": "In place of `date`: the first day of any other span, or of a running total.",
    "period_end": "With `period_start`: the last day of the span.",
    "value": "The figure, a plain number like 1234.5; blank where only a range or a bound was given.",
    "low": "The low end; alone beside an equal value it means “or more”. Blank counts as the value.",
    "high": "The high end; alone it means “at most”. Blank counts as the value where low is blank too.",
    "unit": "The indicator's, and blank is taken as that. Or one that the source has a factor for: then none may be "
    "blank. Events may count in a unit of their own.",
    "subject": "What it is about, where that tells two rows of one day apart: a ship, an office.",
    "status": "reported (the default), estimated, provisional (never judged), withdrawn, or missing (no figure).",
    "published_at": "When its source published it: a day, or a month or year, which count as their end.",
    "received_at": "When it came to us; used where nothing is known of its publication.",
    "citation": "The web address where it can be read.",
    "document": "The claim in seeds/ that says it, like 002.11.a.",
    "note": "Who said it, via whom, qualifiers; for status missing the reason, which is required.",
}
