"""Asks for the files of dated addresses: the newest at each look, older ones seldom, absent ones without an alarm at
first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dashboard.fetch.contract import AbsentError, FetchedFile, FetchError, FileRemark, Look, RefusedFile
from dashboard.fetch.dated_addresses import DatedAddress
from dashboard.fetch.http.client import IN_FULL
from dashboard.fetch.http.deadline import Deadline

ABSENT = "Answered-404"  # that nothing was at an address when it was last asked; not a header of the server's
_NEWEST = 2  # periods that are asked for at each look: the one that holds today, and the one before it
_FOLLOWING = 3  # periods after the newest file received, which are asked for at each look
_MOST_FAILURES = 3  # in a row, after which the server is left alone
_MOST_NAMED = 5
_AT_ONCE = 1.0  # seconds before the rest is asked for
_LATER = 3600.0  # before all is asked for again, while the files must come together

FetchAddress = Callable[[str, str, Look], tuple[FetchedFile, ...]]


def fetch_dated(
    place: str, addresses: Sequence[DatedAddress], fetch: FetchAddress, look: Look, *, allows_gaps: bool
) -> tuple[FetchedFile | FileRemark, ...]:
    """What is new at the addresses, oldest first, and remarks about absent ones. Raises FetchError with all of it where
    an address failed, is absent although it should be there, or has to wait for the next look."""
    if not addresses:
        raise FetchError(f"{place}: url_since: lies in the future; correct it")
    answers = _ask(_chosen(addresses, look), fetch, look)
    refused, remarks = _judge_absent(addresses, answers, look)
    refused += [
        RefusedFile(place, f"{place}: {message}")
        for message in _problems(addresses, answers, look, allows_gaps=allows_gaps)
    ]
    files = [file for address in addresses for file in answers.files.get(address.name, ())]
    if not refused:
        return (*files, *remarks)
    summary = " | ".join(file.message for file in refused[:_MOST_NAMED])
    if look.is_all_or_nothing:
        message = f"{summary}; nothing is taken from {place} before all its addresses bring their files together"
        raise FetchError(message, retry_after=_LATER)
    wait = answers.retry_after or (_AT_ONCE if answers.waiting and not answers.is_failing else None)
    raise FetchError(summary, retry_after=wait, fetched=tuple(files), refused=tuple(refused), remarks=tuple(remarks))


@dataclass
class _Answers:
    """What the addresses that were asked answered, by name. `waiting`: the number of those left to the next look."""

    files: dict[str, tuple[FetchedFile, ...]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    failed: dict[str, FetchError] = field(default_factory=dict)
    waiting: int = 0
    retry_after: float | None = None
    is_failing: bool = False  # whether the server was left alone after failures


def _chosen(addresses: Sequence[DatedAddress], look: Look) -> list[DatedAddress]:
    """The addresses to ask: those never asked, newest first, then all that are recent or failing, and some older ones
    whose turn it is."""
    received = [number for number, address in enumerate(addresses) if address.name in look.received]
    following = received[-1] + 1 if received else 0
    recent = {*range(len(addresses))[-_NEWEST:], *received[-_NEWEST:], *range(following, following + _FOLLOWING)}
    urgent, older = [], []
    for number, address in enumerate(addresses):
        last_request = _last_request_in(look.marks.get(address.name, {}))
        if number in recent or address.name in look.failing or last_request is None or last_request > look.at:
            urgent.append(address)
        elif look.at - last_request >= look.limits.recheck_period:
            older.append((last_request, address))
    older.sort(key=lambda pair: pair[0])
    urgent.sort(key=lambda address: (address.name not in look.marks, address.begin), reverse=True)
    return [*urgent, *(address for _, address in older[: look.limits.older_addresses])]


def _last_request_in(marks: Mapping[str, str]) -> datetime | None:
    try:
        return datetime.fromisoformat(marks[IN_FULL])
    except (KeyError, ValueError):
        return None


def _ask(chosen: Sequence[DatedAddress], fetch: FetchAddress, look: Look) -> _Answers:
    limits, answers = look.limits, _Answers()
    deadline, size, failures_in_a_row = Deadline(limits.paged_deadline), 0, 0
    most = len(chosen) if look.is_all_or_nothing else limits.addresses
    most_bytes = limits.most_in_memory if look.is_all_or_nothing else limits.together
    for number, address in enumerate(chosen):
        answers.is_failing = failures_in_a_row >= _MOST_FAILURES or answers.retry_after is not None
        if answers.is_failing or number >= most or size >= most_bytes or deadline.has_passed:
            answers.waiting = len(chosen) - number
            break
        own = replace(look, limits=replace(limits, paged_deadline=max(1.0, deadline.seconds_left)))
        if address.name in look.failing or ABSENT in look.marks.get(address.name, {}):
            own = replace(own, marks={})  # asked for in full: "not modified" would say nothing of what failed
        try:
            files = answers.files[address.name] = fetch(address.url, address.name, own)
        except AbsentError:
            answers.absent.add(address.name)
        except FetchError as error:
            answers.failed[address.name], answers.retry_after = error, error.retry_after
            failures_in_a_row += 1
            continue
        else:
            size += sum(len(file.data) for file in files)
        failures_in_a_row = 0
    return answers


def _judge_absent(
    addresses: Sequence[DatedAddress], answers: _Answers, look: Look
) -> tuple[list[RefusedFile], list[FileRemark]]:
    """The files that could not be had, and the remarks about those that are not there."""
    refused = [RefusedFile(name, str(error)) for name, error in answers.failed.items()]
    remarks = []
    there = [address.name for address in addresses if address.name in look.received or address.name in answers.files]
    for address in addresses:
        name = address.name
        if name not in answers.absent:
            continue
        if name in look.rejected:
            mend = f"write url_gaps: [{address.begin}] if nothing of it is to count"
            refused.append(RefusedFile(name, f"{name}: answered 404, and what it held before was refused; {mend}"))
        elif name in look.received and name == there[-1]:
            mend = "its rows stay; correct url:, or ask its publisher"
            refused.append(RefusedFile(name, f"{name}: answered 404, and is the newest file received; {mend}"))
        elif name in look.received:
            remarks.append(_remark(name, "answered 404, no longer there; its rows stay", look))
        else:
            is_new = address in addresses[-_NEWEST:]
            remarks.append(_remark(name, "answered 404, not yet published" if is_new else "answered 404", look))
    return refused, remarks


def _remark(name: str, message: str, look: Look) -> FileRemark:
    """The same headers for a day, so that the journal gets a line a day."""
    marks = look.marks.get(name, {})
    last_request = _last_request_in(marks)
    is_known = (
        ABSENT in marks
        and last_request is not None
        and timedelta(0) <= look.at - last_request < look.limits.revalidation_period
    )
    return FileRemark(name, message, marks if is_known else {ABSENT: "1", IN_FULL: look.at.isoformat()})


def _problems(addresses: Sequence[DatedAddress], answers: _Answers, look: Look, *, allows_gaps: bool) -> Iterator[str]:
    """What is wrong with the addresses together."""
    there = {name for name in (address.name for address in addresses) if name in look.received or name in answers.files}
    absent = [
        address
        for address in addresses
        if address.name not in there | {*answers.failed}
        and (address.name in answers.absent or ABSENT in look.marks.get(address.name, {}))
    ]
    gaps = [] if allows_gaps else [address for address in absent if address not in addresses[-_NEWEST:]]
    if len(absent) == len(addresses):
        yield f"{_named(absent)} answered 404; correct url:, or write an earlier day in url_since:"
    elif gaps:
        yield f"{_named(gaps)} answered 404, and no file of it was ever received; {_advice(addresses, gaps, there)}"
    if answers.waiting:
        yield f"{answers.waiting} more addresses wait; the next refresh asks for them"


def _named(addresses: Sequence[DatedAddress]) -> str:
    more = len(addresses) - 1
    return addresses[0].name + (f" and {more} more" if more else "")


def _advice(addresses: Sequence[DatedAddress], gaps: Sequence[DatedAddress], there: set[str]) -> str:
    first = next((address for address in addresses if address.name in there), None)
    if first and gaps[-1].begin < first.begin:
        return f"correct url:, or write url_since: {first.begin} if that was the first"
    days = ", ".join(f"{gap.begin}" for gap in gaps) if len(gaps) <= _MOST_NAMED else ""
    return f"if none was published write url_gaps: {f'[{days}]' if days else 'any'}"
