"""A bot's own words for sentiment: at once for new messages, and for history when it is rescored."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from botfolk.bot import words
from botfolk.channels.events import MessageEdited
from botfolk.conversations import rescoring
from botfolk.conversations.recount import Mismatch, check
from botfolk.jobs import running, runs
from botfolk.jobs.fetching import Reach
from botfolk.jobs.kinds import kinds
from botfolk.jobs.runs import Job
from botfolk.sentiment import score
from botfolk.users.edits import Actor, InvalidEdit
from tests.telling import Tale, at

SICK = "this is sick"


async def put(tale: Tale, word: str, value: object) -> None:
    """Rate a word for the tale's bot."""
    async with tale.pool.connection() as connection:
        await words.put(connection, tale.bot_id, word, value, None, tale.now)


async def scores(tale: Tale) -> list[tuple[Any, ...]]:
    """The score and the words behind it of each message, oldest first."""
    return await tale.rows(
        "SELECT sentiment, sentiment_words FROM messages WHERE direction = 'in' ORDER BY sent_at, user_id"
    )


async def rescore(tale: Tale, steps: int = 100) -> Job:
    """Ask for history to be rescored, and do some steps of the job."""
    async with tale.pool.connection() as connection:
        job_id = await rescoring.start(connection, tale.bot_id, Actor("member", "Mia"), tale.now)
    return await go_on(tale, job_id, steps)


async def go_on(tale: Tale, job_id: UUID, steps: int = 100) -> Job:
    """Go on with a job, as the worker does; return it as it stands."""
    reach = cast(Reach, SimpleNamespace(pool=tale.pool, clock=tale.clock))
    for _ in range(steps):
        await running.run(reach, kinds(), tale.bot_id, job_id, seconds=0)
    async with tale.pool.connection() as connection:
        job = await runs.get(connection, tale.bot_id, job_id)
    assert job is not None
    return job


async def mismatches(tale: Tale) -> list[Mismatch]:
    """Where the kept statistics are not what a recount gives."""
    async with tale.pool.connection() as connection:
        await connection.commit()
        found = [each async for each in check(connection, tale.bot_id) if isinstance(each, Mismatch)]
        await connection.set_isolation_level(None)
    return found


async def test_a_word_holds_at_once_and_until_it_is_removed(tale: Tale) -> None:
    await tale.says(0, SICK)
    await put(tale, "Sick", 80)
    await tale.says(1, SICK)
    await put(tale, "sick", 0)
    await tale.says(2, SICK)
    async with tale.pool.connection() as connection:
        assert await words.remove(connection, tale.bot_id, "SICK")
    await tale.says(3, SICK)
    first, liked, ignored, last = [row[0] for row in await scores(tale)]
    assert first == last == round(score(SICK).score * 1000) < 0
    assert liked > 500
    assert abs(ignored) < 50
    assert (await tale.stats("sentiment_sum, scored_messages")) == (first + liked + ignored + last, 4)


async def test_a_message_scored_before_the_list_changed_is_scored_again(tale: Tale) -> None:
    delivery = tale.delivery([tale.message(0, SICK)])
    await put(tale, "sick", 80)
    await tale.ingest.submit(delivery)
    assert (await scores(tale))[0][0] > 500


async def test_an_edit_is_scored_under_the_list(tale: Tale) -> None:
    await put(tale, "便宜", -90)
    message = await tale.says(0, "hello")
    edit = MessageEdited(
        dedupe_key="e1", external_user_id="1", at=at(1), external_id=message.external_id, text="这个便宜"
    )
    await tale.deliver(edit)
    [(value, drove)] = await scores(tale)
    assert value < -500
    assert drove == [["便宜", -0.9]]


async def test_rescored_history_is_as_if_the_list_had_always_been_so(tale: Tale) -> None:
    for number in range(5):
        await tale.says(number, SICK, who=str(number))
        await tale.says(10 + number, "12345", who=str(number))
    await put(tale, "sick", 80)
    await tale.says(20, SICK, who="new")
    job = await rescore(tale, steps=2)
    assert (job.state, job.total, job.done, job.changed, job.result) == ("done", 6, 6, 5, {"messages": 5})
    found = [row for row in await scores(tale) if row[0] is not None]
    assert len({value for value, _ in found}) == 1
    assert len(found) == 6
    assert await mismatches(tale) == []
    assert (await tale.stats("sentiment_sum, scored_messages", "0")) == (found[0][0], 1)


async def test_a_rescoring_goes_on_where_it_stopped(tale: Tale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescoring, "_MESSAGES_AT_ONCE", 2)
    for number in range(5):
        await tale.says(number, SICK, who=str(number))
    await put(tale, "sick", 80)
    halfway = await rescore(tale, steps=2)
    assert (halfway.state, halfway.done, halfway.total) == ("running", 4, 5)
    assert await mismatches(tale) == []
    ended = await go_on(tale, halfway.id, steps=3)
    assert (ended.state, ended.done, ended.changed, ended.result) == ("done", 5, 5, {"messages": 5})


async def test_a_new_rescoring_takes_the_place_of_the_old_and_either_can_be_cancelled(tale: Tale) -> None:
    await tale.says(0, SICK)
    old = await rescore(tale, steps=0)
    await put(tale, "sick", 80)
    new = await rescore(tale, steps=2)
    old = await go_on(tale, old.id, steps=1)
    assert (old.state, old.done, new.state, new.done) == ("cancelled", 0, "done", 1)
    third = await rescore(tale, steps=0)
    async with tale.pool.connection() as connection:
        await rescoring.cancel(connection, tale.bot_id, tale.now)
        await rescoring.cancel(connection, tale.bot_id, tale.now)
        standing = await rescoring.newest(connection, tale.bot_id)
    assert standing is not None
    assert (standing.id, standing.state) == (third.id, "cancelled")


async def test_messages_that_come_meanwhile_count_once(tale: Tale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescoring, "_MESSAGES_AT_ONCE", 1)
    for number in range(3):
        await tale.says(number, SICK, who=str(number))
    await put(tale, "sick", 80)
    job = await rescore(tale, steps=1)
    for number in range(3):
        await tale.says(10 + number, SICK, who=str(number))
    assert (await go_on(tale, job.id, steps=10)).state == "done"
    assert await mismatches(tale) == []
    assert len({value for value, _ in await scores(tale)}) == 1


@pytest.mark.parametrize(
    ("word", "value", "field"),
    [
        ("", 10, "word"),
        ("   ", 10, "word"),
        ("?!", 10, "word"),
        ("12", 10, "word"),
        ("x" * 61, 10, "word"),
        ("sick", "", "score"),
        ("sick", "many", "score"),
        ("sick", "101", "score"),
        ("sick", "nan", "score"),
        ("sick", "1e999", "score"),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_name(tale: Tale, word: str, value: object, field: str) -> None:
    with pytest.raises(InvalidEdit) as refused:
        await put(tale, word, value)
    assert list(refused.value.errors) == [field]


async def test_a_word_is_kept_once_however_it_is_written(tale: Tale) -> None:
    for word, value in (("Sick", 10), ("  sick ", "20"), ("SICK", "−30"), ("❤️", 40), ("❤", 50), ("Not  Bad", "60,4")):
        await put(tale, word, value)
    async with tale.pool.connection() as connection:
        kept = {each.word: each.score for each in await words.get(connection, tale.bot_id)}
    assert kept == {"sick": -30, "❤": 50, "not bad": 60}


async def test_the_list_has_an_end(tale: Tale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MOST_WORDS", 1)
    await put(tale, "sick", 10)
    await put(tale, "sick", 20)
    with pytest.raises(InvalidEdit, match="at most 1 words"):
        await put(tale, "slow", 10)
