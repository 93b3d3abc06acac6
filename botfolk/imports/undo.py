"""Take an import back: who was made and not touched since goes, what was changed is as before, later edits stay."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.jobs import people
from botfolk.jobs.runs import Job, JobFailed, Step
from botfolk.live.notify import users_changed
from botfolk.users import reading
from botfolk.users.creating import CREATED
from botfolk.users.edits import Applied
from botfolk.users.reading import Kept
from botfolk.users.undo import undo_many

if TYPE_CHECKING:
    from botfolk.jobs.fetching import Reach

Connection = AsyncConnection[Any]

UNDO = "import.undo"
"""The kind of the job."""

IDENTITY = "identity"
"""The field of a change that gave a user one more name on a channel."""

_AT_ONCE = 500
"""To remove a user looks at a dozen tables."""

_WHOM = "SELECT DISTINCT user_id AS id FROM changes WHERE bot_id = %(bot)s AND job_id = %(undone)s"

# Nothing of them is other than the import made it: what was changed and taken back again since does not count. And
# nobody has said a word to or by them.
_REMOVE = """
DELETE FROM users u USING user_stats s
WHERE u.bot_id = %(bot)s AND u.id = ANY(%(ids)s) AND s.bot_id = u.bot_id AND s.user_id = u.id
    AND s.messages = 0 AND s.last_activity_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.bot_id = u.bot_id AND m.user_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM conversation_events c WHERE c.bot_id = u.bot_id AND c.user_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.bot_id = u.bot_id AND n.user_id = u.id AND n.edited_at IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.bot_id = u.bot_id AND c.user_id = u.id
                        AND c.job_id IS DISTINCT FROM %(undone)s
                    GROUP BY c.field HAVING (array_agg(c.old ORDER BY c.id))[1]
                        IS DISTINCT FROM (array_agg(c.new ORDER BY c.id DESC))[1])
RETURNING u.id
"""
_FORGET_IDENTITIES = """
DELETE FROM identities i WHERE i.bot_id = %(bot)s AND i.id = ANY(%(ids)s)
    AND NOT EXISTS (SELECT 1 FROM messages m
                    WHERE m.bot_id = i.bot_id AND m.user_id = i.user_id AND m.identity_id = i.id)
    AND NOT EXISTS (SELECT 1 FROM conversation_events c
                    WHERE c.bot_id = i.bot_id AND c.user_id = i.user_id AND c.identity_id = i.id)
RETURNING i.user_id
"""


async def undo_step(reach: "Reach", connection: Connection, job: Job) -> Step:
    """Take back what an import did to the next users."""
    if job.undoes is None:
        raise JobFailed("It is not said which import is to be undone.")
    total = None
    if job.cursor is None:
        total = await people.choose(connection, job.bot_id, job.id, _WHOM, {"undone": job.undoes}, _AT_ONCE)
    users = await people.take(connection, job.bot_id, job.id)
    if not users:
        return Step(finished=True, cursor={}, total=total)
    back = await _take_back(reach, connection, job, job.undoes, users)
    await users_changed(connection, job.bot_id, users)
    return Step(done=len(users), changed=back, skipped=len(users) - back, cursor={}, total=total)


async def _take_back(reach: "Reach", connection: Connection, job: Job, undone: UUID, users: Sequence[UUID]) -> int:
    """Return how many of the users are as before the import."""
    await reading.lock(connection, job.bot_id, users, (), versions=False)
    changes = await reading.changes_of_job(connection, job.bot_id, undone, users)
    made = {change.user_id for change in changes if change.field == CREATED}
    given = {"bot": job.bot_id, "ids": list(made), "undone": undone}
    cursor = await connection.execute(_REMOVE, given)
    removed = {user_id for (user_id,) in await cursor.fetchall()}
    # Who was made and has lived since stays whole: what the import said of them is theirs by now.
    left = made - removed
    rest = [change for change in changes if change.user_id not in made]
    left |= await _forget_identities(connection, job.bot_id, [change for change in rest if change.field == IDENTITY])
    edits = [change for change in rest if change.field != IDENTITY]
    outcomes = await undo_many(connection, job.bot_id, edits, job.asked_by, now=reach.clock(), job_id=job.id)
    left |= {
        change.user_id for change, outcome in zip(edits, outcomes, strict=True) if not isinstance(outcome, Applied)
    }
    return len(users) - len(left)


async def _forget_identities(connection: Connection, bot_id: UUID, changes: Sequence[Kept]) -> set[UUID]:
    """Take names on channels away that nothing has come by; return whose stay."""
    if not changes:
        return set()
    ids = [UUID(change.new["identity"]) for change in changes]
    cursor = await connection.execute(_FORGET_IDENTITIES, {"bot": bot_id, "ids": ids})
    forgotten = {user_id for (user_id,) in await cursor.fetchall()}
    return {change.user_id for change in changes} - forgotten
