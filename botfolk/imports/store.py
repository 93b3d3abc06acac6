"""Imports as they are kept: the file and what is known of it, its mapping, and the mappings remembered for the next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.db.parameters import ids_text
from botfolk.ids import new_id
from botfolk.imports.delimited import Format, Place
from botfolk.imports.mapping import Plan, signature
from botfolk.imports.suggest import Channels
from botfolk.jobs.runs import HOLDS
from botfolk.users.attributes import AttributeType
from botfolk.users.edits import Actor

Connection = AsyncConnection[Any]

FILE = "table"
"""The name of the file among those of its job."""

AttributeTypes = dict[str, tuple[str, AttributeType]]


class NoSuchImport(Exception):
    """This bot has no such import."""


class Import(Struct, frozen=True, kw_only=True):
    """An import. `size` in bytes; `known_as`: the service the file is from, "remembered", or nothing."""

    id: UUID
    name: str
    size: int
    is_workbook: bool
    encoding: str
    delimiter: str
    columns: list[str]
    samples: list[list[str]]
    starts: Place
    known_as: str
    mapping: Plan
    check_id: UUID | None
    apply_id: UUID | None
    created_at: datetime
    actor: str | None

    @property
    def format(self) -> Format:
        """How the file is written."""
        return Format(self.encoding, self.delimiter)


_SELECT = """
SELECT i.id, i.name, i.size, i.is_workbook, i.encoding, i.delimiter, i.columns, i.samples, i.starts, i.known_as,
       i.mapping, i.check_id, i.apply_id, j.created_at, j.actor
FROM imports i JOIN jobs j ON j.bot_id = i.bot_id AND j.id = i.id WHERE i.bot_id = %(bot)s
"""


async def get(connection: Connection, bot_id: UUID, import_id: UUID, *, lock: bool = False) -> Import:
    """Return an import, locked until the transaction ends or not. Raises NoSuchImport."""
    query = _SELECT + " AND i.id = %(id)s" + (" FOR UPDATE OF i" if lock else "")
    cursor = await connection.execute(query.encode(), {"bot": bot_id, "id": import_id})
    row = await cursor.fetchone()
    if row is None:
        raise NoSuchImport(str(import_id))
    return _read(row)


async def newest(connection: Connection, bot_id: UUID, *, before: UUID | None = None, limit: int = 20) -> list[Import]:
    """Return a bot's imports, newest first."""
    query = _SELECT + " AND (%(before)s::uuid IS NULL OR i.id < %(before)s) ORDER BY i.id DESC LIMIT %(limit)s"
    cursor = await connection.execute(query.encode(), {"bot": bot_id, "before": before, "limit": limit})
    return [_read(row) for row in await cursor.fetchall()]


def _read(row: tuple[Any, ...]) -> Import:
    return msgspec.convert(dict(zip(Import.__struct_fields__, row, strict=True)), Import)


async def add_holder(connection: Connection, bot_id: UUID, name: str, actor: Actor, now: datetime) -> UUID:
    """Make the job that holds a file, which is done already, and return its id: the import's."""
    import_id = new_id()
    await connection.execute(
        """INSERT INTO jobs (bot_id, id, kind, state, spec, total, source, actor_id, actor, created_at, finished_at)
           VALUES (%(bot)s, %(id)s, %(kind)s, 'done', %(spec)s, 0, %(source)s, %(actor_id)s, %(actor)s, %(now)s,
                   %(now)s)""",
        {
            "bot": bot_id, "id": import_id, "kind": HOLDS, "spec": Jsonb({"name": name}), "source": actor.source,
            "actor_id": actor.id, "actor": actor.name, "now": now,
        },
    )  # fmt: skip
    return import_id


async def add(connection: Connection, bot_id: UUID, new: Import) -> None:
    """Keep a new import, whose file is kept already."""
    await connection.execute(
        """INSERT INTO imports (bot_id, id, name, size, is_workbook, encoding, delimiter, columns, samples, starts,
                                known_as, mapping)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [bot_id, new.id, new.name, new.size, new.is_workbook, new.encoding, new.delimiter, Jsonb(new.columns),
         Jsonb(new.samples), Jsonb(new.starts), new.known_as, Jsonb(new.mapping)],
    )  # fmt: skip


async def change(connection: Connection, bot_id: UUID, changed: Import) -> None:
    """Write what may change of an import: how it is read, its mapping, its jobs."""
    await connection.execute(
        """UPDATE imports SET encoding = %s, delimiter = %s, columns = %s, samples = %s, starts = %s, known_as = %s,
               mapping = %s, check_id = %s, apply_id = %s WHERE bot_id = %s AND id = %s""",
        [changed.encoding, changed.delimiter, Jsonb(changed.columns), Jsonb(changed.samples), Jsonb(changed.starts),
         changed.known_as, Jsonb(changed.mapping), changed.check_id, changed.apply_id, bot_id, changed.id],
    )  # fmt: skip


async def remember_mapping(
    connection: Connection, bot_id: UUID, names: list[str], mapping: Plan, now: datetime
) -> None:
    """Remember a mapping for the next file with these columns."""
    await connection.execute(
        """INSERT INTO import_mappings (bot_id, signature, mapping, used_at) VALUES (%s, %s, %s, %s)
           ON CONFLICT (bot_id, signature) DO UPDATE SET mapping = excluded.mapping, used_at = excluded.used_at""",
        [bot_id, signature(names), Jsonb(mapping), now],
    )


async def remembered_mapping(connection: Connection, bot_id: UUID, names: list[str]) -> Plan | None:
    """Return the mapping that a file with these columns was imported by last."""
    cursor = await connection.execute(
        "SELECT mapping FROM import_mappings WHERE bot_id = %s AND signature = %s", [bot_id, signature(names)]
    )
    row = await cursor.fetchone()
    return None if row is None else msgspec.convert(row[0], Plan)


async def channels(connection: Connection, bot_id: UUID) -> Channels:
    """Return the bot's channels: id → kind, the oldest first."""
    cursor = await connection.execute("SELECT id, kind FROM channels WHERE bot_id = %s ORDER BY created_at", [bot_id])
    return dict(await cursor.fetchall())


async def attribute_types(connection: Connection, bot_id: UUID) -> AttributeTypes:
    """Return the bot's attributes: lower-case name → (spelling, type)."""
    cursor = await connection.execute("SELECT name, label, type FROM attributes WHERE bot_id = %s", [bot_id])
    return {name: (label, kind) for name, label, kind in await cursor.fetchall()}


async def piece(connection: Connection, bot_id: UUID, import_id: UUID, number: int) -> bytes | None:
    """Return one piece of an import's file; None when it has ended before."""
    cursor = await connection.execute(
        "SELECT content FROM job_files WHERE bot_id = %s AND job_id = %s AND name = %s AND number = %s",
        [bot_id, import_id, FILE, number],
    )
    row = await cursor.fetchone()
    return None if row is None else bytes(row[0])


async def seen_before(connection: Connection, bot_id: UUID, job_id: UUID, first: Mapping[str, int]) -> dict[str, int]:
    """Note by what a rehearsal's rows name people (digest, the line that has it first); return the line that named one
    first where it is an earlier one."""
    given = {"bot": bot_id, "job": job_id, "keys": ids_text(first), "lines": list(first.values())}
    cursor = await connection.execute(
        """INSERT INTO import_keys (bot_id, job_id, digest, line)
           SELECT %(bot)s, %(job)s, d, l FROM unnest(%(keys)s::uuid[], %(lines)s::int[]) AS x (d, l)
           ON CONFLICT DO NOTHING""",
        given,
    )
    if cursor.rowcount == len(first):
        return {}
    cursor = await connection.execute(
        """SELECT replace(digest::text, '-', ''), line FROM import_keys
           WHERE bot_id = %(bot)s AND job_id = %(job)s AND digest = ANY(%(keys)s::uuid[])""",
        given,
    )
    return {digest: line for digest, line in await cursor.fetchall() if line < first[digest]}


async def forget_keys(connection: Connection, bot_id: UUID, job_id: UUID) -> None:
    """Forget whom a rehearsal has met."""
    await connection.execute("DELETE FROM import_keys WHERE bot_id = %s AND job_id = %s", [bot_id, job_id])
