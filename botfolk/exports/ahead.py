"""Portions of an export, read by several connections side by side, and given one after the other."""

import asyncio
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from botfolk.exports import portions
from botfolk.exports.forms import Form
from botfolk.exports.portions import Asked, Connection, Portion


class Ahead:
    """Reads the users of an export from somebody on up to another; to be iterated within `async with`.

    `size`: how many users the next portions take. What the connections see is for the caller to make the same.
    """

    def __init__(
        self,
        connections: Sequence[Connection],
        asked: Asked,
        form: Form,
        *,
        after: UUID,
        until: UUID,
        size: int,
    ) -> None:
        self.size = size
        self._free = list(connections)
        self._asked, self._form = asked, form
        self._after, self._until = after, until
        self._is_end = False
        self._reading = deque[tuple[Portion, Connection, asyncio.Task[Any]]]()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        tasks = [task for _, _, task in self._reading]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> tuple[Portion, Any]:
        """Return the next portion, with what the form has read of its users. While the caller writes it others are
        being read."""
        await self._read()
        if not self._reading:
            raise StopAsyncIteration
        portion, connection, task = self._reading[0]
        content = await task
        self._reading.popleft()
        self._free.append(connection)
        await self._read()
        return portion, content

    async def _read(self) -> None:
        """Let each connection read that has nothing to do."""
        while self._free and not self._is_end:
            connection = self._free[-1]
            portion = await portions.portion_after(connection, self._asked, self._after, self._until, self.size)
            if portion is None:
                self._is_end = True
                return
            self._free.pop()
            task = asyncio.create_task(self._form.read(connection, self._asked, portion))
            self._reading.append((portion, connection, task))
            self._after = portion.last
