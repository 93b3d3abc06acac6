"""Rehearse rows: what carrying them out would do to each, with nothing of it done."""

import asyncio
from collections.abc import Sequence
from hashlib import md5
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.imports import store
from botfolk.imports.carry_out import Run, edits_of, judge, notes_of, plan_row, stop_erased, words_of
from botfolk.imports.match import BY_INDEX, Matched, match
from botfolk.imports.people import Asked, keys_of
from botfolk.imports.verdicts import Verdict
from botfolk.users import edits as e
from botfolk.users import reading
from botfolk.users.creating import NewUser
from botfolk.users.needed import parts_of
from botfolk.users.plan import Context, Profile, plan

Connection = AsyncConnection[Any]
Named = dict[int, list[str]]
"""By what a row (its `id`) names its person, as digests."""


async def rehearse(connection: Connection, run: Run, rows: Sequence[Asked]) -> tuple[list[Verdict], int]:
    """Return what would become of each row, in order, and how many name somebody whom an earlier row makes."""
    await connection.execute(BY_INDEX)
    matched_all = await match(connection, run.bot_id, rows, lock=False)
    await stop_erased(connection, run, rows, matched_all)
    pairs = list(zip(rows, matched_all, strict=True))
    named = await asyncio.to_thread(_named, pairs)
    run.leave_to_database()
    seen = await _seen(connection, run, pairs, named)
    known = [(row, matched) for row, matched in pairs if matched.user_id is not None]
    notes = await notes_of(connection, run.bot_id, known)
    edits = {id(row): edits_of(row, each.status, notes.get(each.user_id, ())) for row, each in known}
    profiles = await reading.lock(
        connection,
        run.bot_id,
        [matched.user_id for _, matched in known if matched.user_id is not None],
        parts_of(edit for asked in edits.values() for edit in asked),
    )
    # Beside the loop: others are served meanwhile.
    return await asyncio.to_thread(_judged, run, pairs, named, seen, profiles, edits)


def _judged(
    run: Run,
    pairs: Sequence[tuple[Asked, Matched]],
    named: Named,
    seen: dict[str, int],
    profiles: dict[UUID, Profile],
    edits: dict[int, list[e.Edit]],
) -> tuple[list[Verdict], int]:
    verdicts: list[Verdict] = []
    again, context = 0, run.context
    for row, matched in pairs:
        if refused := judge(row, matched, run.mapping):
            verdicts.append(refused)
        elif matched.user_id is not None:
            verdicts.append(_change(row, matched, profiles, edits[id(row)], run))
        else:
            verdicts.append(_make(row, named.get(id(row), ()), seen, run, context))
            again += verdicts[-1].kind == "update"
    return verdicts, again


def _make(row: Asked, digests: Sequence[str], seen: dict[str, int], run: Run, context: Context) -> Verdict:
    made: list[NewUser] = []
    verdict = plan_row(row, run, context, made)
    first = min((seen.get(digest, row.line) for digest in digests), default=row.line) if seen else row.line
    if verdict.kind == "create" and first < row.line:
        return Verdict(row, "update", f"the same person as line {first}: this row comes on top of it")
    return verdict


def _change(row: Asked, matched: Matched, profiles: dict[UUID, Profile], edits: list[e.Edit], run: Run) -> Verdict:
    profile = profiles.get(matched.user_id) if matched.user_id else None
    if profile is None:
        return Verdict(row, "error", f"line {row.line}: the user is gone")
    try:
        planned = plan(profile, edits, run.context)
    except e.InvalidEdit as error:
        return Verdict(row, "error", words_of(row, error))
    run.types.update(planned.new_attributes)
    fields = [change.field.removeprefix("attributes.") for change in planned.changes]
    fields += ["identity"] * bool(matched.new_identities)
    return Verdict(row, "update" if fields else "unchanged", ", ".join(dict.fromkeys(fields)))


def _named(pairs: Sequence[tuple[Asked, Matched]]) -> Named:
    return {
        id(row): [digest(key) for key in keys_of(row)]
        for row, matched in pairs
        if not row.problem and not matched.problem
    }


async def _seen(
    connection: Connection, run: Run, pairs: Sequence[tuple[Asked, Matched]], named: Named
) -> dict[str, int]:
    """Return, by what rows name people, the line that was the first with it, where any was before."""
    first: dict[str, int] = {}
    again: dict[str, int] = {}
    for row, _ in pairs:
        for each in named.get(id(row), ()):
            if first.setdefault(each, row.line) != row.line:
                again[each] = first[each]
    return again | (await store.seen_before(connection, run.bot_id, run.job_id, first) if first else {})


def digest(key: str) -> str:
    """Return the digest by which a key is noted, of 32 characters."""
    return md5(key.encode(), usedforsecurity=False).hexdigest()
