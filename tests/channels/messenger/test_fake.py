"""The fake plays the whole of a conversation: what people do arrives signed, what is sent comes back as an echo."""

from typing import Any
from uuid import UUID

import pytest

from botfolk.channels.contract import Outgoing, Sent
from botfolk.channels.events import (
    AnyEvent,
    ConsentChanged,
    Echoed,
    Happened,
    InboundMessage,
    MessageDeleted,
    MessageEdited,
    ReactionChanged,
    StatusChanged,
)
from tests.channels.messenger.conftest import PERSON, Service

OURS = UUID("01890a5d-ac96-774b-bcce-b302099a8057")

ACTS: dict[str, tuple[dict[str, Any], type[AnyEvent]]] = {
    "say": ({"text": "hello 👋"}, InboundMessage),
    "tap": ({"data": "MENU", "title": "Menu"}, InboundMessage),
    "react": ({"mid": "m_1", "emoji": "❤️"}, ReactionChanged),
    "edit": ({"mid": "m_1", "text": "better"}, MessageEdited),
    "unsend": ({"mid": "m_1"}, MessageDeleted),
    "seen": ({}, StatusChanged),
    "delivered": ({"mids": ["m_1"]}, StatusChanged),
    "refer": ({"ref": "spring"}, Happened),
    "opt": ({"allowed": False}, ConsentChanged),
    "inbox": ({"text": "the team here"}, Echoed),
}


@pytest.mark.parametrize("act", ACTS)
async def test_what_a_person_does_arrives_signed(service: Service, act: str) -> None:
    given, kind = ACTS[act]
    await service.listen()
    told = await service.tell(act, person=PERSON, **given)
    assert (told["ok"], told["status"]) == (True, 200)
    (event,) = await service.events(1)
    assert type(event) is kind
    assert event.external_user_id == PERSON


async def test_what_is_sent_comes_back_as_an_echo_that_is_known_as_ours(service: Service) -> None:
    await service.listen()
    outgoing = Outgoing(external_user_id=PERSON, kind="message", text="hello", message_id=OURS)
    outcome = await service.kind.send(service.channel, service.http, outgoing)
    assert isinstance(outcome, Sent)
    (echo,) = await service.events(1)
    assert isinstance(echo, Echoed)
    assert (echo.external_id, echo.message_id, echo.text) == (outcome.external_id, OURS, "hello")


async def test_what_was_taken_without_an_answer_is_known_by_its_echo(service: Service) -> None:
    await service.listen()
    await service.tell("script", method="messages", behaviour="drop")
    outgoing = Outgoing(external_user_id=PERSON, kind="message", text="hello", message_id=OURS)
    await service.kind.send(service.channel, service.http, outgoing)
    (echo,) = await service.events(1)
    assert isinstance(echo, Echoed)
    assert echo.message_id == OURS


async def test_a_hook_that_forgets_the_secret_is_told_nothing(service: Service) -> None:
    await service.listen()
    service.channel.secrets["app_secret"] = "another"
    told = await service.tell("deliver", payload={"object": "page", "entry": []}, attempts=1)
    assert (told["ok"], told["status"], service.delivered) == (False, 401, [])


async def test_what_the_control_side_does_not_know_is_said_so(service: Service) -> None:
    assert (await service.tell("dance"))["error"]["message"] == "nothing is known by the name dance"
