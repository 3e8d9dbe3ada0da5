"""Requests of commands to the refresher that goes on, a file each, and the answers that the commands wait for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import uuid4

from dashboard.atomic_files import PART, private_folder, write_atomic
from dashboard.refresh.requests.refresh_requests import FOLDER

Request = TypeVar("Request")

_REQUEST, _ANSWER = ".asked.json", ".answer.json"


@dataclass(frozen=True)
class Answer:
    """What became of a request, in lines for the person who sent it, and whether all of it was done."""

    lines: tuple[str, ...]
    is_done: bool


class Mailbox(Generic[Request]):
    """The requests of one kind, which are dataclasses; `parse` makes one of its fields as JSON has them."""

    def __init__(self, state: Path, kind: str, parse: Callable[[Mapping[str, Any]], Request]) -> None:
        self._state, self._folder, self._parse = state, state / FOLDER / kind, parse

    def send(self, request: Request) -> str:
        """Leave a request; returns the name under which it is answered."""
        private_folder(private_folder(self._state) / FOLDER)
        private_folder(self._folder)
        name = uuid4().hex
        write_atomic(self._folder / f"{name}{_REQUEST}", json.dumps(asdict(request)).encode())  # type: ignore[call-overload]
        return name

    def withdraw(self, name: str) -> bool:
        """Take a request back; False where a refresher has taken it already."""
        try:
            (self._folder / f"{name}{_REQUEST}").unlink()
        except FileNotFoundError:
            return False
        return True

    def take_requests(self) -> Iterator[tuple[str, Request]]:
        """The requests with their names; each file is deleted before its request is served, a damaged one as well."""
        for path in sorted(self._folder.glob(f"*{_REQUEST}")):
            request = None
            with suppress(OSError, ValueError, TypeError, KeyError):
                request = self._parse(json.loads(path.read_bytes()))
            path.unlink(missing_ok=True)
            if request is not None:
                yield path.name.removesuffix(_REQUEST), request

    def answer(self, name: str, answer: Answer) -> None:
        write_atomic(self._folder / f"{name}{_ANSWER}", json.dumps(asdict(answer)).encode())

    def take_answer(self, name: str) -> Answer | None:
        """The answer to a request, which is deleted; None while there is none."""
        path = self._folder / f"{name}{_ANSWER}"
        try:
            fields = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        path.unlink(missing_ok=True)
        return Answer(tuple(fields["lines"]), bool(fields["is_done"]))


def sweep_mailboxes(state: Path) -> None:
    """Delete answers for which no command waits any more, and unfinished files; only under the refresher's lock."""
    for pattern in (f"*/*{_ANSWER}", f"*/*{PART}"):
        for path in (state / FOLDER).glob(pattern):
            with suppress(FileNotFoundError):
                path.unlink()
