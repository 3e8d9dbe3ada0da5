"""The interface of a source kind: one way of delivery, with its own YAML keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from dashboard.fetch.contract import FetchedFile, FileRemark, Look


class SourceKind(BaseModel, ABC):
    """The origin of one source: where its deliveries come from, and how they are fetched.

    The fields of a kind are YAML keys of a source; `key` is the one that a source of this kind must have, and it names
    the place. A kind owns all that is special to it. Nothing outside its own file asks which kind a source is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    key: ClassVar[str]
    label: ClassVar[str]  # stands before the place on the page Sources
    is_remote: ClassVar[bool] = False  # fetched over the network in the background; `key` may hold secrets
    is_read_in_place: ClassVar[bool] = False  # a file that the pages also read themselves, without a refresher
    default_schedule: ClassVar[str | None] = None  # a cron expression; None: every look of the refresher
    default_rhythm: ClassVar[str] = "at every look"  # `default_schedule` in words

    @property
    def name(self) -> str:
        """The path or address as the catalogue writes it, without secrets. Messages and deliveries use this name."""
        return str(getattr(self, self.key))

    @classmethod
    def is_whole(cls, location: str) -> bool:
        """Whether each delivery from a recorded location of this kind replaces all rows of the source, and not those of
        one file among several."""
        del location
        return True

    @property
    def is_whole_delivery(self) -> bool:
        """The same of the location that this source has now."""
        return self.is_whole(self.location)

    @property
    def longest_fetch(self) -> float:
        """The seconds after which a fetch is given up that ought to have ended itself; 0 for the usual ones."""
        return 0

    @property
    def depends_on_day(self) -> bool:
        """Whether what is fetched depends on the day in the source's time zone."""
        return False

    @property
    def description(self) -> str:
        """The name, with whatever else tells this place from another."""
        return self.name

    @property
    def location(self) -> str:
        """The place as the journal records it. A source whose location changes has moved."""
        return f"{self.key} {self.description}"

    def delivery_name(self, file: str) -> str:
        """The name in the journal of a delivery that is a file of this name."""
        del file
        return self.name

    def delivers(self, delivery: str) -> bool:
        """Whether a delivery of this name comes from here."""
        return delivery == self.name

    def problems(self) -> Iterator[tuple[str, str]]:
        """Values that fit their type and cannot be used: (YAML key, message)."""
        yield from ()

    @property
    def exposed_secrets(self) -> list[str]:
        """The names of values that look like secrets, which must not stand in the YAML."""
        return []

    @property
    def sends_credentials_in_clear(self) -> bool:
        """Whether anybody on the network can read the credentials of a fetch."""
        return False

    @abstractmethod
    def fetch(self, look: Look) -> tuple[FetchedFile | FileRemark, ...]:
        """The files that may have changed since the marks of the look; the caller compares their bytes.

        Returns nothing where nothing is new. Raises FetchError.
        """
