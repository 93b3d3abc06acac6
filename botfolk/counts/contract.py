"""What the other rooms know of the indexes: that something of a bot's users may be in memory, and can be asked."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

from msgspec import Struct

Answer = TypeVar("Answer")


class Walk(Struct, frozen=True, kw_only=True):
    """A stretch of a list: so many users at most, by a word of `users/ordering.py`, beyond a key (a value, None where
    there is none, and an id) or from the list's end on. `is_back`: towards its beginning."""

    sort: str
    descending: bool
    is_back: bool
    key: tuple[Any, UUID] | None
    most: int


class Named(NamedTuple):
    """Who is meant: ids, as the database writes an array of them. `is_all`: nobody else is. `is_behind`: it goes on
    behind the key's user, wherever they are; the key's value is to be theirs still."""

    ids: str
    is_all: bool
    is_behind: bool = False


class Memory(Protocol):
    """The indexes of a process (`keeper.Counts`)."""

    async def ask(self, bot_id: UUID, question: Callable[[Any], Answer]) -> Answer | None:
        """Return what `question` finds in a bot's index, brought to this moment before; None where there is none, or it
        takes too long to come near. What `question` raises is raised."""


class Nothing:
    """No indexes: everything is asked of the database."""

    async def ask(self, bot_id: UUID, question: Callable[[Any], Answer]) -> Answer | None:
        return None
