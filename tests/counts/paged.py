"""An index that is kept by hand, and every page of a list as it names who may be on it."""

from datetime import datetime
from uuid import UUID

import pytest
from msgspec import Struct

from botfolk.counts import answer
from botfolk.counts.bringing import bring, build
from botfolk.counts.contract import Named, Walk
from botfolk.counts.index import Index
from botfolk.counts.ranking import Ranking
from botfolk.db.pool import Connection
from botfolk.filters import Catalogue, Filter, where
from botfolk.users import paging
from botfolk.users.paging import Ids, list_ids

STATUS = "active"
_ROOM = 10**9


class Standing:
    """An index of a bot and the moment it stands at."""

    def __init__(self, reading: Connection, beside: Connection, bot_id: UUID) -> None:
        self.bot_id = bot_id
        self._reading = reading
        self._beside = beside

    async def build(self) -> None:
        """Read everybody in."""
        async with self._reading.transaction():
            self.index, self._seen = await build(self._reading, self.bot_id, _ROOM)

    async def bring(self) -> None:
        """Take in what has changed since."""
        self._seen = await bring(self._reading, self.bot_id, self.index, self._seen, _ROOM)

    async def learn(self) -> None:
        """Know the orders that were asked for, as it does while it is kept."""
        ranking = Ranking(self._beside, self.bot_id)
        while self.index.wanted or ranking.is_busy:
            await self.bring()
            await ranking.go_on(self._reading, self.index)


class List(Struct, frozen=True):
    """A list: of whom, in which order, in pages of how many."""

    filter: Filter
    sort: str
    descending: bool
    limit: int


class Pages:
    """The pages of a bot's lists, as of a time; with an index, by whom it names.

    `named`: how often it named some of many; `unnamed`: who was on such a page without having been.
    """

    def __init__(
        self, conn: Connection, bot_id: UUID, catalogue: Catalogue, now: datetime, index: Index | None = None
    ) -> None:
        self._conn = conn
        self._bot_id = bot_id
        self._catalogue = catalogue
        self._now = now
        self._index = index
        self.named = 0
        self.unnamed: list[UUID] = []

    async def page(self, of: List, *, after: str | None = None, before: str | None = None) -> Ids:
        """Return a page."""
        among: list[Named | None] = []

        async def name(walk: Walk) -> Named | None:
            assert self._index is not None
            among.append(answer.named(self._index, of.filter, STATUS, self._catalogue, self._now, walk))
            return among[-1]

        asked = where(of.filter, self._catalogue, self._now) if of.filter else None
        found = await list_ids(
            self._conn, self._bot_id, q=None, sort=of.sort, descending=of.descending, limit=of.limit, status=STATUS,
            after=after, before=before, attributes=self._catalogue.attributes, filter=asked,
            name=None if self._index is None else name,
        )  # fmt: skip
        for each in among:
            if each is not None and not each.is_all:
                self.named += 1
                self.unnamed += [user_id for user_id in found.ids if user_id.hex not in each.ids]
        return found

    async def all(self, of: List) -> list[Ids]:
        """Return all pages of a list, there and back."""
        pages = [await self.page(of)]
        while pages[-1].next_cursor is not None:
            pages.append(await self.page(of, after=pages[-1].next_cursor))
        while pages[-1].previous_cursor is not None:
            pages.append(await self.page(of, before=pages[-1].previous_cursor))
        return pages


def none_to_spare(patch: pytest.MonkeyPatch) -> None:
    """Let an index name no more than a page and who is next."""
    patch.setattr(paging, "_SPARE", 0)
