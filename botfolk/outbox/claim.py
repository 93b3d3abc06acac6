"""Take what is due on a channel: its rows are committed as "sending" before anything leaves."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.channels.contract import Button, Features, TemplateUse
from botfolk.links.codes import with_codes
from botfolk.live.notify import users_changed
from botfolk.outbox.judge import TAP_EXPIRES_AFTER
from botfolk.outbox.window import closed

STOPPED = "Botfolk stopped while this was on its way: it may or may not have arrived"


class Payload(Struct, frozen=True, kw_only=True):
    """What a row of the outbox is to say: files, a text with its buttons, a template; or the tap to answer.

    `links`: the code that stands for each address to be tracked.
    """

    text: str = ""
    files: tuple[UUID, ...] = ()
    """of the table media"""
    template: TemplateUse | None = None
    buttons: tuple[Button, ...] = ()
    tap: str | None = None
    links: dict[str, str] = {}

    def with_links(self, at: str) -> "Payload":
        """Return it as it leaves: with tracked links, which begin with `at`, in place of the addresses."""
        text, buttons, template = with_codes(self.text, self.buttons, self.template, self.links, at)
        return Payload(text=text, files=self.files, template=template, buttons=buttons, tap=self.tap)


class Claimed(Struct, frozen=True, kw_only=True):
    """A row that was taken, with what decides whether it may still leave. `attempts` counts this one too."""

    bot_id: UUID
    id: UUID
    channel_id: UUID
    user_id: UUID
    identity_id: UUID
    message_id: UUID | None
    kind: str
    payload: dict[str, Any]
    parts_sent: int
    attempts: int
    created_at: datetime
    external_user_id: str
    identity_state: str
    identity_reason: str | None
    is_group: bool
    user_status: str
    author: str | None
    paused_until: datetime | None
    address: dict[str, Any] | None = None
    heard_at: datetime | None = None
    """when the person last wrote on this channel, by its clock; asked only where there is a window"""

    def content(self) -> Payload:
        """Return what it is to say."""
        return msgspec.convert(self.payload, Payload)

    def in_window(self, features: Features, now: datetime) -> bool:
        """Say whether the service still lets a bot write to the person."""
        return features.window is None or (self.heard_at is not None and now - self.heard_at < features.window)


class Claims(Struct, frozen=True):
    """What may leave now, and how many rows were found that may not any more."""

    to_send: list[Claimed]
    refused: int


def refusal(row: Claimed, features: Features, now: datetime) -> str | None:
    """Say why a row may not leave any more; None when it may."""
    if row.kind == "tap" and now - row.created_at >= TAP_EXPIRES_AFTER:
        return "too late"
    if row.user_status == "blocked":
        return "The user is blocked: nothing is sent to them"
    if row.identity_state == "blocked":
        return row.identity_reason or "The user has blocked the bot"
    if row.identity_state != "active":
        return row.identity_reason or "The user can no longer be reached here"
    if row.author == "bot" and row.paused_until is not None and row.paused_until > now:
        return "The bot was paused before " + ("the rest of this left" if row.parts_sent else "this left")
    if row.author == "bot" and row.user_status == "archived":
        return "The user is archived: the bot does not answer them"
    return outside(row, features, now)


def outside(row: Claimed, features: Features, now: datetime) -> str | None:
    """Say that the service's window has passed for a row; None when it has not, or does not matter."""
    if row.kind == "tap":
        return None
    is_template = bool(row.payload.get("template"))
    return closed(features, row.heard_at, now, by_member=row.author == "member", is_template=is_template)


async def claim(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    channel_id: UUID,
    *,
    kind: str,
    limit: int,
    busy: Collection[UUID],
    now: datetime,
    features_for: Callable[[str], Features] = lambda _: Features(),
    has_window: bool = False,
) -> Claims:
    """Take up to `limit` rows of a kind that are due, oldest first, in a transaction of its own.

    A message is taken only when no older one of the same identity is open; `busy` identities must wait. `features_for`
    says what the service can do for a person: what it would refuse does not leave; `has_window`: it matters when a
    person last wrote.
    """
    async with connection.pipeline(), connection.transaction():
        async with connection.cursor(row_factory=class_row(Claimed)) as cursor:
            await cursor.execute(
                _DUE_TAPS if kind == "tap" else _DUE_MESSAGES,
                {
                    "bot": bot_id,
                    "channel": channel_id,
                    "now": now,
                    "limit": limit,
                    "busy": list(busy),
                    "has_window": has_window,
                },
            )
            rows = await cursor.fetchall()
        if not rows:
            return Claims([], 0)
        reasons = {row.id: reason for row in rows if (reason := refusal(row, features_for(row.external_user_id), now))}
        to_send = [row for row in rows if row.id not in reasons]
        await _mark_sending(connection, bot_id, to_send)
        await _mark_refused(connection, bot_id, [row for row in rows if row.id in reasons], reasons, now)
        await users_changed(connection, bot_id, {row.user_id for row in rows if row.message_id is not None})
    return Claims(to_send, len(reasons))


# Reads outbox_due from its start, which holds nothing that is not due; per row it looks once into outbox_open for the
# oldest open message of the identity. Neither depends on how many rows wait, nor on the statistics of a fast-changing
# table: a scalar subquery is never turned into a join over everything, and with BETWEEN for = and the identity in its
# ORDER BY no index but outbox_open is in the right order.
_DUE_MESSAGES_INNER = """
    SELECT o.bot_id, o.id FROM outbox o
    WHERE o.channel_id = %(channel)s AND o.bot_id = %(bot)s AND o.kind = 'message' AND o.state = 'queued'
        AND o.next_at <= %(now)s AND o.identity_id <> ALL(%(busy)s::uuid[])
        AND o.id = (
            SELECT e.id FROM outbox e
            WHERE e.bot_id = o.bot_id AND e.identity_id BETWEEN o.identity_id AND o.identity_id
                AND e.kind = 'message' AND e.state IN ('queued', 'sending')
            ORDER BY e.identity_id, e.id LIMIT 1)
    ORDER BY o.next_at, o.id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
"""
_DUE_TAPS_INNER = """
    SELECT o.bot_id, o.id FROM outbox o
    WHERE o.channel_id = %(channel)s AND o.bot_id = %(bot)s AND o.kind = 'tap' AND o.state = 'queued'
        AND o.next_at <= %(now)s
    ORDER BY o.next_at, o.id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
"""
_WITH_PERSON = """
SELECT o.bot_id, o.id, o.channel_id, o.user_id, o.identity_id, o.message_id, o.kind, o.payload, o.parts_sent,
    o.attempts + 1 AS attempts, o.created_at, i.external_id AS external_user_id, i.state AS identity_state,
    i.state_reason AS identity_reason, u.is_group, u.status AS user_status,
    (SELECT m.author FROM messages m WHERE m.bot_id = o.bot_id AND m.id = o.message_id) AS author,
    (SELECT s.paused_until FROM user_stats s WHERE s.bot_id = o.bot_id AND s.user_id = o.user_id) AS paused_until,
    i.profile -> 'address' AS address,
    CASE WHEN %(has_window)s THEN (
        SELECT m.sent_at FROM messages m WHERE m.bot_id = o.bot_id AND m.user_id = o.user_id
            AND m.channel_id = o.channel_id AND m.direction = 'in' ORDER BY m.sent_at DESC LIMIT 1) END AS heard_at
FROM due
JOIN outbox o ON o.bot_id = due.bot_id AND o.id = due.id
JOIN identities i ON i.bot_id = o.bot_id AND i.id = o.identity_id
JOIN users u ON u.bot_id = o.bot_id AND u.id = o.user_id
ORDER BY o.next_at, o.id
"""
_DUE_MESSAGES = f"WITH due AS MATERIALIZED ({_DUE_MESSAGES_INNER}) {_WITH_PERSON}"
_DUE_TAPS = f"WITH due AS MATERIALIZED ({_DUE_TAPS_INNER}) {_WITH_PERSON}"


async def _mark_sending(connection: AsyncConnection[Any], bot_id: UUID, rows: Sequence[Claimed]) -> None:
    if not rows:
        return
    await connection.execute(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE bot_id = %s AND id = ANY(%s)",
        [bot_id, [row.id for row in rows]],
    )
    await connection.execute(
        "UPDATE messages SET status = 'sending' WHERE bot_id = %s AND id = ANY(%s)",
        [bot_id, [row.message_id for row in rows if row.message_id is not None]],
    )


async def _mark_refused(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    rows: Sequence[Claimed],
    reasons: dict[UUID, str],
    now: datetime,
) -> None:
    if not rows:
        return
    texts = [reasons[row.id] for row in rows]
    await connection.execute(
        """UPDATE outbox o SET state = 'failed', error = r.reason, finished_at = %s
           FROM unnest(%s::uuid[], %s::text[]) AS r (id, reason)
           WHERE o.bot_id = %s AND o.id = r.id""",
        [now, [row.id for row in rows], texts, bot_id],
    )
    await connection.execute(
        """UPDATE messages m SET status = 'failed',
               details = coalesce(m.details, '{}') || jsonb_build_object('error', r.reason)
           FROM unnest(%s::uuid[], %s::text[]) AS r (id, reason)
           WHERE m.bot_id = %s AND m.id = r.id""",
        [[row.message_id for row in rows], texts, bot_id],
    )


async def adopt(
    connection: AsyncConnection[Any], bot_id: UUID, channel_id: UUID, *, own: Collection[UUID], now: datetime
) -> int:
    """Mark as unknown what another process, or this one before a crash, left on its way; return how many.

    `own` are the rows this process has on their way itself. Call it only while owning the channel.
    """
    async with connection.transaction():
        cursor = await connection.execute(
            """UPDATE outbox SET state = 'unknown', error = %s, finished_at = %s
               WHERE channel_id = %s AND bot_id = %s AND state = 'sending' AND id <> ALL(%s::uuid[])
               RETURNING message_id, user_id""",
            [STOPPED, now, channel_id, bot_id, list(own)],
        )
        rows = await cursor.fetchall()
        messages = [message_id for message_id, _ in rows if message_id is not None]
        if messages:
            await connection.execute(
                """UPDATE messages SET status = 'unknown',
                       details = coalesce(details, '{}') || jsonb_build_object('error', %s::text)
                   WHERE bot_id = %s AND id = ANY(%s)""",
                [STOPPED, bot_id, messages],
            )
            await users_changed(connection, bot_id, {user_id for _, user_id in rows})
    return len(rows)
