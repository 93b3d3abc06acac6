"""What a member, the API or a command does with an import: map, rehearse, carry out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from psycopg import AsyncConnection

from botfolk.imports import store
from botfolk.imports.delimited import DELIMITERS, Format
from botfolk.imports.encoding import ENCODINGS
from botfolk.imports.mapping import BadMapping, Plan, check
from botfolk.imports.steps import APPLY, CHECK, Spec
from botfolk.imports.store import Import
from botfolk.imports.undo import UNDO
from botfolk.imports.upload import read_anew
from botfolk.imports.verdicts import Tally
from botfolk.jobs import runs
from botfolk.jobs.runs import Job
from botfolk.users.edits import Actor

Connection = AsyncConnection[Any]
State = Literal["mapping", "checking", "checked", "applying", "applied"]


class CannotImport(Exception):
    """It cannot be done with the import as it stands; the text says why."""


class Whole(Struct, frozen=True):
    """An import with its jobs."""

    found: Import
    check: Job | None
    apply: Job | None

    @property
    def state(self) -> State:
        """How far it is. What was cancelled or failed before it did anything is as if it had not begun."""
        if self.apply is not None:
            return "applying" if self.apply.is_open else "applied"
        if self.check is not None:
            return "checking" if self.check.is_open else "checked"
        return "mapping"

    @property
    def may_change(self) -> bool:
        """Say whether the mapping may still be changed, and a rehearsal be run."""
        return self.apply is None and (self.check is None or not self.check.is_open)


async def whole(connection: Connection, bot_id: UUID, import_id: UUID, *, lock: bool = False) -> Whole:
    """Return an import with its jobs. Raises NoSuchImport."""
    found = await store.get(connection, bot_id, import_id, lock=lock)
    check_job = await runs.get(connection, bot_id, found.check_id) if found.check_id else None
    apply_job = await runs.get(connection, bot_id, found.apply_id) if found.apply_id else None
    return Whole(found, check_job, apply_job)


def tally_of(job: Job | None) -> Tally:
    """Return the sums of a job of an import."""
    return Tally() if job is None else msgspec.convert(job.result, Tally)


async def change(
    connection: Connection,
    bot_id: UUID,
    import_id: UUID,
    *,
    columns: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    written: Mapping[str, str] | None = None,
) -> Import:
    """Change how an import's file is read (`encoding`, `delimiter`) or mapped: targets by column, and settings of the
    mapping (`clear`, `country`, `only`); what is not named stays.

    Raises NoSuchImport, CannotImport, BadMapping, Unreadable.
    """
    now = await whole(connection, bot_id, import_id, lock=True)
    if not now.may_change:
        raise CannotImport("The import is under way, or done: upload the file anew to import it in another way.")
    found = now.found
    if written is not None:
        found = await _read(connection, bot_id, found, written)
    mapping = found.mapping
    if columns is not None:
        mapping = replace(mapping, columns=_targets(found.columns, mapping.columns, columns))
    if settings is not None:
        try:
            mapping = msgspec.convert(msgspec.to_builtins(mapping) | dict(settings), Plan)
        except msgspec.ValidationError as error:
            raise BadMapping({"settings": str(error)}) from None
    types, channels = await store.attribute_types(connection, bot_id), await store.channels(connection, bot_id)
    if columns is not None or settings is not None:
        targets = check(mapping, found.columns, channels, types)
        mapping = replace(mapping, columns=[str(target) for target in targets])
    # What was rehearsed under another mapping says nothing any more.
    check_id = found.check_id if mapping == now.found.mapping and written is None else None
    changed = replace(found, mapping=mapping, check_id=check_id)
    await store.change(connection, bot_id, changed)
    return changed


def _targets(names: list[str], before: list[str], given: Mapping[str, str]) -> list[str]:
    unknown = [name for name in given if name not in names]
    if unknown:
        raise BadMapping({name: f"the file has no such column; it has: {', '.join(names)}" for name in unknown})
    return [given.get(name, target) for name, target in zip(names, before, strict=True)]


async def _read(connection: Connection, bot_id: UUID, found: Import, written: Mapping[str, str]) -> Import:
    encoding, delimiter = written.get("encoding", found.encoding), written.get("delimiter", found.delimiter)
    errors: dict[str, str] = {}
    if encoding not in ENCODINGS:
        errors["encoding"] = f"there are: {', '.join(ENCODINGS)}"
    if delimiter not in DELIMITERS:
        errors["delimiter"] = "there are: , ; | and the tab"
    if errors:
        raise BadMapping(errors)
    if found.is_workbook or (encoding, delimiter) == (found.encoding, found.delimiter):
        return found
    return await read_anew(connection, bot_id, found, Format(encoding, delimiter))


async def start(
    connection: Connection, bot_id: UUID, import_id: UUID, what: Literal["check", "apply"], actor: Actor, now: datetime,
    *, unchecked: bool = False,
) -> UUID:  # fmt: skip
    """Begin a rehearsal, or the import itself, and return its job. `unchecked`: without a rehearsal before.

    Raises NoSuchImport, BadMapping, CannotImport.
    """
    stands = await whole(connection, bot_id, import_id, lock=True)
    found = stands.found
    if not stands.may_change:
        raise CannotImport("The import is under way, or done: upload the file anew to import it once more.")
    if what == "apply" and not unchecked and (stands.check is None or stands.check.state != "done"):
        raise CannotImport("Let the file be checked first: nothing is imported that nobody has looked at.")
    if await store.piece(connection, bot_id, found.id, 0) is None:
        raise CannotImport("The file is a week old and has been removed: upload it anew.")
    types, channels = await store.attribute_types(connection, bot_id), await store.channels(connection, bot_id)
    check(found.mapping, found.columns, channels, types)
    spec = Spec(import_id=found.id, name=found.name, size=found.size, mapping=found.mapping)
    kind = CHECK if what == "check" else APPLY
    job_id = await runs.start(connection, bot_id, kind, msgspec.to_builtins(spec), actor, now)
    if what == "check":
        changed = replace(found, check_id=job_id)
    else:
        changed = replace(found, apply_id=job_id)
        await store.remember_mapping(connection, bot_id, found.columns, found.mapping, now)
    await store.change(connection, bot_id, changed)
    return job_id


async def undo(connection: Connection, bot_id: UUID, stands: Whole, actor: Actor, now: datetime) -> UUID:
    """Begin to take an import back, and return the job that does. Raises CannotImport, CannotUndo."""
    if stands.apply is None:
        raise CannotImport("Nothing has been imported yet.")
    return await runs.start(connection, bot_id, UNDO, {"name": stands.found.name}, actor, now, undoes=stands.apply.id)
