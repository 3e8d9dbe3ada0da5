"""`url: https://example.org/x.csv`: one file behind a web address, by default fetched every hour."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dashboard.domain import UrlText, VariableText
from dashboard.domain.text import masked, secrets_in
from dashboard.fetch.contract import FetchedFile, Look
from dashboard.fetch.source_kind import SourceKind


class Url(SourceKind):
    """A web address, http or https."""

    key: ClassVar[str] = "url"
    label: ClassVar[str] = "Address"
    is_remote: ClassVar[bool] = True
    default_schedule: ClassVar[str | None] = "0 * * * *"
    default_rhythm: ClassVar[str] = "hourly"

    url: UrlText = Field(description="The web address of a CSV file, http or https.")
    authorization: VariableText | None = Field(
        default=None,
        description="With `url`: the name of the environment variable that holds the Authorization header. Never the "
        "secret itself.",
    )
    allow_private: list[str] = Field(
        default_factory=list,
        description="With `url`: names of hosts that may be reached although they are of this machine or a private "
        "network.",
    )

    @property
    def name(self) -> str:
        return masked(self.url)

    @property
    def exposed_secrets(self) -> list[str]:
        return secrets_in(self.url)

    @property
    def sends_credentials_in_clear(self) -> bool:
        return bool(self.authorization) and self.url.lower().startswith("http:")

    def fetch(self, look: Look) -> tuple[FetchedFile, ...]:
        # imported here: urllib3 takes 20 ms, and most commands fetch nothing
        from dashboard.fetch.http.client import Request, fetch_url

        return fetch_url(Request(self.url, self.name, self.authorization, tuple(self.allow_private)), look)
