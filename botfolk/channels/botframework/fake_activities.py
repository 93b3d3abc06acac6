"""Activities as the fake makes them of what a person does, in the shape of Teams."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from botfolk.channels.botframework.fake_state import State

Activity = dict[str, Any]

TENANT = "99999999-8888-7777-6666-555555555555"


class Who(Struct, kw_only=True):
    """The person of an activity, and where they are: their own chat, or the group chat or channel thread `group`."""

    user: str
    name: str | None = "Megan Bowen"
    group: str | None = None
    title: str | None = None
    timezone: str | None = None
    local_timestamp: str | None = None
    locale: str | None = None
    channel_id: str = "msteams"
    at: str | None = None
    """ISO 8601; now when left out"""

    def base(self, state: State, kind: str, number: str | None) -> Activity:
        """Return what every activity holds."""
        app = state.webhook.app_id
        conversation: Activity = {"id": self.group or f"a:{self.user}", "tenantId": TENANT}
        if self.group:
            conversation |= {"isGroup": True, "conversationType": "channel" if "thread" in self.group else "groupChat"}
            conversation |= {"name": self.title} if self.title else {}
        else:
            conversation["conversationType"] = "personal"
        made: Activity = {
            "type": kind,
            "channelId": self.channel_id,
            "timestamp": self.at or datetime.fromtimestamp(int(state.number()) / 1000, UTC).isoformat(),
            "from": {"id": self.user} | ({"name": self.name} if self.name else {}),
            "conversation": conversation,
            "recipient": {"id": f"28:{app}", "name": "Fake Bot"},
            "channelData": {"tenant": {"id": TENANT}},
        }
        told = {"id": number, "localTimezone": self.timezone, "localTimestamp": self.local_timestamp}
        return made | {name: value for name, value in (told | {"locale": self.locale}).items() if value is not None}


class Say(Who, kw_only=True):
    """A person says a text (`edits` is the number of an earlier message it replaces), with files."""

    text: str = ""
    edits: str | None = None
    mentions: bool = False
    attachments: list[Any] = []

    def activity(self, state: State) -> Activity:
        """Return it as an activity."""
        made = self.base(state, "messageUpdate" if self.edits else "message", self.edits or state.number())
        made |= {"text": self.text, "textFormat": "plain"}
        if self.edits:
            made["channelData"]["eventType"] = "editMessage"
        if self.mentions:
            named = {"type": "mention", "mentioned": made["recipient"], "text": "<at>Fake Bot</at>"}
            made |= {"text": f"<at>Fake Bot</at> {self.text}", "entities": [named]}
        return made | ({"attachments": self.attachments} if self.attachments else {})


class Delete(Who, kw_only=True):
    """A person takes a message back."""

    number: str

    def activity(self, state: State) -> Activity:
        """Return it as an activity."""
        made = self.base(state, "messageDelete", self.number)
        made["channelData"]["eventType"] = "softDeleteMessage"
        return made


class Tap(Who, kw_only=True):
    """A person taps a button of message `number`: as a message, or (`verb`) as an invoke that waits for its answer."""

    value: Any = None
    verb: str | None = None
    title: str | None = None
    number: str | None = None

    def activity(self, state: State) -> Activity:
        """Return it as an activity."""
        made = self.base(state, "invoke" if self.verb else "message", state.number())
        made |= {"replyToId": self.number} if self.number else {}
        if self.verb is None:
            return made | {"value": self.value}
        action = {"type": "Action.Execute", "verb": self.verb, "title": self.title, "data": self.value}
        return made | {"name": "adaptiveCard/action", "value": {"action": action, "trigger": "manual"}}


class React(Who, kw_only=True):
    """A person adds and takes back reactions to message `number`."""

    number: str
    added: list[str] = []
    removed: list[str] = []

    def activity(self, state: State) -> Activity:
        """Return it as an activity."""
        made = self.base(state, "messageReaction", self.number) | {"replyToId": self.number}
        changed = {"reactionsAdded": self.added, "reactionsRemoved": self.removed}
        return made | {name: [{"type": each} for each in kinds] for name, kinds in changed.items() if kinds}


class Read(Who, kw_only=True):
    """A person has read up to message `number`."""

    number: str

    def activity(self, state: State) -> Activity:
        """Return it as an activity."""
        made = self.base(state, "event", state.number()) | {"name": "application/vnd.microsoft.readReceipt"}
        return made | {"value": {"lastReadMessageId": self.number}}


class Install(Who, kw_only=True):
    """A person adds or removes the bot; what is sent to them fails from then on, or no longer."""

    added: bool = True

    def activity(self, state: State) -> Activity:
        """Return it as an activity."""
        person = state.people[self.user] = state.person(self.user)
        person.blocked = not self.added
        return self.base(state, "installationUpdate", state.number()) | {"action": "add" if self.added else "remove"}


Act = Say | Delete | Tap | React | Read | Install

ACTS: dict[str, type[Act]] = {
    "say": Say,
    "delete": Delete,
    "tap": Tap,
    "react": React,
    "read": Read,
    "install": Install,
}
"""What a person can be told to do, by the word for it."""
