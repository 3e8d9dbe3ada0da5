"""Fetching: the source kinds, and the new files of a source byte for byte, or one line that says why there are none."""

from dashboard.fetch.contract import FetchedFile, FetchError, FileRemark, Look
from dashboard.fetch.http.deadline import Deadline
from dashboard.fetch.kinds import SOURCE_KINDS
from dashboard.fetch.local_file import path_problem
from dashboard.fetch.location import covers_whole_source, is_read_in_place
from dashboard.fetch.next_pages import NextPages
from dashboard.fetch.source_kind import SourceKind
