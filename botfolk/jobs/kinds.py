"""The kinds of long work there are. A new one is one line in `kinds`, with its name, and the function of its steps."""

from botfolk.jobs.runs import Kinds


def kinds() -> Kinds:
    """Return every kind by its name: what does a step of it."""
    return {}
