"""Deliveries as the fake of the Cloud API makes them."""

import time
from typing import Any

from msgspec import Struct

from botfolk.channels.whatsapp.fake_state import ACCOUNT_ID, DISPLAY_NUMBER, NUMBER_ID, TITLES, State

Value = dict[str, Any]


def delivery(value: Value, field: str = "messages") -> dict[str, Any]:
    """Return a delivery of one change."""
    metadata = {"display_phone_number": DISPLAY_NUMBER, "phone_number_id": NUMBER_ID}
    told = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": ACCOUNT_ID, "changes": [{"value": told, "field": field}]}],
    }


class Who(Struct, kw_only=True):
    """Who does something: a phone's id, a business-scoped id, or both."""

    wa_id: str | None = "16505551234"
    user_id: str | None = None
    name: str = "Fay"
    username: str | None = None
    group_id: str | None = None
    timestamp: int | None = None

    def value(self, state: State, message: dict[str, Any]) -> Value:
        """Return a message of theirs with the contact beside it."""
        profile = {"name": self.name} | ({"username": self.username} if self.username else {})
        ids = {"wa_id": self.wa_id, "user_id": self.user_id}
        contact = {"profile": profile} | {name: value for name, value in ids.items() if value}
        told = {"from": self.wa_id, "from_user_id": self.user_id, "group_id": self.group_id}
        said = {name: value for name, value in told.items() if value}
        said |= {"id": state.wamid(), "timestamp": str(self.timestamp or int(time.time()))}
        return {"contacts": [contact], "messages": [said | message]}


class Say(Who, kw_only=True):
    """A person says a text, or sends a picture with it (`photo`)."""

    text: str = ""
    photo: bool = False
    reply_to: str | None = None

    def told(self, state: State) -> Value:
        """Return it as a change."""
        context = {"context": {"from": DISPLAY_NUMBER, "id": self.reply_to}} if self.reply_to else {}
        if not self.photo:
            return self.value(state, {"type": "text", "text": {"body": self.text}, **context})
        media_id = state.keep(PIXEL, "image/png")
        image = {"mime_type": "image/png", "id": media_id, "caption": self.text}
        return self.value(state, {"type": "image", "image": image, **context})


class Tap(Who, kw_only=True):
    """A person taps a reply button."""

    data: str
    title: str = ""
    message_id: str = "wamid.FAKE00000000"

    def told(self, state: State) -> Value:
        """Return it as a change."""
        reply = {"type": "button_reply", "button_reply": {"id": self.data, "title": self.title or self.data}}
        context = {"from": DISPLAY_NUMBER, "id": self.message_id}
        return self.value(state, {"type": "interactive", "interactive": reply, "context": context})


class React(Who, kw_only=True):
    """A person reacts to a message; an empty emoji takes it back."""

    message_id: str
    emoji: str = ""

    def told(self, state: State) -> Value:
        """Return it as a change."""
        return self.value(state, {"type": "reaction", "reaction": {"message_id": self.message_id, "emoji": self.emoji}})


ACTS: dict[str, type[Say] | type[Tap] | type[React]] = {"say": Say, "tap": Tap, "react": React}
"""What a person can be told to do, by the word for it."""


def status_of(wamid: str, to: dict[str, Any], status: str, data: str | None, error: int | None = None) -> Value:
    """Return what became of a message; `to` is whom the call named."""
    told: dict[str, Any] = {"id": wamid, "status": status, "timestamp": str(int(time.time()))}
    if to.get("recipient_type") == "group":
        told |= {"recipient_id": to["to"], "recipient_type": "group"}
    elif to.get("to"):
        told["recipient_id"] = str(to["to"]).removeprefix("+")
    else:
        told["recipient_user_id"] = to.get("recipient")
    if data:
        told["biz_opaque_callback_data"] = data
    if error is not None:
        title = TITLES.get(error, "Error")
        told["errors"] = [{"code": error, "title": title, "message": title, "error_data": {"details": title}}]
    return {"statuses": [told]}


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
"""The smallest PNG"""
