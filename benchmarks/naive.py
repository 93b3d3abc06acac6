"""The same work the way it is mostly written: one request, one transaction, one ORM session.

Same verification, parsing, rules, tables and effects as the real thing, on the same server (uvicorn, uvloop), pool and
database; late activities (which the load does not send) are left out. Run as `python -m benchmarks.naive`.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import uvicorn
from psycopg import AsyncConnection
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import registry

from benchmarks.stage import KEY
from botfolk.bot.decide import State, decide
from botfolk.bot.personality import Personality
from botfolk.channels.contract import Channel
from botfolk.channels.events import InboundMessage
from botfolk.channels.registry import KINDS
from botfolk.channels.telegram.receive import verify
from botfolk.conversations.sessions import Activity, Rules, continues, judged_at, spent
from botfolk.conversations.statistics import shown
from botfolk.db.schema import bots, channels, conversations, outbox, users
from botfolk.db.secrets import SecretBox
from botfolk.ids import new_id
from botfolk.ingest.score import score
from botfolk.live.notify import CHANNEL

_mapped = registry()


class _Row:
    """A mapped row."""

    def __init__(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self, name, value)


def _map(name: str, table: Any) -> Any:
    made = type(name, (_Row,), {})
    _mapped.map_imperatively(made, table)
    return made


User = _map("User", users.users)
Stats = _map("Stats", users.user_stats)
Toggle = _map("Toggle", users.infinite_toggles)
Identity = _map("Identity", channels.identities)
Channels = _map("Channels", channels.channels)
Message = _map("Message", conversations.messages)
SessionRow = _map("SessionRow", conversations.sessions)
Outbox = _map("Outbox", outbox.outbox)
Bot = _map("Bot", bots.bots)
Length = _map("Length", bots.session_lengths)


class Naive:
    """The ASGI application."""

    def __init__(self, dsn: str) -> None:
        engine = create_async_engine(
            "postgresql+psycopg://", async_creator=lambda: AsyncConnection.connect(dsn), pool_size=20
        )
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._box = SecretBox(KEY)

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer one webhook."""
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status = await self._take(scope["path"], headers, body)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def _take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        try:
            channel_id = UUID(path.rpartition("/")[2])
        except ValueError:
            return 404
        async with self._sessions() as session:
            row = (await session.scalars(select(Channels).where(Channels.id == channel_id))).one_or_none()
            if row is None:
                return 404
            channel = Channel(
                id=row.id, bot_id=row.bot_id, kind=row.kind, name=row.name, config=row.config,
                secrets=self._box.open(row.secrets),
            )  # fmt: skip
            kind = KINDS[channel.kind]
            if not verify(channel, headers):
                return 401
            received_at = datetime.now(UTC)
            events, _ = kind.parse(channel, body, received_at)
            try:
                for event in events:
                    if isinstance(event, InboundMessage):
                        await self._store(session, channel, event, received_at)
                await session.commit()
            except IntegrityError:
                await session.rollback()
        return 200

    async def _store(
        self, session: AsyncSession, channel: Channel, message: InboundMessage, received_at: datetime
    ) -> None:
        bot_id = channel.bot_id
        identity = (
            await session.scalars(
                select(Identity).where(
                    Identity.bot_id == bot_id,
                    Identity.channel_id == channel.id,
                    Identity.external_id == message.external_user_id,
                )
            )
        ).one_or_none()
        if identity is None:
            identity = await self._meet(session, channel, message, received_at)
        user = await session.get_one(User, (bot_id, identity.user_id))
        stats = await session.get_one(Stats, (bot_id, identity.user_id), with_for_update=True)
        known = await session.scalars(
            select(Message.id).where(
                Message.bot_id == bot_id, Message.channel_id == channel.id, Message.dedupe_key == message.dedupe_key
            )
        )
        if known.first() is not None or user.status == "blocked":
            return
        bot = await session.get_one(Bot, bot_id)
        session_id = await self._place(session, stats, message, received_at)
        sentiment, words = score(message.kind, message.text)
        row = Message(
            bot_id=bot_id, id=new_id(), user_id=user.id, channel_id=channel.id, session_id=session_id,
            dedupe_key=message.dedupe_key, external_id=message.external_id, direction="in", author="user",
            kind=message.kind, text=message.text, sent_at=message.at, received_at=received_at,
            sequence=message.sequence, status="received", sentiment=sentiment, sentiment_words=words,
        )  # fmt: skip
        session.add(row)
        state = State(is_first=stats.messages == 0, status=user.status, paused_until=stats.paused_until)
        stats.messages += 1
        if sentiment is not None:
            stats.sentiment_sum += sentiment
            stats.scored_messages += 1
        stats.last_message, stats.last_message_kind = shown(message.kind, message.text), message.kind
        stats.last_message_at, stats.last_message_id = message.at, row.id
        stats.last_message_sequence, stats.last_received_at = message.sequence, received_at
        settings = Personality(**{name: getattr(bot, name) for name in Personality.__struct_fields__})
        reply = decide(message, state, settings, received_at)
        await session.flush()
        if reply is not None:
            await self._answer(session, channel, identity, reply.text, received_at)
        payload = msgspec.json.encode({"bot": str(bot_id), "users": [str(user.id)]}).decode()
        await session.execute(select(func.pg_notify(CHANNEL, payload)))

    async def _meet(self, session: AsyncSession, channel: Channel, message: InboundMessage, now: datetime) -> Any:
        fields = message.profile.fields if message.profile else {}
        user = User(
            bot_id=channel.bot_id, id=new_id(), first_name=fields.get("first_name"),
            last_name=fields.get("last_name"), field_sources=dict.fromkeys(fields, "channel"), added_at=now,
        )  # fmt: skip
        session.add(user)
        await session.flush()
        session.add(Stats(bot_id=channel.bot_id, user_id=user.id, created_at=message.at))
        identity = Identity(
            bot_id=channel.bot_id, id=new_id(), user_id=user.id, channel_id=channel.id,
            external_id=message.external_user_id,
        )  # fmt: skip
        session.add(identity)
        await session.flush()
        return identity

    async def _place(self, session: AsyncSession, stats: Any, message: InboundMessage, received_at: datetime) -> UUID:
        lengths = await session.scalars(
            select(Length).where(Length.bot_id == stats.bot_id).order_by(Length.effective_at)
        )
        toggles = await session.scalars(
            select(Toggle)
            .where(Toggle.bot_id == stats.bot_id, Toggle.user_id == stats.user_id)
            .order_by(Toggle.effective_at)
        )
        rules = Rules(
            [(length.effective_at, length.seconds) for length in lengths],
            [(toggle.effective_at, toggle.is_on) for toggle in toggles],
            stats.recounted_at,
        )
        activity = Activity(new_id(), message.at, judged_at(message.at, received_at))
        last = stats.last_activity_at
        if last is not None and continues(last, activity, rules):
            row = await session.get_one(SessionRow, (stats.bot_id, stats.last_session_id))
            gap = spent(last, activity, rules)
            row.last_activity_at = activity.at
            row.activities, row.messages, row.time_spent_us = (
                row.activities + 1, row.messages + 1, row.time_spent_us + gap,
            )  # fmt: skip
            stats.time_spent_us += gap
        else:
            row = SessionRow(
                bot_id=stats.bot_id, id=new_id(), user_id=stats.user_id, started_at=activity.at,
                last_activity_at=activity.at, activities=1, messages=1,
            )  # fmt: skip
            session.add(row)
            stats.sessions += 1
            stats.last_session_id = row.id
        stats.last_activity_at = activity.at
        session_id: UUID = row.id
        return session_id

    async def _answer(self, session: AsyncSession, channel: Channel, identity: Any, text: str, now: datetime) -> None:
        reply = Message(
            bot_id=channel.bot_id, id=new_id(), user_id=identity.user_id, channel_id=channel.id, direction="out",
            author="bot", kind="text", text=text, sent_at=now, received_at=now, status="queued",
        )  # fmt: skip
        session.add(reply)
        await session.flush()
        session.add(
            Outbox(
                bot_id=channel.bot_id, id=new_id(), channel_id=channel.id, user_id=identity.user_id,
                identity_id=identity.id, message_id=reply.id, kind="message", payload={"text": text}, next_at=now,
                created_at=now,
            )
        )  # fmt: skip


if __name__ == "__main__":
    uvicorn.run(
        Naive(os.environ["NAIVE_DSN"]),
        host="127.0.0.1",
        port=int(os.environ["NAIVE_PORT"]),
        log_level="error",
        lifespan="off",
    )
