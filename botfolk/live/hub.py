"""One LISTEN connection of a process, and who in the process wants to hear what it hears."""

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self
from uuid import UUID

import psycopg
import structlog
from msgspec import DecodeError, Struct, ValidationError, json
from psycopg import AsyncConnection, sql

from botfolk.live.notify import CHANNEL
from botfolk.live.presence import Looking, Presence

Callback = Callable[[UUID | None], None]
"""Called with the bot a word is about; None when the connection was lost and the word may have been missed."""

_MOST_PENDING = 500
"""A subscriber slower than this many changed users is told that anything may have changed."""

_QUIET_SECONDS = 20.0
"""After this long without a notification, the connection is asked whether it still lives."""

REMEMBERED_SECONDS = 30.0
"""What was heard in this time can be heard again by who subscribes late."""

_MOST_REMEMBERED = 2000

_log = structlog.get_logger(__name__)


class Message(Struct, frozen=True):
    """What changed in a bot: users by id, and words such as "channels". `everything`: notifications were lost or too
    many, so anything may have changed."""

    users: frozenset[UUID] = frozenset()
    what: frozenset[str] = frozenset()
    everything: bool = False


class _Payload(Struct):
    bot: UUID
    users: list[UUID] = []
    what: str | None = None
    looking: Looking | None = None


class Subscription:
    """An endless async iterator of Messages; what comes while its reader is busy is joined into one.

    It hears from the moment it is made until it is closed; use it as a context manager.
    """

    def __init__(self, forget: Callable[["Subscription"], None], most: int = _MOST_PENDING) -> None:
        self._forget = forget
        self._most = most
        self._users: set[UUID] = set()
        self._what: set[str] = set()
        self._everything = False
        self._closed = False
        self._waiting = asyncio.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        await self._waiting.wait()
        if self._closed:
            raise StopAsyncIteration
        self._waiting.clear()
        message = Message(frozenset(self._users), frozenset(self._what), self._everything)
        self._users, self._what, self._everything = set(), set(), False
        return message

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Hear no more; whoever iterates comes to the end."""
        self._closed = True
        self._waiting.set()
        self._forget(self)

    def add(self, users: list[UUID], what: str | None) -> None:
        """Note what changed."""
        self._users.update(users)
        if what is not None:
            self._what.add(what)
        if len(self._users) > self._most:
            self._users.clear()
            self._everything = True
        self._waiting.set()

    def add_everything(self) -> None:
        """Note that anything may have changed."""
        self._everything = True
        self._waiting.set()


class Hub:
    """Hears what `live/notify.py` announces, on any node, and passes it on inside this process."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._subscriptions: dict[UUID, set[Subscription]] = {}
        self._callbacks: dict[str, list[Callback]] = {}
        self.presence = Presence()
        self._listening = asyncio.Event()
        self._recent: deque[tuple[float, _Payload]] = deque(maxlen=_MOST_REMEMBERED)
        self._remembers_since = float("inf")

    def subscribe(self, bot_id: UUID, *, ago: float = 0.0, most: int = _MOST_PENDING) -> Subscription:
        """Return a subscription to a bot's changes, which hears from now on, and what was heard `ago` seconds back.

        When that is no longer remembered, or more than `most` users wait to be heard of, it hears that anything may
        have changed.
        """

        def forget(subscription: Subscription) -> None:
            remaining = self._subscriptions.get(bot_id, set())
            remaining.discard(subscription)
            if not remaining:
                self._subscriptions.pop(bot_id, None)

        subscription = Subscription(forget, most)
        self._subscriptions.setdefault(bot_id, set()).add(subscription)
        if ago > 0:
            self._repeat(subscription, bot_id, asyncio.get_running_loop().time() - ago)
        return subscription

    def _repeat(self, subscription: Subscription, bot_id: UUID, since: float) -> None:
        if since < self._remembers_since:
            subscription.add_everything()
            return
        for at, payload in reversed(self._recent):
            if at < since:
                break
            if payload.bot == bot_id:
                subscription.add(payload.users, payload.what)

    def on(self, what: str, callback: Callback) -> None:
        """Call `callback` (in the event loop; it must not block) whenever a word is announced, of whatever bot."""
        self._callbacks.setdefault(what, []).append(callback)

    async def listening(self) -> None:
        """Wait until the LISTEN connection is up."""
        await self._listening.wait()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set; a lost connection is made anew, with growing pauses up to five seconds."""
        stopped = asyncio.create_task(stop.wait())
        pause = 0.1
        try:
            while not stop.is_set():
                listening = asyncio.create_task(self._listen())
                await asyncio.wait({listening, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if stop.is_set():
                    listening.cancel()
                    await asyncio.gather(listening, return_exceptions=True)
                    break
                self._remembers_since = float("inf")
                pause = 0.1 if self._listening.is_set() else min(pause * 2, 5.0)
                self._listening.clear()
                error = listening.exception()
                if not isinstance(error, psycopg.Error | OSError | None):
                    raise error
                _log.warning("live.connection_lost", error=type(error).__name__, again_in=pause)
                await asyncio.wait({stopped}, timeout=pause)
        finally:
            stopped.cancel()
            self.close()

    def close(self) -> None:
        """End every subscription, so that open streams finish."""
        for subscriptions in list(self._subscriptions.values()):
            for subscription in list(subscriptions):
                subscription.close()

    async def _listen(self) -> None:
        connection = await AsyncConnection.connect(
            self._dsn, autocommit=True, application_name="botfolk live", connect_timeout=10
        )
        async with connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            self._missed()
            self._remembers_since = asyncio.get_running_loop().time()
            self._listening.set()
            while True:
                async for notification in connection.notifies(timeout=_QUIET_SECONDS):
                    self._heard(notification.payload)
                await connection.execute("SELECT 1")

    def _missed(self) -> None:
        for callbacks in self._callbacks.values():
            for callback in callbacks:
                callback(None)
        for subscriptions in self._subscriptions.values():
            for subscription in subscriptions:
                subscription.add_everything()

    def _heard(self, text: str) -> None:
        try:
            payload = json.decode(text, type=_Payload)
        except (DecodeError, ValidationError):
            _log.warning("live.not_understood", size=len(text))
            return
        if payload.looking is not None:
            self._looked(payload.bot, payload.looking)
            return
        self._remember(payload)
        for subscription in self._subscriptions.get(payload.bot, ()):
            subscription.add(payload.users, payload.what)
        if payload.what is not None:
            for callback in self._callbacks.get(payload.what, ()):
                callback(payload.bot)

    def _looked(self, bot_id: UUID, looking: Looking) -> None:
        if self.presence.heard(looking):
            for subscription in self._subscriptions.get(bot_id, ()):
                subscription.add([], f"present {looking.user}")

    def _remember(self, payload: _Payload) -> None:
        now = asyncio.get_running_loop().time()
        if len(self._recent) == _MOST_REMEMBERED:
            self._remembers_since = max(self._remembers_since, self._recent[0][0])
        self._recent.append((now, payload))
        while self._recent[0][0] < now - REMEMBERED_SECONDS:
            self._recent.popleft()
        self._remembers_since = max(self._remembers_since, now - REMEMBERED_SECONDS)
