"""`file: data/x.csv`: one file below the catalogue's folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from dashboard.fetch.contract import FetchedFile, Look
from dashboard.fetch.local_file import age, is_unchanged, marks_of, path_problem, read_whole, real_path, status_of
from dashboard.fetch.source_kind import SourceKind


class File(SourceKind):
    """A CSV file that the refresher reads whenever it changed, and that the pages can read without a refresher."""

    key: ClassVar[str] = "file"
    label: ClassVar[str] = "File"
    is_read_in_place: ClassVar[bool] = True
    default_rhythm: ClassVar[str] = "all the time, by its time of change and size"

    file: str = Field(
        description="The CSV file, relative to the catalogue's folder. One of file, folder and url.",
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        if problem := path_problem(self.file):
            yield "file", problem

    def fetch(self, look: Look) -> tuple[FetchedFile, ...]:
        """The file, where it changed. A file that changed just now is read, and read again at the next look."""
        if is_unchanged(look.marks.get(self.file), status_of(look, self.file)):
            return ()
        path = real_path(look, self.file)
        data, status = read_whole(path, self.file, look.limits.max_bytes)
        marks = marks_of(status) if age(status, look.at) >= look.limits.settle_time else {}
        return (FetchedFile(data, self.file, path, marks),)
