"""What people do on the fake of the Messenger Platform, and how it is delivered."""

import time
from typing import Any, Protocol

from msgspec import Struct

Json = dict[str, Any]


class Stage(Protocol):
    """What an act needs of the fake."""

    def number(self) -> int:
        """Return a number that is given once."""
        ...

    def entry(self, items: list[Json], where: str = "messaging") -> Json:
        """Return a delivery of items."""
        ...

    def echo(self, person: str, mid: str, said: Json, app_id: str | None) -> Json:
        """Return the echo of what the page said."""
        ...

    @property
    def account(self) -> Any:
        """The page."""
        ...


class Act(Struct, kw_only=True):
    """Something that a person does; `at` in milliseconds, now when left out."""

    person: str
    at: int | None = None
    standby: bool = False

    def item(self, stage: Stage) -> Json:
        """Return what is special to the act."""
        raise NotImplementedError

    def payload(self, stage: Stage) -> Json:
        """Return it as it is delivered."""
        around = {"sender": {"id": self.person}, "recipient": {"id": stage.account.id}}
        at = {"timestamp": self.at if self.at is not None else int(time.time() * 1000)}
        return stage.entry([around | at | self.item(stage)], "standby" if self.standby else "messaging")


class Say(Act, kw_only=True):
    """A person says something."""

    text: str | None = None
    attachments: list[Json] = []
    quick_reply: str | None = None
    reply_to: str | None = None
    story: Json | None = None

    def item(self, stage: Stage) -> Json:
        """A message."""
        message: Json = {"mid": f"m_said_{stage.number()}"}
        if self.text is not None:
            message["text"] = self.text
        if self.attachments:
            message["attachments"] = self.attachments
        if self.quick_reply is not None:
            message["quick_reply"] = {"payload": self.quick_reply}
        if self.reply_to is not None:
            message["reply_to"] = {"mid": self.reply_to}
        if self.story is not None:
            message["reply_to"] = {"story": self.story}
        return {"message": message}


class Tap(Act, kw_only=True):
    """A person taps a button of a template, the menu or Get Started."""

    data: str = ""
    title: str = ""
    ref: str | None = None

    def item(self, stage: Stage) -> Json:
        """A postback."""
        postback: Json = {"mid": f"m_tap_{stage.number()}", "title": self.title, "payload": self.data}
        if self.ref is not None:
            postback["referral"] = {"ref": self.ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
        return {"postback": postback}


class React(Act, kw_only=True):
    """A person's reaction to a message; none takes it back."""

    mid: str
    emoji: str | None = None

    def item(self, stage: Stage) -> Json:
        """A reaction."""
        if self.emoji is None:
            return {"reaction": {"mid": self.mid, "action": "unreact"}}
        return {"reaction": {"mid": self.mid, "action": "react", "emoji": self.emoji, "reaction": "other"}}


class Edit(Act, kw_only=True):
    """A person changes what they said."""

    mid: str
    text: str
    num_edit: int = 1

    def item(self, stage: Stage) -> Json:
        """An edit."""
        return {"message_edit": {"mid": self.mid, "text": self.text, "num_edit": self.num_edit}}


class Unsend(Act, kw_only=True):
    """A person takes back what they said."""

    mid: str

    def item(self, stage: Stage) -> Json:
        """A deletion."""
        return {"message": {"mid": self.mid, "is_deleted": True}}


class Seen(Act, kw_only=True):
    """A person has read all until now, or (Instagram) one message."""

    mid: str | None = None

    def item(self, stage: Stage) -> Json:
        """A reading."""
        return {"read": {"mid": self.mid} if self.mid else {"watermark": int(time.time() * 1000)}}


class Delivered(Act, kw_only=True):
    """All until now has arrived."""

    mids: list[str] | None = None

    def item(self, stage: Stage) -> Json:
        """A delivery."""
        watermark: Json = {"watermark": int(time.time() * 1000)}
        return {"delivery": watermark | ({"mids": self.mids} if self.mids else {})}


class Refer(Act, kw_only=True):
    """A person follows a link into the conversation."""

    ref: str

    def item(self, stage: Stage) -> Json:
        """A referral."""
        return {"referral": {"ref": self.ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}}


class Opt(Act, kw_only=True):
    """A person allows marketing messages, or stops them."""

    allowed: bool = True
    timezone: str | None = None

    def item(self, stage: Stage) -> Json:
        """An opt-in."""
        optin: Json = {"type": "notification_messages", "payload": "any"}
        if self.timezone is not None:
            optin["notification_messages_timezone"] = self.timezone
        if not self.allowed:
            optin["notification_messages_status"] = "STOP_NOTIFICATIONS"
        return {"optin": optin}


class Inbox(Act, kw_only=True):
    """The team writes to a person in the page's own inbox."""

    text: str

    def payload(self, stage: Stage) -> Json:
        """An echo that is of no app of ours."""
        return stage.echo(self.person, f"m_inbox_{stage.number()}", {"text": self.text}, "263902037430900")


ACTS: dict[str, type[Act]] = {
    "say": Say,
    "tap": Tap,
    "react": React,
    "edit": Edit,
    "unsend": Unsend,
    "seen": Seen,
    "delivered": Delivered,
    "refer": Refer,
    "opt": Opt,
    "inbox": Inbox,
}
"""What can be told, by the word for it."""
