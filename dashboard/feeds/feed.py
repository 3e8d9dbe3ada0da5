"""A feed: what an officer must know of it, and the YAML of its source with an example of an indicator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import wrap

from pydantic import BaseModel, ConfigDict, Field

from dashboard.catalog import read_yaml
from dashboard.domain import WebAddress

_FOLDER = Path(__file__).parent
_WIDTH = 116  # characters of a line of comment
_ITS_YAML = "sources:\n"  # where the text to paste begins


class Card(BaseModel):
    """What is known of a feed and of its publisher."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    title: str = Field(description="What it holds.")
    publisher: str
    address: WebAddress = Field(description="Where a person finds it.")
    licence: str
    cadence: str = Field(description="How often it is published.")
    lag: str = Field(description="How long after the period that it is about.")
    limitations: str = Field(description="What an officer must know before trusting it.")
    cannot_show: str = Field(description="What nobody may conclude from it.")
    layout: str = Field(description="How far its layout is known, and from where.")


class _File(BaseModel):
    """The part of a feed's file that is not pasted."""

    feed: Card


@dataclass(frozen=True)
class Feed:
    """name: of its file; text: the YAML to paste, `sources:` and below it `indicators:`."""

    name: str
    card: Card
    text: str

    @property
    def commented(self) -> str:
        """The YAML to paste, below its card as comments."""
        return "\n".join([*self._comments(), "", self.text])

    def _comments(self) -> Iterator[str]:
        for key, words in self.card.model_dump().items():
            label = "" if key == "title" else f"{key.replace('_', ' ').capitalize()}: "
            yield from wrap(label + words, _WIDTH, initial_indent="# ", subsequent_indent="#   ")


@cache
def load_feeds() -> dict[str, Feed]:
    """All feeds by name."""
    return {path.stem: _feed(path) for path in sorted(_FOLDER.glob("*.yaml"))}


def _feed(path: Path) -> Feed:
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(_ITS_YAML)
    return Feed(path.stem, _File.model_validate(read_yaml(head, path.name).value).feed, _ITS_YAML + rest)
