"""Who looks at which user right now: told by each open page, on any node, and forgotten after a while of silence."""

import asyncio
from uuid import UUID

from msgspec import Struct

KNOWN_SECONDS = 40.0
"""An open page tells anew with every heartbeat, each 15 seconds."""


class Looking(Struct, frozen=True, kw_only=True):
    """A member looks at a user, or (`gone`) no longer does. `page`: one of perhaps several pages they have open."""

    user: UUID
    member: UUID
    name: str
    page: UUID
    gone: bool = False


class Presence:
    """What this process has heard of who looks where."""

    def __init__(self) -> None:
        self._pages: dict[UUID, dict[UUID, tuple[Looking, float]]] = {}

    def heard(self, looking: Looking) -> bool:
        """Note it; return whether somebody came or went."""
        before = self._members(looking.user)
        pages = self._pages.setdefault(looking.user, {})
        if looking.gone:
            pages.pop(looking.page, None)
        else:
            pages[looking.page] = (looking, asyncio.get_running_loop().time())
        if not pages:
            del self._pages[looking.user]
        return self._members(looking.user) != before

    def others(self, user_id: UUID, member_id: UUID | None) -> list[str]:
        """Return the names of the members who look at a user, but for one, in order."""
        found = self._members(user_id)
        return sorted(name for member, name in found.items() if member != member_id)

    def _members(self, user_id: UUID) -> dict[UUID, str]:
        pages = self._pages.get(user_id, {})
        oldest = asyncio.get_running_loop().time() - KNOWN_SECONDS
        for page in [page for page, (_, at) in pages.items() if at < oldest]:
            del pages[page]
        return {looking.member: looking.name for looking, _ in pages.values()}
