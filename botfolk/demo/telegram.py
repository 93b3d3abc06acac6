"""Telegram in the demo: acts as the updates it would deliver, and its fake. Shapes:
https://core.telegram.org/bots/api#update"""

from itertools import count
from typing import Any

import msgspec

from botfolk.channels.contract import Channel
from botfolk.channels.fake_scripts import Script
from botfolk.channels.faking import Handler
from botfolk.channels.telegram.fake import FakeTelegram
from botfolk.channels.telegram.fake_state import Person
from botfolk.demo.kinds import Request, Setup, Trouble
from botfolk.demo.script import Act, Dweller

_TOKEN = "1000000001:the-demo-has-no-bot-at-telegram-at-all"  # noqa: S105 - of nobody
_FIRST_ID = 700_000_000
_SPEAKERS = ("Ann", "Ben", "Chloe", "Dan")


class DemoTelegram:
    """Numbers updates and messages as the service does, and remembers each chat's last message."""

    kind = "telegram"
    share = 38
    groups = True

    def __init__(self) -> None:
        self._fake = FakeTelegram()
        self._updates = count(500_000_000)
        self._messages = count(1000)
        self._last: dict[int, dict[str, Any]] = {}

    def fake(self) -> Handler | None:
        """The fake of the Bot API."""
        return self._fake.handle

    def reached_at(self, url: str) -> dict[str, Any]:
        """Its address is that of the API."""
        return {"api_base": url}

    def setup(self) -> Setup:
        """A bot with a token of nobody."""
        return Setup(name="Telegram", secrets={"token": _TOKEN})

    def external_id(self, who: Dweller) -> str:
        """The chat's id."""
        return str(_chat_id(who))

    async def deliver(self, act: Act, channel: Channel, request: Request) -> bool:
        """Deliver an update."""
        headers = {"x-telegram-bot-api-secret-token": channel.secrets["secret"]}
        body = msgspec.json.encode(self._update(act))
        status, _ = await request("POST", f"/hooks/{channel.id}", headers, body)
        return status == 200

    def trouble(self, who: Dweller, what: Trouble) -> None:
        """Let the Bot API refuse, or lose its answer."""
        if what == "blocked":
            self._fake.state.people[_chat_id(who)] = Person(id=_chat_id(who), blocked=True)
        else:
            self._fake.state.scripts.add(Script(method="sendMessage", behaviour="drop", chat_id=_chat_id(who)))

    def _update(self, act: Act) -> dict[str, Any]:
        update: dict[str, Any] = {"update_id": next(self._updates)}
        at, last = int(act.at.timestamp()), self._last.get(act.who.number)
        if act.what == "edits" and last is not None and "text" in last:
            return update | {"edited_message": last | {"text": f"{last['text']} !", "edit_date": at}}
        if act.what == "reacts" and last is not None:
            reaction = {
                "chat": _chat(act.who),
                "message_id": last["message_id"],
                "user": _sender(act.who, 0),
                "date": at,
                "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": "❤"}],
            }
            return update | {"message_reaction": reaction}
        message = {
            "message_id": next(self._messages),
            "from": _sender(act.who, next(self._messages)),
            "chat": _chat(act.who),
            "date": at,
            **_content(act),
        }
        self._last[act.who.number] = message
        return update | {"message": message}


def _content(act: Act) -> dict[str, Any]:
    unique = f"demo{act.who.number}{int(act.at.timestamp())}"
    match act.what:
        case "photo":
            photo = {
                "file_id": f"photo-{unique}",
                "file_unique_id": unique,
                "width": 640,
                "height": 480,
                "file_size": 9000,
            }
            return {"photo": [photo], "caption": act.text}
        case "sticker":
            sticker = {"file_id": f"sticker-{unique}", "file_unique_id": unique, "type": "regular", "width": 512}
            return {"sticker": sticker | {"height": 512, "is_animated": False, "is_video": False, "emoji": "😍"}}
        case "place":
            return {"location": {"latitude": 3.139, "longitude": 101.6869}}
    text: dict[str, Any] = {"text": act.text}
    if act.text.startswith("/"):
        text["entities"] = [{"type": "bot_command", "offset": 0, "length": len(act.text)}]
    return text


def _chat_id(who: Dweller) -> int:
    return -(_FIRST_ID + who.number) if who.title is not None else _FIRST_ID + who.number


def _sender(who: Dweller, number: int) -> dict[str, Any]:
    if who.title is not None:
        speaker = _SPEAKERS[number % len(_SPEAKERS)]
        return {"id": 800_000_000 + number % len(_SPEAKERS), "is_bot": False, "first_name": speaker}
    names = {"first_name": who.first_name, "last_name": who.last_name, "language_code": who.language}
    return {"id": _chat_id(who), "is_bot": False, **names}


def _chat(who: Dweller) -> dict[str, Any]:
    if who.title is not None:
        return {"id": _chat_id(who), "title": who.title, "type": "group"}
    return {"id": _chat_id(who), "first_name": who.first_name, "last_name": who.last_name, "type": "private"}
