"""What the process that judges writes to the pages: frames of a kind and a value, one pickle each.

Only answers are objects of this code. A failure travels as a kind and a text: an exception may not survive the way.
"""

from __future__ import annotations

from typing import Any

Frame = tuple[str, Any]

CODE = "code"  # the first frame of a process: the fingerprint of its code
ALIVE = "alive"  # a sign of life while a question is being answered
ANSWER = "answer"
FILES_CHANGED = "files changed"  # the value says why the question has to be put again for the files as they stand
FAILURE = "failure"  # the value says why there is no answer
BROKEN = "broken"  # never written: what came was no frame, and the value is the exception
