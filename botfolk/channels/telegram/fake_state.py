"""What the fake of the Bot API remembers, and how it words its answers."""

from typing import Any

from msgspec import Struct, field

from botfolk.channels.fake_scripts import Scripts
from botfolk.channels.faking import Reply, reply_json


class Person(Struct, kw_only=True):
    """What is so of a person or group. `picture` counts their pictures; `known`: they have talked to the bot."""

    id: int
    blocked: bool = False
    known: bool = True
    photo: bool = True
    picture: int = 1
    title: str | None = None


class Call(Struct, kw_only=True):
    """One call that was made, at `at` (Unix time). `taken`: it was carried out."""

    method: str
    arguments: dict[str, Any]
    at: float
    taken: bool = False
    message_id: int | None = None


class State(Struct, kw_only=True):
    """All that the fake remembers. `tokens`: those it knows (none: any); `revoked`: those it knows no more."""

    tokens: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    scripts: Scripts = field(default_factory=Scripts)
    people: dict[int, Person] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    next_message: int = 1
    next_update: int = 1

    def person(self, chat_id: int) -> Person:
        """Return what is so of a person or group."""
        return self.people.get(chat_id) or Person(id=chat_id)

    def knows(self, token: str) -> bool:
        """Say whether a token is a bot's."""
        return token not in self.revoked and (not self.tokens or token in self.tokens)

    def forget(self) -> None:
        """Forget all but the webhook and the numbers already given."""
        self.revoked.clear()
        self.calls.clear()
        self.scripts.clear()
        self.people.clear()

    def number_message(self) -> int:
        """Return a message's number."""
        self.next_message += 1
        return self.next_message - 1

    def number_update(self) -> int:
        """Return an update's number."""
        self.next_update += 1
        return self.next_update - 1


def ok(result: object, description: str | None = None) -> Reply:
    """Answer with a result."""
    answer = {"ok": True, "result": result}
    return reply_json(answer | ({"description": description} if description else {}))


def refuse(code: int, description: str, parameters: dict[str, int] | None = None) -> Reply:
    """Answer with an error."""
    answer: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return reply_json(answer | ({"parameters": parameters} if parameters else {}), code)
