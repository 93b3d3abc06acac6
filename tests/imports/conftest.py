"""A bot, and files that are imported into it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from botfolk.db.secrets import SecretBox
from botfolk.imports import manage, upload
from botfolk.imports.manage import Whole
from botfolk.imports.verdicts import Tally
from botfolk.jobs import files, running, runs
from botfolk.jobs.fetching import Reach
from botfolk.jobs.kinds import kinds
from botfolk.services import Services
from botfolk.users.edits import Actor
from tests.telling import KEY, Tale

MIA = Actor("member", "Mia", UUID(int=1))


@dataclass
class Desk:
    """Where files are imported, and their jobs done."""

    tale: Tale
    services: Services

    @property
    def reach(self) -> Reach:
        """What a job needs."""
        channels = SimpleNamespace(box=SecretBox(KEY))
        return cast(Reach, SimpleNamespace(pool=self.tale.pool, clock=self.tale.clock, channels=channels))

    async def upload(self, content: bytes | str, name: str = "people.csv") -> UUID:
        """Upload a file."""
        data = content.encode() if isinstance(content, str) else content

        async def stream() -> AsyncIterator[bytes]:
            for start in range(0, len(data), 65_536):
                yield data[start : start + 65_536]

        return (await upload.upload(self.services, self.tale.bot_id, MIA, name, stream())).id

    async def map(self, import_id: UUID, **columns: str) -> None:
        """Map columns, named with _ for a space; `clear`, `country` and `only` are settings."""
        settings: dict[str, str] = {name: columns.pop(name) for name in ("clear", "country", "only") if name in columns}
        named = {name.replace("_", " "): target for name, target in columns.items()}
        async with self.tale.pool.connection() as connection:
            await manage.change(
                connection, self.tale.bot_id, import_id, columns=named or None, settings=settings or None
            )

    async def run(self, import_id: UUID, what: Any, *, until_done: bool = True, **more: Any) -> Whole:
        """Rehearse or carry out, to the end."""
        async with self.tale.pool.connection() as connection:
            job_id = await manage.start(
                connection, self.tale.bot_id, import_id, what, MIA, self.tale.now, unchecked=True, **more
            )
        if until_done:
            await self.work(job_id)
        return await self.look(import_id)

    async def work(self, job_id: UUID, seconds: float = 600) -> None:
        """Do a job's steps."""
        await running.run(self.reach, kinds(), self.tale.bot_id, job_id, seconds=seconds)

    async def look(self, import_id: UUID) -> Whole:
        """An import as it stands."""
        async with self.tale.pool.connection() as connection:
            return await manage.whole(connection, self.tale.bot_id, import_id)

    async def take_in(self, content: bytes | str, name: str = "people.csv", **columns: str) -> Tally:
        """Upload, map and import a file; return the sums."""
        import_id = await self.upload(content, name)
        if columns:
            await self.map(import_id, **columns)
        whole = await self.run(import_id, "apply")
        assert whole.apply is not None
        assert whole.apply.state == "done", whole.apply.error
        return manage.tally_of(whole.apply)

    async def undo(self, import_id: UUID) -> runs.Job:
        """Take an import back, to the end."""
        async with self.tale.pool.connection() as connection:
            job_id = await manage.undo(
                connection,
                self.tale.bot_id,
                await manage.whole(connection, self.tale.bot_id, import_id),
                MIA,
                self.tale.now,
            )
        await self.work(job_id)
        async with self.tale.pool.connection() as connection:
            job = await runs.get(connection, self.tale.bot_id, job_id)
        assert job is not None
        return job

    async def file(self, job_id: UUID, name: str) -> str:
        """A file that a job wrote."""
        pieces = [piece async for piece in files.read(self.tale.pool, self.tale.bot_id, job_id, name)]
        return b"".join(pieces).decode()


@pytest.fixture
def desk(tale: Tale, tmp_path: Path) -> Desk:
    """Where files are imported."""
    settings = SimpleNamespace(data_dir=tmp_path, import_mb=64, public_url="http://x")
    services = SimpleNamespace(settings=settings, pool=tale.pool, clock=tale.clock)
    return Desk(tale, cast(Services, services))
