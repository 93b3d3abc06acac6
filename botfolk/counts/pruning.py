"""Forgets who was changed once every index has taken it in.

When all transactions before one have ended is noted, and what they changed is removed long after: an index that has not
been brought up to date in a much shorter time is built anew (`kept.STALE_SECONDS`), whichever process it is in.
"""

from collections import deque
from time import monotonic
from typing import Any

from psycopg import AsyncConnection

KEEP_SECONDS = 1800.0
_NOTE_SECONDS = 300.0


class Pruning:
    """What has ended by when, as this process has seen it."""

    def __init__(self) -> None:
        self._noted: deque[tuple[float, int]] = deque()

    async def prune(self, connection: AsyncConnection[Any]) -> None:
        """Note which transactions have ended by now, and remove what those changed of which that was noted long ago."""
        now = monotonic()
        if not self._noted or now - self._noted[-1][0] >= _NOTE_SECONDS:
            cursor = await connection.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            row = await cursor.fetchone()
            if row is not None:
                self._noted.append((now, row[0]))
        ended = None
        while self._noted and now - self._noted[0][0] >= KEEP_SECONDS:
            ended = self._noted.popleft()[1]
        if ended is not None:
            await connection.execute("DELETE FROM touched WHERE xid < %s", [ended])
