"""`python -m tests.browser.clocked FILE serve`: Botfolk whose clock is ahead by the seconds written in a file."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

from botfolk import clock

_ahead = Path(sys.argv.pop(1))
_now = clock.utc_now


def _shifted() -> datetime:
    return _now() + timedelta(seconds=float(_ahead.read_text()))


# Before anybody else takes the clock.
clock.utc_now = _shifted

from botfolk.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
