"""Web addresses: asked conditionally, again after a passing failure, and never beyond one deadline for all of it.

Proxies and credentials that were set up for other programs are not used: a proxy would look names up itself, and no
address could be checked before it is reached.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from urllib3.exceptions import InvalidHeader, MaxRetryError
from urllib3.util.retry import Retry

from dashboard.domain.text import MASK
from dashboard.fetch.contract import Fetched, FetchError, Look
from dashboard.fetch.http.deadline import Deadline
from dashboard.fetch.http.exchange import Answer, FailedError, PassingError, ask

_PASSING = (429, 500, 502, 503, 504)
_IN_FULL = "Asked-In-Full"  # when the server last sent everything; not a header of the server's
_KEPT = ("ETag", "Last-Modified", "Content-Type")
_LONGEST_KEPT = 1000  # characters of a header
_NOT_CACHED = {"Cache-Control": "no-cache"}  # caches on the way may be wrong too
_PUBLISHER = "ask its publisher"
_WHAT_TO_DO = {
    204: "ask its publisher why there is nothing",
    206: "ask its publisher why it sends a part only",
    404: "correct url: in the YAML",
    410: "correct url: in the YAML",
}


def fetch_url(look: Look) -> tuple[Fetched, ...]:
    """What the address holds, unless the server says that it is as before."""
    assert look.source.url is not None
    url = look.source.place  # as messages and the journal have it
    if MASK in look.source.url:
        raise FetchError(
            f"{url}: its secret is not kept with the last good definitions; mend the catalogue, or name the secret in "
            "authorization:"
        )
    try:
        answer = _answer(look, url, _conditions(look, url), _credentials(look))
    except FailedError as error:
        raise FetchError(f"{url}: {error}") from error
    if answer is None:
        return ()
    return (Fetched(answer.body, url, url, {**_kept(answer), _IN_FULL: look.at.isoformat()}),)


def _kept(answer: Answer) -> dict[str, str]:
    """What the journal says of the answer; nothing overlong, and nothing that cannot be sent back."""
    headers = {name: " ".join(answer.headers.get(name, "").split()) for name in _KEPT}
    return {name: text for name, text in headers.items() if 0 < len(text) <= _LONGEST_KEPT and text.isprintable()}


def _conditions(look: Look, url: str) -> dict[str, str]:
    """Headers that let the server say "as before"; none once a day, since a server may be wrong about that."""
    before = look.before.get(url, {})
    names = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    conditions = {header: before[name] for header, name in names.items() if before.get(name)}
    if conditions and _IN_FULL in before:
        age = look.at - datetime.fromisoformat(before[_IN_FULL])
        if timedelta(0) <= age < look.limits.asked_in_full_after:  # below 0: the clock was moved back
            return conditions
    return {}


def _credentials(look: Look) -> str | None:
    """The Authorization header. Messages name the variable, never what is in it."""
    variable = look.source.authorization
    if variable is None:
        return None
    text = look.environment.get(variable, "").strip()
    if not text:
        raise FailedError(f"the environment variable {variable} that authorization: names is not set; set it")
    if not text.isascii() or not text.isprintable():
        raise FailedError(
            f"the environment variable {variable} holds what no header can hold; set it to one line of ASCII"
        )
    return text


def _answer(look: Look, url: str, conditions: dict[str, str], credentials: str | None) -> Answer | None:
    """The answer of 200, or None where nothing is new; asked again while that makes sense and there is time."""
    deadline = Deadline(look.limits.deadline)
    retry = Retry(total=look.limits.retries, backoff_factor=look.limits.backoff, status_forcelist=_PASSING)
    while True:
        try:
            answer = ask(look, conditions or _NOT_CACHED, credentials, deadline)
            if not retry.is_retry("GET", answer.status):
                return _accepted(look, answer, was_conditional=bool(conditions))
            failure = PassingError(f"{answer.where}answered {answer.status}", _retry_after(retry, answer))
        except PassingError as error:
            failure = error
        retry = _again(retry, url, failure, deadline, look.limits.deadline)


def _again(retry: Retry, url: str, failure: PassingError, deadline: Deadline, seconds: float) -> Retry:
    """Waits as long as the server or the backoff asks; FetchError where that is too long or was tried too often."""
    asked = failure.retry_after
    try:
        following = retry.increment("GET", url, error=failure)
    except MaxRetryError as error:
        tried = f"{failure} ({len(retry.history) + 1} times)"
        raise FetchError(f"{url}: {tried}; {_later(asked)}", retry_after=asked) from error
    wait = following.get_backoff_time() if asked is None else asked
    if wait >= deadline.left:
        late = f" and gave nothing whole within {seconds:g} s" if asked is None else ""
        raise FetchError(f"{url}: {failure}{late}; {_later(asked)}", retry_after=asked) from failure
    deadline.wait(wait)
    return following


def _later(retry_after: float | None) -> str:
    if retry_after:
        return f"it asks to be left alone for {retry_after:.0f} s and is tried again after that"
    return "it is tried again at the next refresh; if that goes on ask its publisher"


def _retry_after(retry: Retry, answer: Answer) -> float | None:
    text = answer.headers.get("Retry-After")
    try:
        return retry.parse_retry_after(text) if text else None
    except (InvalidHeader, ValueError, OverflowError):
        return None  # a server that cannot say when is asked when it suits us


def _accepted(look: Look, answer: Answer, *, was_conditional: bool) -> Answer | None:
    status = answer.status
    if status == 200:
        return answer
    if status == 304 and was_conditional:
        return None
    if status == 304:
        raise FailedError(f"{answer.where}answered 304, not modified, although all of it was asked for; {_PUBLISHER}")
    if status in (401, 403):
        variable = look.source.authorization
        mend = f"check what {variable} holds" if variable else "name an environment variable in authorization:"
        raise FailedError(f"{answer.where}answered {status}: it wants credentials, or others; {mend}")
    raise FailedError(f"{answer.where}answered {status} where only 200 will do; {_WHAT_TO_DO.get(status, _PUBLISHER)}")
