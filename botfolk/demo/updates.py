"""Acts as the updates Telegram would deliver of them. Shapes: https://core.telegram.org/bots/api#update"""

from itertools import count
from typing import Any

from botfolk.demo.script import Act, Dweller

_SPEAKERS = ("Ann", "Ben", "Chloe", "Dan")


class Updates:
    """Numbers updates and messages as the service does, and remembers each chat's last message."""

    def __init__(self) -> None:
        self._updates = count(500_000_000)
        self._messages = count(1000)
        self._last: dict[int, dict[str, Any]] = {}

    def of(self, act: Act) -> dict[str, Any]:
        """Return the update of what a person does."""
        update: dict[str, Any] = {"update_id": next(self._updates)}
        at, last = int(act.at.timestamp()), self._last.get(act.who.chat_id)
        if act.what == "edits" and last is not None and "text" in last:
            return update | {"edited_message": last | {"text": f"{last['text']} !", "edit_date": at}}
        if act.what == "reacts" and last is not None:
            return update | {
                "message_reaction": {
                    "chat": _chat(act.who),
                    "message_id": last["message_id"],
                    "user": _sender(act.who, 0),
                    "date": at,
                    "old_reaction": [],
                    "new_reaction": [{"type": "emoji", "emoji": "❤"}],
                }
            }
        message = {
            "message_id": next(self._messages),
            "from": _sender(act.who, next(self._messages)),
            "chat": _chat(act.who),
            "date": at,
            **_content(act),
        }
        self._last[act.who.chat_id] = message
        return update | {"message": message}


def _content(act: Act) -> dict[str, Any]:
    unique = f"demo{act.who.chat_id}{int(act.at.timestamp())}"
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


def _sender(who: Dweller, number: int) -> dict[str, Any]:
    if who.title is not None:
        speaker = _SPEAKERS[number % len(_SPEAKERS)]
        return {"id": 800_000_000 + number % len(_SPEAKERS), "is_bot": False, "first_name": speaker}
    names = {"first_name": who.first_name, "last_name": who.last_name, "language_code": who.language}
    return {"id": who.chat_id, "is_bot": False, **names}


def _chat(who: Dweller) -> dict[str, Any]:
    if who.title is not None:
        return {"id": who.chat_id, "title": who.title, "type": "group"}
    return {"id": who.chat_id, "first_name": who.first_name, "last_name": who.last_name, "type": "private"}
