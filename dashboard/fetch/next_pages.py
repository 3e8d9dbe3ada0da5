"""`next:` of a web address: how a feed that sends its records in pages is asked for the next page."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from dashboard.domain import PathText


class NextPages(BaseModel):
    """How the next page is asked for: exactly one of offset, page, cursor and address."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    offset: str = Field(default="", description="The parameter that says how many records to leave out: resultOffset.")
    page: str = Field(default="", description="The parameter that numbers the pages.")
    first: int = Field(default=1, ge=0, description="With `page`: the number of the first page.")
    cursor: PathText = Field(default="", description="Where a page says what to send for the next one: meta.cursor.")
    parameter: str = Field(default="", description="With `cursor`: the parameter that takes it.")
    address: PathText = Field(default="", description="Where a page holds the address of the next one: links.next.")
    until: PathText = Field(
        default="",
        description="With `offset` and `page`: where a page says that more follow, which must agree: "
        "exceededTransferLimit.",
    )
    total: PathText = Field(default="", description="Where each page says how many records all pages hold.")

    @classmethod
    def yaml_keys(cls) -> list[str]:
        return list(cls.model_fields)

    @property
    def parameter_name(self) -> str:
        """The parameter of the request that differs from page to page; "" with `address`."""
        return self.offset or self.page or self.parameter

    def problems(self) -> Iterator[str]:
        keys = [key for key in ("offset", "page", "cursor", "address") if getattr(self, key)]
        if len(keys) != 1:
            yield "give one of offset, page, cursor and address"
        elif bool(self.parameter) != bool(self.cursor):
            yield "cursor: and parameter: go together"
        elif self.until and not (self.offset or self.page):
            yield "until: only with offset: or page:"
