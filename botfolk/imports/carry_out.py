"""Carry rows out: make who is new, change who is a user, by the one way users are changed."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field
from psycopg import AsyncConnection

from botfolk.db.secrets import SecretBox
from botfolk.ids import new_id
from botfolk.imports.mapping import Plan
from botfolk.imports.match import BY_INDEX, Matched, match
from botfolk.imports.people import Asked, keys_of
from botfolk.imports.store import AttributeTypes
from botfolk.imports.suggest import Channels
from botfolk.imports.verdicts import Verdict
from botfolk.live.notify import users_changed
from botfolk.users import edits as e
from botfolk.users import tombstones
from botfolk.users.apply import Asked as AskedOf
from botfolk.users.apply import apply_to_many
from botfolk.users.creating import NewUser, create, write_down
from botfolk.users.founding import Founding, Wish
from botfolk.users.plan import Context

Connection = AsyncConnection[Any]
_STRICTNESS: dict[e.Status, int] = {"active": 0, "archived": 1, "blocked": 2}


class Run(Struct, frozen=True, kw_only=True):
    """In whose name rows are carried out, and how. `founding` plans who is new; `planned`: whom rows (their `id`) make
    if they are new, where that was decided ahead, knowing of the same attributes. `leave_to_database` is called when
    from now on the database has to work, and not this process."""

    bot_id: UUID
    job_id: UUID
    actor: e.Actor
    mapping: Plan
    types: AttributeTypes
    channels: Channels
    box: SecretBox
    now: datetime
    planned: Mapping[int, NewUser] = field(default_factory=dict)
    founding: Founding = field(default_factory=Founding)
    leave_to_database: Callable[[], None] = lambda: None

    @property
    def context(self) -> Context:
        """What planning needs to know."""
        return Context(actor=self.actor, now=self.now, attribute_types=self.types)


async def carry_out(connection: Connection, run: Run, rows: Sequence[Asked]) -> list[Verdict]:
    """Carry rows out in the caller's transaction; return what became of each, in their order.

    Rows of one person count in their order, the later on top of the earlier: those of somebody who is new with a row
    are looked for again when that one is made.
    """
    await connection.execute(BY_INDEX)
    verdicts: dict[int, Verdict] = {}
    waiting = list(rows)
    while waiting:
        matched = await match(connection, run.bot_id, waiting, lock=True)
        await stop_erased(connection, run, waiting, matched)
        waiting = await _wave(connection, run, list(zip(waiting, matched, strict=True)), verdicts)
    return [verdicts[id(row)] for row in rows]


class _Sorted(Struct):
    """Rows by what is to be done: people to be made, users to be changed, and what has to wait for those made."""

    new: list[NewUser] = field(default_factory=list)
    known: list[tuple[Asked, Matched]] = field(default_factory=list)
    later: list[Asked] = field(default_factory=list)


async def _wave(
    connection: Connection, run: Run, rows: Sequence[tuple[Asked, Matched]], verdicts: dict[int, Verdict]
) -> list[Asked]:
    """Carry out what can be at once; return the rows that name somebody whom an earlier one of these makes."""
    # Beside the loop: others are served meanwhile.
    done = await asyncio.to_thread(_sort, run, rows, verdicts)
    run.leave_to_database()
    made = await create(connection, run.bot_id, done.new, run.actor, run.now, job_id=run.job_id)
    # One is enough for the lists; nobody looks at a user who is made just now.
    await users_changed(connection, run.bot_id, made[:1])
    await _change(connection, run, done.known, verdicts)
    return done.later


def _sort(run: Run, rows: Sequence[tuple[Asked, Matched]], verdicts: dict[int, Verdict]) -> _Sorted:
    taken: set[str] = set()
    done, context = _Sorted(), run.context
    for row, matched in rows:
        if refused := judge(row, matched, run.mapping):
            verdicts[id(row)] = refused
            continue
        keys = set(keys_of(row))
        # Rows of one who is a user are changed in their order anyway; only a name on a channel is given once.
        given_once = keys if matched.user_id is None else {_key(each) for each in matched.new_identities}
        if given_once & taken:
            done.later.append(row)
        elif matched.user_id is not None:
            done.known.append((row, matched))
        else:
            verdicts[id(row)] = plan_row(row, run, context, done.new)
        taken |= keys
    return done


async def stop_erased(connection: Connection, run: Run, rows: Sequence[Asked], matched: Sequence[Matched]) -> None:
    """Note which rows would bring somebody back who was erased: somebody new, or a further name of a user."""
    cursor = await connection.execute("SELECT EXISTS (SELECT 1 FROM tombstones WHERE bot_id = %s)", [run.bot_id])
    if await cursor.fetchone() != (True,):
        return
    names = [_names(row, each, run.channels) for row, each in zip(rows, matched, strict=True)]
    buried = await tombstones.buried(connection, run.box, run.bot_id, sorted({name for each in names for name in each}))
    for each, named in zip(matched, names, strict=True):
        each.is_erased = any(name in buried for name in named)


def _names(row: Asked, matched: Matched, channels: Channels) -> list[tombstones.Name]:
    names = [tombstones.identity(channels.get(channel, ""), external) for channel, external in matched.new_identities]
    if matched.user_id is None:
        names += [tombstones.email(row.email)] if row.email else []
        names += [tombstones.phone(row.phone)] if row.phone else []
    return names


def _key(identity: tuple[UUID, str]) -> str:
    return f"identity {identity[0]} {identity[1]}"


def judge(row: Asked, matched: Matched, mapping: Plan) -> Verdict | None:
    """Return why nothing is done for a row, where that is so."""
    if row.problem or matched.problem:
        return Verdict(row, "error", row.problem or matched.problem)
    if matched.is_erased:
        return Verdict(row, "skipped", f"line {row.line}: this person was erased; an import does not bring them back")
    if matched.status == "blocked":
        return Verdict(row, "skipped", f"line {row.line}: this user is blocked; an import changes nothing of them")
    if matched.user_id is None and mapping.only == "update":
        return Verdict(row, "skipped", f"line {row.line}: no user yet, and only users are to be changed")
    if matched.user_id is not None and mapping.only == "create":
        return Verdict(
            row, "skipped", f"line {row.line}: a user already (by the {matched.by}), and only new ones are to be made"
        )
    return None


def plan_row(row: Asked, run: Run, context: Context, new: list[NewUser]) -> Verdict:
    """Decide who somebody new is, and add them to `new`."""
    made = run.planned.get(id(row))
    try:
        made = made or _new(row, run.founding, context)
    except e.InvalidEdit as error:
        return Verdict(row, "error", words_of(row, error))
    # What is new with one is known with the next, and has its type.
    if made.planned.new_attributes:
        run.types.update(made.planned.new_attributes)
    new.append(made)
    return Verdict(row, "create")


def _new(row: Asked, founding: Founding, context: Context) -> NewUser:
    planned = founding.plan(_wishes_of(row, "active"), context)
    return NewUser(planned=planned, identities=list(dict.fromkeys(row.identities)))


def plan_ahead(rows: Sequence[Asked], founding: Founding, context: Context, *, write: bool) -> dict[int, NewUser]:
    """Decide what rows make of people who are new, before it is known who is, and write it down if they are going to be
    made. What cannot be decided is left out, and so is a note, which is of its moment."""
    planned: dict[int, NewUser] = {}
    for row in rows:
        if row.problem or row.note is not None:
            continue
        with suppress(e.InvalidEdit):
            made = planned[id(row)] = _new(row, founding, context)
            if write:
                made.written = write_down(made)
    return planned


def edits_of(row: Asked, status: e.Status, notes: Sequence[str] = ()) -> list[e.Edit]:
    """Return a row's edits on a user of a status, with notes: a status only gets stricter, a note is written once."""
    return [edit for wish in _wishes_of(row, status, notes) for edit in wish]


def _wishes_of(row: Asked, status: e.Status, notes: Sequence[str] = ()) -> list[Wish]:
    wishes = list(row.wishes)
    if row.note is not None and row.note not in notes:
        wishes.append((e.AddNote(row.note),))
    if row.status is not None and _STRICTNESS[row.status] > _STRICTNESS[status]:
        wishes.append((e.SetStatus(row.status),))
    return wishes


def words_of(row: Asked, error: e.InvalidEdit) -> str:
    """Say what is wrong with a row that cannot be planned."""
    return "; ".join(
        f"line {row.line}, “{field.removeprefix('attributes.')}”: {text}" for field, text in error.errors.items()
    )


async def _change(
    connection: Connection, run: Run, rows: Sequence[tuple[Asked, Matched]], verdicts: dict[int, Verdict]
) -> None:
    if not rows:
        return
    notes = await notes_of(connection, run.bot_id, rows)
    asked = [
        AskedOf(user_id=matched.user_id, edits=edits_of(row, matched.status, notes.get(matched.user_id, ())))
        for row, matched in rows
        if matched.user_id is not None
    ]
    outcomes = await apply_to_many(connection, run.bot_id, asked, run.actor, now=run.now, job_id=run.job_id)
    added = []
    for (row, matched), outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, e.InvalidEdit):
            verdicts[id(row)] = Verdict(row, "error", words_of(row, outcome))
        elif isinstance(outcome, Exception):
            verdicts[id(row)] = Verdict(row, "error", f"line {row.line}: the user is gone")
        else:
            fields = [change.field.removeprefix("attributes.") for change in outcome.changes]
            fields += ["identity"] * bool(matched.new_identities)
            added += [(matched.user_id, *identity) for identity in matched.new_identities]
            verdicts[id(row)] = Verdict(row, "update" if fields else "unchanged", ", ".join(dict.fromkeys(fields)))
    await _add_identities(connection, run, added)


async def notes_of(
    connection: Connection, bot_id: UUID, rows: Sequence[tuple[Asked, Matched]]
) -> dict[UUID | None, list[str]]:
    """Return the texts of the notes on users whom rows bring one."""
    ids = [matched.user_id for row, matched in rows if row.note is not None]
    found: dict[UUID | None, list[str]] = {}
    if ids:
        cursor = await connection.execute(
            "SELECT user_id, text FROM notes WHERE bot_id = %s AND user_id = ANY(%s)", [bot_id, ids]
        )
        for user_id, text in await cursor.fetchall():
            found.setdefault(user_id, []).append(text)
    return found


# Who said stop on a channel has said it for any other name of theirs there.
_IDENTITIES = """
INSERT INTO identities (bot_id, id, user_id, channel_id, external_id, state, state_reason, state_at, created_at)
SELECT %(bot)s, k.id, k.user_id, k.channel_id, k.external_id, coalesce(o.state, 'active'), o.state_reason, o.state_at,
       %(now)s
FROM unnest(%(ids)s::uuid[], %(users)s::uuid[], %(channels)s::uuid[], %(names)s::text[])
    AS k (id, user_id, channel_id, external_id)
LEFT JOIN LATERAL (
    SELECT state, state_reason, state_at FROM identities i
    WHERE i.bot_id = %(bot)s AND i.user_id = k.user_id AND i.channel_id = k.channel_id AND i.state = 'opted_out' LIMIT 1
) o ON true
"""
_REMEMBER = """
INSERT INTO changes (bot_id, id, user_id, at, source, actor_id, actor, field, new, job_id)
SELECT %(bot)s, k.id, k.user_id, %(now)s, %(source)s, %(actor_id)s, %(actor)s, 'identity',
       jsonb_build_object('identity', k.identity, 'channel', k.channel, 'external_id', k.external_id), %(job)s
FROM unnest(%(changes)s::uuid[], %(users)s::uuid[], %(ids)s::uuid[], %(channels)s::uuid[], %(names)s::text[])
    AS k (id, user_id, identity, channel, external_id)
"""


async def _add_identities(connection: Connection, run: Run, added: Sequence[tuple[UUID | None, UUID, str]]) -> None:
    """Let users be known on channels by further names, and remember it."""
    if not added:
        return
    given = {
        "bot": run.bot_id, "now": run.now, "job": run.job_id, "source": run.actor.source, "actor_id": run.actor.id,
        "actor": run.actor.name, "ids": [new_id() for _ in added], "changes": [new_id() for _ in added],
        "users": [user for user, _, _ in added], "channels": [channel for _, channel, _ in added],
        "names": [name for _, _, name in added],
    }  # fmt: skip
    await connection.execute(_IDENTITIES, given)
    await connection.execute(_REMEMBER, given)
    await users_changed(connection, run.bot_id, {user for user, _, _ in added if user is not None})
