"""What the other rooms know of the indexes: that something of a bot's users may be in memory, and can be asked."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from uuid import UUID

Answer = TypeVar("Answer")


class Memory(Protocol):
    """The indexes of a process (`keeper.Counts`)."""

    async def ask(self, bot_id: UUID, question: Callable[[Any], Answer]) -> Answer | None:
        """Return what `question` finds in a bot's index, brought to this moment before; None where there is none, or it
        takes too long to come near. What `question` raises is raised."""


class Nothing:
    """No indexes: everything is asked of the database."""

    async def ask(self, bot_id: UUID, question: Callable[[Any], Answer]) -> Answer | None:
        return None
