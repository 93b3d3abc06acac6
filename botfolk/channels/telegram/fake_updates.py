"""Updates as the fake of the Bot API makes and delivers them."""

import asyncio
import time
from collections import defaultdict
from typing import Any

from msgspec import Struct, field

from botfolk.channels.telegram.fake_state import State
from botfolk.http import Broken, Http, NotSent

_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 5.0

Update = dict[str, Any]


class Delivered(Struct):
    """What came of a delivery: the last status (0: no answer), and how often it was tried."""

    ok: bool
    status: int
    attempts: int


class Courier(Struct):
    """Delivers updates as Telegram does: one after the other in a chat, each again and again until it is taken.

    Telegram waits up to two minutes between attempts and gives up after a day; here it is seconds, and `attempts`.
    """

    http: Http
    queues: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def deliver(self, webhook: dict[str, Any], update: Update, attempts: int = 8) -> Delivered:
        """Deliver to a webhook with its secret token; returns when it is taken or given up."""
        async with self.queues[_chat_of(update)]:
            wait, status = _FIRST_WAIT_SECONDS, 0
            for attempt in range(1, attempts + 1):
                status, asked = await self._try(webhook, update)
                if 200 <= status < 300:
                    return Delivered(True, status, attempt)
                if attempt < attempts:
                    await asyncio.sleep(min(asked or wait, _LONGEST_WAIT_SECONDS))
                    wait *= 2
            return Delivered(False, status, attempts)

    async def _try(self, webhook: dict[str, Any], update: Update) -> tuple[int, float]:
        headers = {}
        if webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = str(webhook["secret_token"])
        try:
            answer = await self.http.request("POST", str(webhook["url"]), json=update, headers=headers)
        except (NotSent, Broken):
            return 0, 0.0
        asked = answer.headers.get("retry-after", "")
        return answer.status, float(asked) if asked.isdecimal() else 0.0


def _chat_of(update: Update) -> int:
    """Return the chat an update is of; 0 for what is of none."""
    for part in update.values():
        if isinstance(part, dict):
            said_in = part.get("chat") or (part.get("message") or {}).get("chat") or part.get("from") or {}
            if isinstance(said_in, dict) and isinstance(said_in.get("id"), int):
                return int(said_in["id"])
    return 0


class Who(Struct, kw_only=True):
    """The person of an update, and where they are: a private chat, or a group when `group` names its title."""

    chat_id: int
    first_name: str = "Fay"
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    group: str | None = None
    from_id: int | None = None
    date: int | None = None
    """Unix time; now when left out"""

    def person(self) -> dict[str, Any]:
        """Return the `from` of an update."""
        named = {"first_name": self.first_name, "last_name": self.last_name, "username": self.username}
        named["language_code"] = self.language_code
        known = {name: value for name, value in named.items() if value is not None}
        return {"id": self.from_id or self.chat_id, "is_bot": False, **known}

    def chat(self) -> dict[str, Any]:
        """Return the `chat` of an update."""
        if self.group is not None or self.chat_id < 0:
            return {"id": self.chat_id, "type": "supergroup", "title": self.group or "Group"}
        told = {name: value for name, value in self.person().items() if name.endswith("name")}
        return {"id": self.chat_id, "type": "private", **told}

    def at(self) -> int:
        """Return the Unix time of the update."""
        return self.date if self.date is not None else int(time.time())


class Say(Who, kw_only=True):
    """A person says a text; `edits` is the number of an earlier message that it replaces."""

    text: str
    edits: int | None = None

    def update(self, state: State) -> Update:
        """Return it as an update."""
        number = self.edits or state.number_message()
        message = {"message_id": number, "from": self.person(), "chat": self.chat(), "text": self.text}
        if self.edits is None:
            return _update(state, "message", message | {"date": self.at()})
        return _update(state, "edited_message", message | {"date": self.at(), "edit_date": self.at()})


class Tap(Who, kw_only=True):
    """A person taps the button of a message that sends `data`."""

    data: str
    title: str | None = None
    message_id: int | None = None

    def update(self, state: State) -> Update:
        """Return it as an update."""
        tap: dict[str, Any] = {"id": f"{time.time_ns()}", "from": self.person(), "chat_instance": "1"}
        if self.message_id is not None:
            button = {"text": self.title or self.data, "callback_data": self.data}
            markup = {"inline_keyboard": [[button]]}
            tap["message"] = {"message_id": self.message_id, "date": self.at(), "chat": self.chat()}
            tap["message"]["reply_markup"] = markup
        return _update(state, "callback_query", tap | {"data": self.data})


class React(Who, kw_only=True):
    """A person's reactions to a message are now `emoji`."""

    message_id: int
    emoji: list[str]

    def update(self, state: State) -> Update:
        """Return it as an update."""
        reactions = [{"type": "emoji", "emoji": each} for each in self.emoji]
        reaction = {"chat": self.chat(), "message_id": self.message_id, "user": self.person(), "date": self.at()}
        return _update(state, "message_reaction", reaction | {"old_reaction": [], "new_reaction": reactions})


class Block(Who, kw_only=True):
    """A person blocks or unblocks the bot, or a group removes or adds it; what is sent to them fails from then on."""

    blocked: bool = True

    def update(self, state: State) -> Update:
        """Return it as an update."""
        person = state.people[self.chat_id] = state.person(self.chat_id)
        person.blocked = self.blocked
        before, after = ("member", "kicked") if self.blocked else ("kicked", "member")
        bot = {"id": 1, "is_bot": True, "first_name": "Fake Bot"}
        statuses = {
            "old_chat_member": {"user": bot, "status": before},
            "new_chat_member": {"user": bot, "status": after},
        }
        changed = {"chat": self.chat(), "from": self.person(), "date": self.at(), **statuses}
        return _update(state, "my_chat_member", changed)


def _update(state: State, kind: str, content: dict[str, Any]) -> Update:
    return {"update_id": state.number_update(), kind: content}


ACTS: dict[str, type[Say] | type[Tap] | type[React] | type[Block]] = {
    "say": Say,
    "tap": Tap,
    "react": React,
    "block": Block,
}
"""What a person can be told to do, by the word for it."""
