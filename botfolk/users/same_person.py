"""Who looks like the same person as a user, why, and of whom a member said that they are two."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.db.together import Ask, alone
from botfolk.live.notify import users_changed
from botfolk.users.edits import Actor, InvalidEdit
from botfolk.users.read import check_user

Connection = AsyncConnection[Any]

MOST = 3
_LOOKED_AT = 200
"""How many who have a phone or an email are looked at: one that so many have says nothing of who they are."""


class Suggestion(Struct, frozen=True):
    """Another user, and what both have: a phone, or an email (in whatever spelling of small and capital letters)."""

    user_id: UUID
    reason: Literal["phone", "email"]
    value: str
    apart: bool = False
    """a member said that they are two"""


# By the indexes on phone and on lower(email): one look into each. Cut before they are sorted: told to sort, the planner
# reads all users from the newest on, for an index on their ids gives that order.
_SUGGESTIONS = """
SELECT DISTINCT ON (o.id) o.id AS user_id, o.reason, o.value, n.a IS NOT NULL AS apart
FROM users u CROSS JOIN LATERAL (
    (SELECT p.id, 'phone' AS reason, p.phone AS value, p.is_group, p.status FROM users p
     WHERE p.bot_id = u.bot_id AND p.phone = u.phone AND p.id <> u.id LIMIT %(looked_at)s)
    UNION ALL
    (SELECT m.id, 'email', m.email, m.is_group, m.status FROM users m
     WHERE m.bot_id = u.bot_id AND lower(m.email) = lower(u.email) AND m.id <> u.id LIMIT %(looked_at)s)
) o
LEFT JOIN never_merged n ON n.bot_id = u.bot_id AND n.a = least(u.id, o.id) AND n.b = greatest(u.id, o.id)
WHERE u.bot_id = %(bot)s AND u.id = %(user)s AND NOT u.is_group AND u.status <> 'blocked'
  AND NOT o.is_group AND o.status <> 'blocked'
  AND (%(apart)s OR n.a IS NULL)
ORDER BY o.id DESC, o.reason DESC
LIMIT %(most)s
"""


def asked(bot_id: UUID, user_id: UUID, *, also_apart: bool = False) -> Ask[Suggestion]:
    """Return the question of `suggestions`."""
    values = {"bot": bot_id, "user": user_id, "apart": also_apart, "most": MOST, "looked_at": _LOOKED_AT}
    return Ask(_SUGGESTIONS, values, Suggestion)


async def suggestions(
    connection: Connection, bot_id: UUID, user_id: UUID, *, also_apart: bool = False
) -> list[Suggestion]:
    """Return who may be the same person, newest first, a few at most; never groups or who is blocked, and those of
    whom a member said that they are two only if asked for."""
    return await alone(connection, asked(bot_id, user_id, also_apart=also_apart))


async def never(
    connection: Connection, bot_id: UUID, one: UUID, other: UUID, actor: Actor, *, now: datetime, on: bool = True
) -> None:
    """Remember that two users are two, or forget it (`on` false). Raises UserNotFound, InvalidEdit."""
    for user_id in (one, other):
        await check_user(connection, bot_id, user_id)
    if one == other:
        raise InvalidEdit({"with": "this is the same user: choose another one"})
    a, b = sorted((one, other))
    if on:
        await connection.execute(
            "INSERT INTO never_merged (bot_id, a, b, at, actor) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [bot_id, a, b, now, actor.name],
        )
    else:
        await connection.execute("DELETE FROM never_merged WHERE bot_id = %s AND a = %s AND b = %s", [bot_id, a, b])
    await users_changed(connection, bot_id, [one, other])


async def merged_into(connection: Connection, bot_id: UUID, user_id: UUID) -> UUID | None:
    """Return whom a user that is no more was merged into."""
    cursor = await connection.execute(
        "SELECT user_id FROM merges WHERE bot_id = %s AND gone = %s AND undone_at IS NULL ORDER BY id DESC LIMIT 1",
        [bot_id, user_id],
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def is_merged(connection: Connection, bot_id: UUID, user_id: UUID, merge_id: UUID) -> bool:
    """Say whether a merge into a user stands."""
    cursor = await connection.execute(
        "SELECT 1 FROM merges WHERE bot_id = %s AND id = %s AND user_id = %s AND stays = %s AND undone_at IS NULL",
        [bot_id, merge_id, user_id, user_id],
    )
    return await cursor.fetchone() is not None
