"""What the composer must know of the ways to a user: which channel a reply goes to, and what it lets one do there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.channels.contract import Features
from botfolk.channels.registry import KINDS
from botfolk.outbox.queue import CannotSend, Load, Way, choose, obstacle_of, ways
from botfolk.outbox.window import closes_at

MOST_ROWS = 10
"""Buttons that can be typed in the composer, where the service shows more."""

_LINES = 3
"""Buttons offered where they become numbered lines."""

_ANY = Load()
_TEMPLATE = Load(is_template=True)


class ShownWay(Struct, frozen=True, kw_only=True):
    """A channel a reply can go to. `obstacle`: why nothing but (perhaps) a template can; `closes_at`: until when
    anything can, where the service counts from the person's last message."""

    channel_id: UUID
    kind: str
    name: str
    obstacle: str | None
    closes_at: datetime | None
    seconds_left: float
    has_templates: bool
    takes_files: bool
    file_bytes: int
    button_rows: int
    buttons_are_lines: bool


class Composing(Struct, frozen=True, kw_only=True):
    """The composer's ways, the best first, and the one that a reply takes now; none when there is no channel."""

    ways: list[ShownWay]
    chosen: ShownWay | None
    obstacle: str | None
    """why nothing can be written freely"""

    @property
    def most_rows(self) -> int:
        """Rows of buttons on any channel."""
        return MOST_ROWS


async def composing(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    user_id: UUID,
    *,
    status: str,
    channel_id: UUID | None = None,
    now: datetime,
) -> Composing:
    """Return what the composer shows for a user; `channel_id` is the channel the member chose, if any."""
    return compose(await ways(connection, bot_id, user_id), status=status, channel_id=channel_id, now=now)


def compose(found: Sequence[Way], *, status: str, channel_id: UUID | None, now: datetime) -> Composing:
    """Return what the composer shows of ways as they stand."""
    shown = [_shown(way, status, now) for way in found]
    asked = channel_id if any(way.channel_id == channel_id for way in found) else None
    obstacle = None
    try:
        taken: UUID | None = choose(found, asked, _ANY, now).channel_id
    except CannotSend as error:
        why = str(error)
        obstacle = f"{why[:1].upper()}{why[1:]}."
        taken = asked or (found[0].channel_id if found else None)
    if status == "blocked":
        obstacle = "This user is blocked: nothing is sent to them."
    chosen = next((way for way in shown if way.channel_id == taken), None)
    return Composing(ways=shown, chosen=chosen, obstacle=obstacle)


def _shown(way: Way, status: str, now: datetime) -> ShownWay:
    features = way.features
    obstacle = obstacle_of(way, _ANY, now)
    end = closes_at(features, way.heard_at, by_member=True)
    is_open = end is not None and end > now and obstacle is None
    can_template = status != "blocked" and features.templates and obstacle_of(way, _TEMPLATE, now) is None
    return ShownWay(
        channel_id=way.channel_id,
        kind=way.kind,
        name=way.channel_name,
        obstacle=obstacle,
        closes_at=end if is_open else None,
        seconds_left=(end - now).total_seconds() if end is not None and is_open else 0.0,
        has_templates=can_template,
        takes_files=features.file_bytes > 0,
        file_bytes=features.file_bytes,
        button_rows=_rows(way.kind, features),
        buttons_are_lines=not features.buttons,
    )


def _rows(kind: str, features: Features) -> int:
    if kind not in KINDS:
        return 0
    return min(features.buttons, MOST_ROWS) or _LINES
