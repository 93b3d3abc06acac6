"""Small parts that stand on a page a hundred times, as templates show them. Functions, as a macro costs several times
as much: `components/` gives them their names there."""

from datetime import datetime

from markupsafe import Markup, escape

from botfolk.pages import formats
from botfolk.pages.icons import draw_icon


def draw_ago(moment: datetime, where: str, now: datetime) -> Markup:
    """Return a moment as "5 min ago"; in full, in the member's timezone, when pointed at."""
    return _time(moment, where, formats.relative(moment, where, now), " data-age")


def draw_clock(moment: datetime, where: str) -> Markup:
    """Return a moment as "14:05"."""
    return _time(moment, where, formats.clock(moment, where))


def draw_stamp(moment: datetime, where: str, now: datetime) -> Markup:
    """Return a moment as "3 Nov, 14:05"."""
    return _time(moment, where, f"{formats.day(moment, where, now)}, {formats.clock(moment, where)}")


def _time(moment: datetime, where: str, shown: str, more: str = "") -> Markup:
    exact = escape(formats.exact(moment, where))
    return Markup(f'<time datetime="{moment.isoformat()}" title="{exact}"{more}>{escape(shown)}</time>')  # noqa: S704


def draw_face(label: str, score: float, title: str = "") -> Markup:
    """Return an average or a message's own sentiment as a face; `title`: what is said of it when pointed at."""
    mood = formats.mood(label)
    said = escape(title or f"{mood}, {formats.score(score)}")
    return Markup(f'<span class="face face--{escape(label)}" title="{said}">{draw_icon(label, mood)}</span>')  # noqa: S704
