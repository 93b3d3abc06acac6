"""The bot's Personality: its settings, read and changed in one place, with the history of what judges sessions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.db.together import Ask, alone
from botfolk.ids import new_id
from botfolk.live.notify import announce
from botfolk.users.edits import InvalidEdit
from botfolk.users.fields import BadValue, clean_language, clean_timezone

GREETING = "Hello! Tell me how I can help."
FALLBACK = "Sorry, I did not understand that. A member of our team will read it."
LONGEST_SESSION = 30 * 86_400
LONGEST_PAUSE = 366 * 86_400
_MAX_TEXT = 4000


class Personality(Struct, frozen=True, kw_only=True):
    """A bot's settings. Lengths in seconds; an empty greeting or fallback: the bot says nothing."""

    name: str
    description: str
    greeting: str
    fallback: str
    session_length_seconds: int
    pause_seconds: int
    language: str
    timezone: str
    picture_id: UUID | None = None


class Clash(Exception):
    """Settings have been changed by somebody else since they were looked at; `now` holds them as they are, by name."""

    def __init__(self, now: dict[str, object]) -> None:
        super().__init__(", ".join(now))
        self.now = now


_COLUMNS = ", ".join(Personality.__struct_fields__)
_SELECT = f"SELECT {_COLUMNS} FROM bots WHERE bot_id = %(bot)s"  # noqa: S608


def asked(bot_id: UUID) -> Ask[Personality]:
    """Return the question for a bot's Personality: one row, none when there is no such bot."""
    return Ask(_SELECT, {"bot": bot_id}, Personality)


async def get(connection: AsyncConnection[Any], bot_id: UUID) -> Personality:
    """Return a bot's Personality. Raises LookupError when there is no such bot."""
    found = await alone(connection, asked(bot_id))
    if not found:
        raise LookupError(f"there is no bot {bot_id}")
    return found[0]


async def create(connection: AsyncConnection[Any], name: str, now: datetime) -> UUID:
    """Make a bot with the default Personality and return its id."""
    bot_id = new_id()
    await connection.execute(
        "INSERT INTO bots (bot_id, name, greeting, fallback, created_at) VALUES (%s, %s, %s, %s, %s)",
        [bot_id, name, GREETING, FALLBACK, now],
    )
    await connection.execute(
        "INSERT INTO session_lengths (bot_id, effective_at, seconds)"
        " SELECT bot_id, '0001-01-01T00:00:00Z', session_length_seconds FROM bots WHERE bot_id = %s",
        [bot_id],
    )
    return bot_id


async def change(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    changes: Mapping[str, object],
    member_id: UUID | None,
    now: datetime,
    expected: Mapping[str, object] | None = None,
) -> Personality:
    """Change settings by name, all or none, and return them all. Raises InvalidEdit naming each wrong one.

    `expected`: what each was when it was looked at. One that has become something else raises Clash, unless it is what
    is asked for.
    """
    cleaned: dict[str, object] = {}
    errors: dict[str, str] = {}
    for name, value in changes.items():
        try:
            cleaned[name] = _clean(name, value)
        except BadValue as error:
            errors[name] = str(error)
    if errors:
        raise InvalidEdit(errors)
    await connection.execute("SELECT 1 FROM bots WHERE bot_id = %s FOR UPDATE", [bot_id])
    before = await get(connection, bot_id)
    stored = {name: getattr(before, name) for name in cleaned if name in (expected or {})}
    clashing = {name: value for name, value in stored.items() if value not in ((expected or {})[name], cleaned[name])}
    if clashing:
        raise Clash(clashing)
    if cleaned:
        assignments = ", ".join(f"{name} = %({name})s" for name in cleaned)
        await connection.execute(
            f"UPDATE bots SET {assignments}, version = version + 1 WHERE bot_id = %(_bot)s",  # noqa: S608
            {**cleaned, "_bot": bot_id},
        )
    after = await get(connection, bot_id)
    if after.session_length_seconds != before.session_length_seconds:
        await _keep_length(connection, bot_id, after.session_length_seconds, member_id, now)
    await announce(connection, bot_id, "personality")
    return after


async def set_picture(connection: AsyncConnection[Any], bot_id: UUID, picture_id: UUID | None) -> None:
    """Let the bot's picture be one of its media, or none."""
    await connection.execute(
        "UPDATE bots SET picture_id = %s, version = version + 1 WHERE bot_id = %s", [picture_id, bot_id]
    )
    await announce(connection, bot_id, "personality")


async def _keep_length(
    connection: AsyncConnection[Any], bot_id: UUID, seconds: int, member_id: UUID | None, now: datetime
) -> None:
    """Keep since when the session length is what it is: after every moment already judged under the former one."""
    cursor = await connection.execute(
        "SELECT greatest((SELECT max(effective_at) FROM session_lengths WHERE bot_id = %(bot)s),"
        " (SELECT max(last_received_at) FROM user_stats WHERE bot_id = %(bot)s))",
        {"bot": bot_id},
    )
    row = await cursor.fetchone()
    effective_at = max(now, row[0] + timedelta(microseconds=1)) if row and row[0] else now
    await connection.execute(
        "INSERT INTO session_lengths (bot_id, effective_at, seconds, member_id) VALUES (%s, %s, %s, %s)",
        [bot_id, effective_at, seconds, member_id],
    )


def _clean(name: str, value: object) -> object:
    if name not in Personality.__struct_fields__ or name == "picture_id":
        raise BadValue("there is no such setting")
    match name:
        case "session_length_seconds":
            return _seconds(value, LONGEST_SESSION)
        case "pause_seconds":
            return _seconds(value, LONGEST_PAUSE)
    if not isinstance(value, str):
        raise BadValue("give a text")
    text = value.replace("\x00", "").replace("\r\n", "\n").strip()
    match name:
        case "timezone":
            return clean_timezone(text)
        case "language":
            return clean_language(text)
        case "name" if not text or len(text) > 100:
            raise BadValue("a name has 1 to 100 characters")
    if len(text) > _MAX_TEXT:
        raise BadValue(f"at most {_MAX_TEXT} characters, this has {len(text)}")
    return text


def _seconds(value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BadValue(f"between 1 second and {most // 86_400} days")
    return value
