"""How often a visitor and an address may do what costs something."""

import asyncio

import pytest

from botfolk.ids import new_id
from botfolk.webchat.limits import Limit, Limits, Open, TooOften
from tests.routes import routes_of
from tests.webchat.conftest import Chat

ROUTES = {
    ("GET", "/chat.js"),
    ("GET", "/chat/{channel_id:uuid}"),
    ("GET", "/chat/{channel_id:uuid}/picture"),
    ("POST", "/chat/{channel_id:uuid}/start"),
    ("GET", "/chat/{channel_id:uuid}/messages"),
    ("POST", "/chat/{channel_id:uuid}/messages"),
    ("POST", "/chat/{channel_id:uuid}/typing"),
    ("GET", "/chat/{channel_id:uuid}/events"),
    ("POST", "/chat/{channel_id:uuid}/files"),
    ("GET", "/chat/{channel_id:uuid}/files/{file_id:uuid}"),
}
FOR_ANYBODY = {("GET", "/chat.js"), ("GET", "/chat/{channel_id:uuid}"), ("GET", "/chat/{channel_id:uuid}/picture")}
BY_ITS_OWN_PROOF = {("GET", "/chat/{channel_id:uuid}/files/{file_id:uuid}")}
BEGINS = {("POST", "/chat/{channel_id:uuid}/start")}


async def test_each_has_a_limit_of_their_own_and_is_told_how_long_to_wait() -> None:
    limit = Limit(60.0, 2)
    limit.take("one")
    limit.take("one")
    with pytest.raises(TooOften) as refused:
        limit.take("one")
    assert 1 <= refused.value.after <= 60
    limit.take("other")


async def test_no_pace_is_no_limit() -> None:
    limits = Limits(pace=0.0)
    for _ in range(1000):
        limits.messages.take("one")
        limits.starts.take("here")


def test_so_many_are_open_at_once_and_no_more() -> None:
    streams = Open(2)
    with streams.open("one"):
        streams.check("one")
        with streams.open("one"):
            with pytest.raises(TooOften):
                streams.check("one")
            streams.check("other")
        streams.check("one")


async def test_an_address_that_begins_again_and_again_is_told_to_wait(chat: Chat) -> None:
    # Sixty at once and one every two seconds.
    answers = await asyncio.gather(*(chat.client.post(f"{chat.path}/start", json={}) for _ in range(120)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert "try again in" in refused[0].json()["detail"]


async def test_nothing_of_the_chat_answers_who_does_not_say_who_they_are(chat: Chat) -> None:
    found = set(routes_of(chat.app))
    assert found == ROUTES
    headers = {"Authorization": "Bearer nonsense"}
    for method, path in found - FOR_ANYBODY - BY_ITS_OWN_PROOF - BEGINS:
        address = path.replace("{channel_id:uuid}", str(chat.channel.id)).replace("{file_id:uuid}", str(new_id()))
        body = {"id": str(new_id()), "text": "x"} if path.endswith("messages") and method == "POST" else None
        for given in ({}, headers):
            answer = await chat.client.request(method, address, json=body, headers=given)
            assert answer.status_code == 401, (method, path)


async def test_nothing_of_a_chat_that_is_switched_off_answers(chat: Chat) -> None:
    visitor = await chat.visitor()
    await chat.tale.rows("UPDATE channels SET enabled = false WHERE id = %s RETURNING 1", chat.channel.id)
    chat.services.channels.invalidate()
    assert (await visitor.post("messages", {"id": str(new_id()), "text": "x"})).status_code == 404
    assert (await chat.client.get(f"{chat.path}/messages", headers=visitor.headers)).status_code == 404
    assert (await chat.client.get(chat.path)).status_code == 404
