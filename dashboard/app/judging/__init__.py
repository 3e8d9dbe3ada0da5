"""What pages need that no published board answers: it is judged in a process of its own, and kept for all visitors."""

from dashboard.app.judging.answers import Answers
from dashboard.app.judging.judged_files import Snapshot
from dashboard.app.judging.process import JudgingError, JudgingProcess
from dashboard.app.judging.questions import (
    Answer,
    BoardQuestion,
    ChangesQuestion,
    ClaimsQuestion,
    EvaluationQuestion,
    FiguresQuestion,
    FilesChangedError,
    JudgedBoard,
    NewestQuestion,
    Question,
)
