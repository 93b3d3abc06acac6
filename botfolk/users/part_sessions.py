"""Two users' sessions, parted again: those of before the merge under their own ids with what they remembered, those
since divided by whose activities they hold."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.users import merge_rows
from botfolk.users.merge_rows import Row, Snapshot

Connection = AsyncConnection[Any]

_PLACES = """
SELECT id, session_id, received_at FROM messages
WHERE bot_id = %(bot)s AND user_id = ANY(%(users)s) AND direction = 'in' AND session_id IS NOT NULL
UNION ALL
SELECT id, session_id, at FROM clicks
WHERE bot_id = %(bot)s AND user_id = ANY(%(users)s) AND counted AND session_id IS NOT NULL
"""

# Sessions of one user do not overlap, so an activity of before the merge was in the one that spans its time.
_INTO_OLD = """
UPDATE {table} a SET session_id = s.id FROM sessions s
WHERE a.bot_id = %(bot)s AND a.user_id = ANY(%(users)s) AND {counts}
  AND s.bot_id = a.bot_id AND s.user_id = a.user_id AND s.id = ANY(%(old)s)
  AND a.{at} BETWEEN s.started_at AND s.last_activity_at
"""
_NEWER_TO_GONE = """
UPDATE sessions s SET user_id = %(gone)s
WHERE s.bot_id = %(bot)s AND s.user_id = %(stays)s AND NOT s.id = ANY(%(old)s)
  AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.bot_id = s.bot_id AND m.user_id = %(stays)s AND m.session_id = s.id)
  AND NOT EXISTS (SELECT 1 FROM clicks c WHERE c.bot_id = s.bot_id AND c.user_id = %(stays)s AND c.session_id = s.id)
"""
_NOWHERE = """
UPDATE {table} a SET session_id = NULL
WHERE a.bot_id = %(bot)s AND a.user_id = ANY(%(users)s) AND a.session_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM sessions s WHERE s.bot_id = a.bot_id AND s.id = a.session_id AND s.user_id = a.user_id)
"""
_DROP_EMPTY = """
DELETE FROM sessions s WHERE s.bot_id = %(bot)s AND s.user_id = ANY(%(users)s)
  AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.bot_id = s.bot_id AND m.user_id = s.user_id
                  AND m.session_id = s.id AND m.direction = 'in')
  AND NOT EXISTS (SELECT 1 FROM clicks c WHERE c.bot_id = s.bot_id AND c.user_id = s.user_id
                  AND c.session_id = s.id AND c.counted)
"""
_ACTIVITIES = (("messages", "a.direction = 'in'", "sent_at"), ("clicks", "a.counted", "at"))


class Parting:
    """The sessions of two users on their way apart."""

    def __init__(self, bot_id: UUID, stays: UUID, gone: UUID, snapshot: Snapshot, merged_at: datetime) -> None:
        self._snapshot = snapshot
        self._merged_at = merged_at
        self._asked: dict[str, Any] = {
            "bot": bot_id,
            "stays": stays,
            "gone": gone,
            "users": [stays, gone],
            "old": [UUID(row["id"]) for row in snapshot.sessions],
        }
        self._learnt: dict[UUID, Row] = {}
        self._were: dict[UUID, UUID] = {}

    async def look(self, connection: Connection) -> None:
        """Note what the sessions have remembered since the merge, and which newer activities they hold."""
        rows = await merge_rows.rows_of(connection, "sessions", "user_id", self._asked["bot"], [self._asked["stays"]])
        for row in rows:
            known = self._snapshot.contexts.get(UUID(row["id"]), {})
            learnt = {key: value for key, value in row["context"].items() if key not in known or known[key] != value}
            if learnt:
                self._learnt[UUID(row["id"])] = learnt
        if self._learnt:
            cursor = await connection.execute(_PLACES, self._asked)
            self._were = {
                activity: session
                for activity, session, at in await cursor.fetchall()
                if at > self._merged_at and session in self._learnt
            }

    async def put_sessions_back(self, connection: Connection) -> None:
        """Put the sessions of before the merge back, and activities in them or where they can be recounted from."""
        await connection.execute(
            "DELETE FROM sessions WHERE bot_id = %(bot)s AND user_id = ANY(%(users)s) AND id = ANY(%(old)s)",
            self._asked,
        )
        await merge_rows.put_back(connection, "sessions", self._snapshot.sessions)
        for table, counts, at in _ACTIVITIES:
            await connection.execute(_INTO_OLD.format(table=table, counts=counts, at=at).encode(), self._asked)
        await connection.execute(_NEWER_TO_GONE, self._asked)
        for table, _, _ in _ACTIVITIES:
            await connection.execute(_NOWHERE.format(table=table).encode(), self._asked)
        await connection.execute(_DROP_EMPTY, self._asked)

    async def hand_out_contexts(self, connection: Connection) -> None:
        """After the recount: what was remembered since the merge goes to the sessions of the activities since."""
        if not self._learnt:
            return
        cursor = await connection.execute(_PLACES, self._asked)
        places = {activity: session for activity, session, _ in await cursor.fetchall()}
        for session, learnt in {
            (places[activity], was): self._learnt[was] for activity, was in self._were.items() if activity in places
        }.items():
            await connection.execute(
                "UPDATE sessions SET context = context || %s WHERE bot_id = %s AND id = %s",
                [Jsonb(learnt), self._asked["bot"], session[0]],
            )
