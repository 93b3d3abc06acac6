"""The kinds of long work there are. A new one is one line in `kinds`, with its name, and the function of its steps."""

from botfolk.bulk import work
from botfolk.conversations import rescoring
from botfolk.exports import exporting, forgetting
from botfolk.imports import steps as imports
from botfolk.imports.undo import UNDO, undo_step
from botfolk.jobs.runs import Kinds, SideBySide


def kinds() -> Kinds:
    """Return every kind by its name: what does a step of it."""
    return {
        "bulk": SideBySide(work.act),
        forgetting.KIND: exporting.step,
        "undo": SideBySide(work.take_back),
        imports.CHECK: imports.check_step,
        imports.APPLY: imports.apply_step,
        UNDO: undo_step,
        rescoring.KIND: rescoring.step,
    }
