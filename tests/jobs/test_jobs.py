"""Jobs: they exist exactly if the change does, run once, wait when told to, and survive a killed worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from psycopg.types.json import Jsonb

from botfolk.channels.contract import Channel, ChannelError, FetchedPicture, TryLater
from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.http import Http, open_http
from botfolk.ids import new_id
from botfolk.jobs import Job, Worker, defer, defer_all
from botfolk.jobs.schema import AS_OF, sql_folder
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, SetPicture
from tests.outbox.world import Person, Service, World, until


def portrait(colour: str = "red") -> bytes:
    content = BytesIO()
    Image.new("RGB", (2000, 900), colour).save(content, "JPEG")
    return content.getvalue()


class Gallery(Service):
    """A service with pictures: `shown` is a picture, none, or what is raised."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: FetchedPicture | Exception | None = None
        self.asked: list[tuple[str, bool, str | None]] = []
        self.files: dict[str, bytes | Exception] = {}
        self.hold: asyncio.Event | None = None

    async def picture(
        self, channel: Channel, http: Http, external_user_id: str, *, is_group: bool, known_ref: str | None
    ) -> FetchedPicture | None:
        self.asked.append((external_user_id, is_group, known_ref))
        if self.hold is not None:
            await self.hold.wait()
        if isinstance(self.shown, Exception):
            raise self.shown
        return self.shown

    async def media(self, channel: Channel, http: Http, ref: str) -> bytes:
        file = self.files[ref]
        if isinstance(file, Exception):
            raise file
        return file


@pytest.fixture
async def world(pool: Pool) -> World:
    return await World.make(pool)


@asynccontextmanager
async def working(world: World, gallery: Gallery, **more: Any) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with open_http(allow_private=True) as http:
        worker = Worker(world.pool, http, world.channels, {"plain": gallery}, **more)
        task = asyncio.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task


async def ask_for_picture(world: World, person: Person) -> None:
    async with world.pool.connection() as connection:
        await defer(connection, "pictures.fetch", {"bot_id": str(world.bot_id), "identity_id": str(person.identity_id)})


async def jobs(world: World) -> int:
    return int(await world.one("SELECT count(*) FROM procrastinate_jobs"))


async def no_jobs(world: World) -> bool:
    return await jobs(world) == 0


async def test_a_job_exists_exactly_if_the_change_that_asked_for_it_does(world: World) -> None:
    async with world.pool.connection() as connection:
        await defer(connection, "media.fetch", {"bot_id": "1", "message_id": "2"})
        await connection.rollback()
    assert await jobs(world) == 0
    async with world.pool.connection() as connection:
        await defer_all(connection, [Job("media.fetch", {"bot_id": "1", "message_id": str(n)}) for n in range(3)])
    assert await jobs(world) == 3
    assert await world.one("SELECT array_agg(args->>'message_id' ORDER BY id) FROM procrastinate_jobs") == [
        "0",
        "1",
        "2",
    ]


async def test_one_job_of_a_lock_waits_and_the_transaction_goes_on(world: World) -> None:
    async with world.pool.connection() as connection:
        assert await defer(connection, "media.fetch", {"message_id": "1"}, queueing_lock="a")
        assert not await defer(connection, "media.fetch", {"message_id": "2"}, queueing_lock="a")
        assert await defer(connection, "media.fetch", {"message_id": "3"}, queueing_lock="b")
    assert await jobs(world) == 2


async def test_a_persons_picture_is_fetched_drawn_anew_and_theirs(world: World) -> None:
    ann, gallery = await world.person(), Gallery()
    gallery.shown = FetchedPicture(ref="r1", content=portrait())
    async with working(world, gallery):
        await ask_for_picture(world, ann)
        await until(lambda: no_jobs(world))
    async with world.pool.connection() as connection:
        row = await (
            await connection.execute(
                """SELECT m.content_type, m.width, m.height, u.field_sources->>'picture', i.picture_ref,
                       i.picture_checked_at IS NOT NULL
                   FROM users u JOIN media m ON m.id = u.picture_id JOIN identities i ON i.user_id = u.id"""
            )
        ).fetchone()
    assert row == ("image/webp", 512, 512, "channel", "r1", True)
    assert gallery.asked == [("ann", False, None)]


async def test_the_picture_a_member_chose_is_not_replaced(world: World) -> None:
    ann, gallery = await world.person(), Gallery()
    chosen = new_id()
    async with world.pool.connection() as connection:
        await connection.execute(
            "INSERT INTO media (bot_id, id, content_type, content) VALUES (%s, %s, 'image/webp', '')",
            [world.bot_id, chosen],
        )
        member = Actor("member", "Mia", new_id())
        await apply(connection, world.bot_id, ann.user_id, [SetPicture(chosen)], member, now=utc_now())
    gallery.shown = FetchedPicture(ref="r1", content=portrait())
    async with working(world, gallery):
        await ask_for_picture(world, ann)
        await until(lambda: no_jobs(world))
    assert await world.one("SELECT picture_id FROM users") == chosen
    assert await world.one("SELECT count(*) FROM media") == 1


async def test_the_picture_a_member_took_away_does_not_come_back_by_itself(world: World) -> None:
    ann, gallery = await world.person(), Gallery()
    gallery.shown = FetchedPicture(ref="r1", content=portrait())
    member = Actor("member", "Mia", new_id())
    async with working(world, gallery):
        await ask_for_picture(world, ann)
        await until(lambda: no_jobs(world))
        async with world.pool.connection() as connection:
            await apply(connection, world.bot_id, ann.user_id, [SetPicture(None)], member, now=utc_now())
        gallery.shown = FetchedPicture(ref="r2", content=portrait())
        await ask_for_picture(world, ann)
        await until(lambda: no_jobs(world))
    assert len(gallery.asked) == 2
    assert await world.one("SELECT picture_id FROM users") is None


@pytest.mark.parametrize(
    "shown",
    [None, ChannelError("The picture is hidden"), FetchedPicture(ref="r1", content=b"<svg/>")],
    ids=["none", "hidden", "no picture"],
)
async def test_no_picture_is_the_end_of_it(world: World, shown: FetchedPicture | Exception | None) -> None:
    ann, gallery = await world.person(), Gallery()
    gallery.shown = shown
    async with working(world, gallery):
        await ask_for_picture(world, ann)
        await until(lambda: no_jobs(world))
    assert len(gallery.asked) == 1
    assert await world.one("SELECT picture_id FROM users") is None
    assert await world.one("SELECT picture_checked_at FROM identities") is not None


async def test_a_service_that_cannot_answer_is_asked_again_when_it_says(world: World) -> None:
    ann, gallery = await world.person(), Gallery()
    gallery.shown = TryLater("Slow down", after=3600)
    before = utc_now()
    async with working(world, gallery):
        await ask_for_picture(world, ann)
        await until(lambda: scheduled(world))
        at: datetime = await world.one("SELECT scheduled_at FROM procrastinate_jobs WHERE status = 'todo'")
        assert at - before >= timedelta(hours=1)
        gallery.shown = FetchedPicture(ref="r1", content=portrait())
        await world.set("UPDATE procrastinate_jobs SET scheduled_at = now()")
        await ask_for_picture(world, ann)
        await until(lambda: no_jobs(world))
    assert await world.one("SELECT picture_ref FROM identities") == "r1"


async def scheduled(world: World) -> bool:
    return bool(await world.one("SELECT true FROM procrastinate_jobs WHERE status = 'todo' AND attempts = 1"))


async def test_a_job_that_fails_for_good_is_kept_in_sight(world: World) -> None:
    async with working(world, Gallery()):
        async with world.pool.connection() as connection:
            await defer(connection, "no.such_task", {})
        await until(lambda: has_failed(world))


async def has_failed(world: World) -> bool:
    return bool(await world.one("SELECT true FROM procrastinate_jobs WHERE status = 'failed'"))


async def test_what_a_killed_worker_left_running_is_taken_up(world: World) -> None:
    ann, gallery = await world.person(), Gallery()
    gallery.shown = FetchedPicture(ref="r1", content=portrait())
    await ask_for_picture(world, ann)
    await world.set(
        """WITH killed AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')
               RETURNING id)
           UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM killed)"""
    )
    async with working(world, gallery):
        await until(lambda: no_jobs(world))
    assert len(gallery.asked) == 1


async def test_a_job_that_does_not_finish_while_stopping_is_done_at_the_next_start(world: World) -> None:
    ann, gallery = await world.person(), Gallery()
    gallery.shown, gallery.hold = FetchedPicture(ref="r1", content=portrait()), asyncio.Event()
    await ask_for_picture(world, ann)
    async with working(world, gallery, shutdown_seconds=0.05):
        await until(lambda: was_asked(gallery))
    assert await world.one("SELECT status::text FROM procrastinate_jobs") == "todo"
    gallery.hold.set()
    async with working(world, gallery):
        await until(lambda: no_jobs(world))
    assert await world.one("SELECT picture_ref FROM identities") == "r1"


async def was_asked(gallery: Gallery) -> bool:
    return bool(gallery.asked)


async def photo_message(world: World, person: Person, *refs: str) -> UUID:
    message_id = new_id()
    await world.set(
        """INSERT INTO messages (bot_id, id, user_id, channel_id, direction, author, kind, details, sent_at,
               received_at, status)
           VALUES (%s, %s, %s, %s, 'in', 'user', 'photo', %s, now(), now(), 'received')""",
        world.bot_id,
        message_id,
        person.user_id,
        world.channel_id,
        Jsonb({"media": [{"ref": ref, "content_type": "image/jpeg"} for ref in refs], "caption": "x"}),
    )
    return message_id


async def test_the_photos_of_a_message_are_fetched_and_drawn_anew(world: World) -> None:
    ann, gallery = await world.person(), Gallery()
    gallery.files = {"good": portrait(), "gone": ChannelError("The file is no longer there")}
    message_id = await photo_message(world, ann, "good", "gone")
    async with working(world, gallery):
        async with world.pool.connection() as connection:
            await defer(connection, "media.fetch", {"bot_id": str(world.bot_id), "message_id": str(message_id)})
        await until(lambda: no_jobs(world))
    details = (await world.message(message_id)).details
    assert details is not None
    good, gone = details["media"]
    assert gone == {"ref": "gone", "content_type": "image/jpeg", "error": "The file is no longer there"}
    assert (good["ref"], good["width"], good["height"]) == ("good", 1600, 720)
    assert await world.one("SELECT content_type FROM media WHERE id = %s", UUID(good["media_id"])) == "image/webp"
    assert details["caption"] == "x"


async def test_a_lost_database_connection_does_not_stop_the_worker(world: World) -> None:
    ann, gallery = await world.person(), Gallery()
    gallery.shown = FetchedPicture(ref="r1", content=portrait())
    async with working(world, gallery):
        await ask_for_picture(world, ann)
        await until(lambda: no_jobs(world))
        await world.set(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            "pg_backend_pid()"
        )
        await until(lambda: asked_again(world, ann))
        await until(lambda: was_asked_twice(gallery))


async def asked_again(world: World, person: Person) -> bool:
    try:
        await ask_for_picture(world, person)
    except OSError:
        return False
    except Exception as error:
        if type(error).__name__ in ("OperationalError", "AdminShutdown", "PoolTimeout"):
            return False
        raise
    return True


async def was_asked_twice(gallery: Gallery) -> bool:
    return len(gallery.asked) >= 2


def test_the_schema_of_the_jobs_is_the_one_the_migration_was_written_for() -> None:
    newest = max(path.stem for path in (sql_folder() / "migrations").glob("*.sql"))
    assert newest == AS_OF, "procrastinate has changed its tables: add a migration that applies its new ones"
