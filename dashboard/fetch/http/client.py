"""Fetches a web address: conditionally, with retries after passing failures, and within one deadline for all of it.

Proxies and credentials that were set up for other programs are not used: a proxy would look names up itself, and no
address could be checked before it is reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from urllib3.exceptions import InvalidHeader, MaxRetryError
from urllib3.util.retry import Retry

from dashboard.domain.text import MASK, listed
from dashboard.fetch.contract import AbsentError, FetchedFile, FetchError, Look
from dashboard.fetch.http.deadline import Deadline
from dashboard.fetch.http.exchange import Answer, FailedError, PassingError, Question, ask
from dashboard.large_bytes import Bytes, pieces_of

_PASSING = (429, 500, 502, 503, 504)
IN_FULL = "Asked-In-Full"  # when the server last sent the whole file; not a header of the server's
_RECORDED = ("ETag", "Last-Modified", "Content-Type")
_SHORTEST_SECRET = 8  # characters; shorter ones stand in figures by chance
_LONGEST_RECORDED = 1000  # characters of a header
_NOT_CACHED = {"Cache-Control": "no-cache"}  # caches on the way may be wrong too
_PUBLISHER = "ask its publisher"
_WHAT_TO_DO = {
    204: "ask its publisher why there is nothing",
    206: "ask its publisher why it sends a part only",
    404: "correct url: in the YAML",
    410: "correct url: in the YAML",
}


class _NothingThereError(FailedError):
    """Nothing is at an address."""


@dataclass(frozen=True)
class Request:
    """The file to fetch. `name` is the address without secrets, for messages and the journal; `credentials`
    are headers with the environment variables that hold them; `private_hosts` may be reached on this machine or
    network.
    """

    url: str
    name: str
    credentials: Mapping[str, str] = field(default_factory=dict)
    private_hosts: tuple[str, ...] = ()


def fetch_url(request: Request, look: Look) -> tuple[FetchedFile, ...]:
    """The file at the address; nothing where the server says that it is unchanged. Raises FetchError."""
    name = request.name
    answer = _fetch(request, look, _conditions(look, name))
    if answer is None:
        return ()
    headers = {**_recorded_headers(answer), IN_FULL: look.at.isoformat()}
    return (FetchedFile(answer.body, name, name, headers),)


def fetch_in_full(request: Request, look: Look) -> Answer:
    """The answer, past caches. Raises FetchError."""
    answer = _fetch(request, look, {})
    assert answer is not None  # "not modified" answers conditions only
    return answer


def _fetch(request: Request, look: Look, conditions: dict[str, str]) -> Answer | None:
    if MASK in request.url:
        raise FetchError(
            f"{request.name}: its secret is not kept with the last good definitions; mend the catalogue, or name the "
            "secret in authorization:"
        )
    try:
        credentials = _credentials(request, look)
        answer = _answer(request, look, conditions, credentials)
        if answer is not None:
            _check_for_secrets(answer, request, credentials)
        return answer
    except _NothingThereError as error:
        raise AbsentError(f"{request.name}: {error}") from error
    except FailedError as error:
        raise FetchError(f"{request.name}: {error}") from error


def _recorded_headers(answer: Answer) -> dict[str, str]:
    """The headers for the journal, without those that are overlong or cannot be sent back."""
    headers = {name: " ".join(answer.headers.get(name, "").split()) for name in _RECORDED}
    return {name: text for name, text in headers.items() if 0 < len(text) <= _LONGEST_RECORDED and text.isprintable()}


def _conditions(look: Look, name: str) -> dict[str, str]:
    """Headers that let the server answer "not modified". Once a day there are none, since a server may be wrong."""
    marks = look.marks.get(name, {})
    sources = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    conditions = {header: marks[source] for header, source in sources.items() if marks.get(source)}
    if conditions and IN_FULL in marks:
        age = look.at - datetime.fromisoformat(marks[IN_FULL])
        if timedelta(0) <= age < look.limits.revalidation_period:  # below 0: the clock was moved back
            return conditions
    return {}


def _credentials(request: Request, look: Look) -> dict[str, str]:
    """The headers that environment variables hold."""
    return {name: _secret(name, variable, look.environment) for name, variable in request.credentials.items()}


def _secret(header: str, variable: str, environment: Mapping[str, str]) -> str:
    """The text of a header. Messages name the variable, never its value."""
    text = environment.get(variable, "").strip()
    if not text:
        key = "authorization:" if header == "Authorization" else "headers:"
        raise FailedError(f"the environment variable {variable} that {key} names is not set; set it")
    if not text.isascii() or not text.isprintable():
        raise FailedError(
            f"the environment variable {variable} holds what no header can hold; set it to one line of ASCII"
        )
    return text


def _check_for_secrets(answer: Answer, request: Request, credentials: Mapping[str, str]) -> None:
    """Refuses an answer that repeats a secret, as some servers do in their errors: it would be archived and quoted."""
    for name, text in credentials.items():
        secret = text.split()[-1]  # without the word Bearer
        if len(secret) >= _SHORTEST_SECRET and _holds(answer.body, secret.encode()):
            raise FailedError(
                f"{answer.where}repeats in its answer what {request.credentials[name]} holds, which would be kept; "
                "check that variable, or ask its publisher for answers without it"
            )


def _holds(data: Bytes, text: bytes) -> bool:
    if isinstance(data, bytes):
        return text in data
    end = b""  # of the pieces before, in case the text stands in two
    for piece in pieces_of(data.stream()):
        if text in end + piece:
            return True
        end = (end + piece)[-len(text) :]
    return False


def _answer(request: Request, look: Look, conditions: dict[str, str], credentials: dict[str, str]) -> Answer | None:
    """The answer of status 200; None for "not modified". Temporary failures are retried until the deadline."""
    limits = look.limits
    deadline = Deadline(limits.deadline)
    retry = Retry(total=limits.retries, backoff_factor=limits.backoff, status_forcelist=_PASSING)
    question = Question(request.url, request.private_hosts, conditions or _NOT_CACHED, credentials)
    while True:
        try:
            answer = ask(question, deadline, limits)
            if not retry.is_retry("GET", answer.status):
                return _accepted(request, answer, was_conditional=bool(conditions))
            failure = PassingError(f"{answer.where}answered {answer.status}", _retry_after(retry, answer))
        except PassingError as error:
            failure = error
        retry = _wait_for_retry(retry, request.name, failure, deadline, limits.deadline)


def _wait_for_retry(retry: Retry, name: str, failure: PassingError, deadline: Deadline, seconds: float) -> Retry:
    """Waits as long as the server or the backoff demands. FetchError after too many tries or for too long a wait."""
    demanded = failure.retry_after
    try:
        next_retry = retry.increment("GET", name, error=failure)
    except MaxRetryError as error:
        message = f"{failure} ({len(retry.history) + 1} times)"
        raise FetchError(f"{name}: {message}; {_next_try(demanded)}", retry_after=demanded) from error
    wait = next_retry.get_backoff_time() if demanded is None else demanded
    if wait >= deadline.seconds_left:
        late = f" and gave nothing whole within {seconds:g} s" if demanded is None else ""
        raise FetchError(f"{name}: {failure}{late}; {_next_try(demanded)}", retry_after=demanded) from failure
    deadline.wait(wait)
    return next_retry


def _next_try(retry_after: float | None) -> str:
    if retry_after:
        return f"it asks to be left alone for {retry_after:.0f} s and is tried again after that"
    return "it is tried again at the next refresh; if that goes on ask its publisher"


def _retry_after(retry: Retry, answer: Answer) -> float | None:
    text = answer.headers.get("Retry-After")
    try:
        return retry.parse_retry_after(text) if text else None
    except (InvalidHeader, ValueError, OverflowError):
        return None  # an unreadable demand is ignored


def _accepted(request: Request, answer: Answer, *, was_conditional: bool) -> Answer | None:
    status = answer.status
    if status == 200:
        return answer
    if status == 304 and was_conditional:
        return None
    if status == 304:
        raise FailedError(f"{answer.where}answered 304, not modified, although all of it was asked for; {_PUBLISHER}")
    if status in (401, 403):
        variables = listed([*request.credentials.values()])
        mend = f"check what {variables} holds" if variables else "name an environment variable in authorization:"
        raise FailedError(f"{answer.where}answered {status}: it wants credentials, or others; {mend}")
    kind = _NothingThereError if status in (404, 410) else FailedError
    raise kind(f"{answer.where}answered {status} where only 200 will do; {_WHAT_TO_DO.get(status, _PUBLISHER)}")
