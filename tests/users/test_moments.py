"""The best and the worst moment of a user."""

from botfolk.outbox.queue import enqueue_message
from botfolk.users import moments
from tests.telling import Tale, at


async def said_by_the_bot(tale: Tale, minutes: float, text: str) -> None:
    """Something is sent to the person."""
    user_id = await tale.user_id()
    async with tale.pool.connection() as connection:
        await enqueue_message(connection, tale.bot_id, user_id, text, author="bot", now=at(minutes))


async def of(tale: Tale) -> dict[bool, moments.Moment]:
    """The moments of the person, by whether it is the best."""
    async with tale.pool.connection() as connection:
        found = await moments.of_user(connection, tale.bot_id, await tale.user_id())
    return {moment.is_best: moment for moment in found}


async def test_each_moment_comes_with_what_had_been_said_before_it(tale: Tale) -> None:
    await tale.says(0, "hello")
    await said_by_the_bot(tale, 1, "Your table is ready")
    await tale.says(2, "I love it, thank you so much!")
    await said_by_the_bot(tale, 3, "The kitchen is closed")
    await tale.says(4, "this is terrible")
    await said_by_the_bot(tale, 5, "Sorry")
    found = await of(tale)
    best, worst = found[True], found[False]
    assert best.text == "I love it, thank you so much!"
    assert worst.text == "this is terrible"
    assert best.score > 0 > worst.score
    assert best.before is not None
    assert best.before.text == "Your table is ready"
    assert worst.before is not None
    assert (worst.before.author, worst.before.text) == ("bot", "The kitchen is closed")


async def test_nothing_was_said_before_the_first_message(tale: Tale) -> None:
    await tale.says(0, "this is terrible")
    found = await of(tale)
    assert found[False].before is None


async def test_of_equals_the_newest_is_the_moment(tale: Tale) -> None:
    await tale.says(0, "terrible")
    await tale.says(9, "terrible")
    await tale.says(5, "terrible")
    assert (await of(tale))[False].at == at(9)


async def test_who_was_never_moved_has_no_moment(tale: Tale) -> None:
    await tale.says(0, "where is my order")
    await tale.says(1, "12345")
    assert await of(tale) == {}
