"""Answers questions about one snapshot of the files after another, in the process that judges."""

from __future__ import annotations

from dashboard.app.judging.judged_files import JudgedFiles, Snapshot
from dashboard.app.judging.questions import Answer, FilesChangedError, Question
from dashboard.workspace import Workspace, definition_stamps


class Judge:
    """Answers questions, one after the other. What is known of the last snapshot is kept."""

    def __init__(self) -> None:
        self._workspace: Workspace | None = None
        self._definitions: object = None  # the stamps of the files that `_workspace` was read from
        self._files: tuple[Snapshot, JudgedFiles] | None = None

    def answer(self, snapshot: Snapshot, question: Question[Answer]) -> Answer:
        """The answer; FilesChangedError where the definitions are no longer those of the snapshot."""
        if self._files is None or self._files[0] != snapshot:
            self._files = None  # before anything is read: both would not fit into memory
            self._files = snapshot, JudgedFiles(self._workspace_of(snapshot), snapshot)
        return question.answer(self._files[1])

    def _workspace_of(self, snapshot: Snapshot) -> Workspace:
        """The definitions of the snapshot; sources that did not change keep their rows."""
        workspace = self._workspace
        is_place = workspace is not None and (workspace.path, workspace.state) == (snapshot.path, snapshot.state)
        if workspace is None or not is_place:
            workspace = Workspace(snapshot.path, snapshot.state)
        elif self._definitions == snapshot.definitions:
            return workspace
        else:
            workspace = workspace.reread()
        _ = workspace.catalog  # read now, so that the stamps below are those of what was read
        stamps = definition_stamps(snapshot.path)
        if snapshot.definitions[: len(stamps)] != stamps:
            raise FilesChangedError("the definitions have changed")
        self._workspace, self._definitions = workspace, snapshot.definitions
        return workspace
