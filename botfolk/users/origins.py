"""Who set each field last, and when: the mark beside it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.db.together import Ask, alone
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.formats import clock, day
from botfolk.users.creating import EACH_FIELD

SOURCES = {
    "channel": "Channel",
    "user": "Form",
    "bot": "Bot",
    "api": "API",
    "import": "Import",
    "member": "Member",
}


class Origin(Struct, frozen=True):
    """The last change of a field: what kind of source, its name, when."""

    field: str
    source: str
    actor: str | None
    at: datetime

    @property
    def name(self) -> str:
        """Who it was, as shown: a channel's or member's name."""
        return self.actor or _(SOURCES.get(self.source, self.source))

    def title(self, where: str, now: datetime) -> str:
        """Say who and when: "Telegram, 3 Nov, 14:05", in a timezone."""
        return f"{self.name}, {day(self.at, where, now)}, {clock(self.at, where)}"


_LAST = f"""
SELECT DISTINCT ON (f.field) f.field, source, actor, at FROM changes c CROSS JOIN LATERAL {EACH_FIELD} f
WHERE bot_id = %(bot)s AND user_id = %(user)s AND f.field NOT LIKE 'notes.%%' AND id NOT IN (
    SELECT r.row_id FROM merges g
    JOIN merged_rows r ON r.bot_id = g.bot_id AND r.merge_id = g.id AND r.kind = 'changes'
    WHERE g.bot_id = %(bot)s AND g.user_id = %(user)s)
ORDER BY f.field, id DESC
"""  # noqa: S608 - EACH_FIELD is ours


def origins_asked(bot_id: UUID, user_id: UUID) -> Ask[Origin]:
    """Return the question who changed each field last; what came with another user by a merge was not set on this
    one."""
    return Ask(_LAST, {"bot": bot_id, "user": user_id}, Origin)


def by_field(found: Iterable[Origin]) -> dict[str, Origin]:
    """Return who changed a field last by the field: "email", "attributes.plan", "pause_bot"."""
    return {origin.field: origin for origin in found}


async def origins(connection: AsyncConnection[Any], bot_id: UUID, user_id: UUID) -> dict[str, Origin]:
    """Return, by field, who changed it last."""
    return by_field(await alone(connection, origins_asked(bot_id, user_id)))


class Recent(Struct, frozen=True, kw_only=True):
    """A change of a user; `undone` when it has been taken back, `made` when the user was made with it."""

    id: UUID
    at: datetime
    source: str
    actor: str | None
    field: str
    old: Any
    new: Any
    made: bool
    undone: bool

    @property
    def name(self) -> str:
        """Who it was, as shown."""
        return self.actor or _(SOURCES.get(self.source, self.source))


async def recent(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    user_id: UUID,
    limit: int,
    *,
    field: str | None = None,
    before: UUID | None = None,
    only: UUID | None = None,
) -> list[Recent]:
    """Return the newest changes of a user, or of one of their fields, newest first: those older than the change
    `before`, or the one change `only`."""
    async with connection.cursor(row_factory=class_row(Recent)) as cursor:
        await cursor.execute(
            "SELECT c.id, c.at, c.source, c.actor, coalesce(%(field)s, c.field) AS field, c.old,"
            " CASE WHEN c.field = 'created' AND %(field)s <> 'created' THEN c.new -> %(field)s ELSE c.new END AS new,"
            " c.field = 'created' AS made, c.id IN ("
            "   SELECT u.undoes FROM changes u"
            "   WHERE u.bot_id = %(bot)s AND u.user_id = %(user)s AND u.undoes IS NOT NULL"
            " ) AS undone"
            " FROM changes c WHERE c.bot_id = %(bot)s AND c.user_id = %(user)s"
            " AND (%(field)s::text IS NULL OR c.field = %(field)s OR (c.field = 'created' AND c.new ? %(field)s))"
            " AND (%(before)s::uuid IS NULL OR c.id < %(before)s)"
            " AND (%(only)s::uuid IS NULL OR c.id = %(only)s) ORDER BY c.id DESC LIMIT %(limit)s",
            {"bot": bot_id, "user": user_id, "field": field, "limit": limit, "before": before, "only": only},
        )
        return await cursor.fetchall()


class Written(Struct, frozen=True):
    """Who wrote a note, and when it was rewritten last."""

    id: UUID
    author_id: UUID | None
    edited_at: datetime | None


def notes_asked(bot_id: UUID, user_id: UUID) -> Ask[Written]:
    """Return the question who wrote each note on a user."""
    select = "SELECT id, author_id, edited_at FROM notes WHERE bot_id = %(bot)s AND user_id = %(user)s"
    return Ask(select, {"bot": bot_id, "user": user_id}, Written)
