"""Sending over real HTTP to the fake Cloud API: what each message becomes, and what each answer means."""

from typing import Any
from uuid import UUID

import pytest

from botfolk.channels.contract import Button, Failed, Later, Outcome, Outgoing, Sent, Unknown
from tests.channels.whatsapp.conftest import KIND, TOKEN, Service, make_channel

ANA, SCOPED, GROUP = "16505551234", "US.13491208655302741918", "Y2FwaV9ncm91cDox"
OUR_ID = UUID("0198c0de-0000-7000-8000-000000000001")


def message(text: str = "Hello", *buttons: Button, to: str = ANA, **more: Any) -> Outgoing:
    """A message to Ana, if to nobody else."""
    return Outgoing(external_user_id=to, kind="message", text=text, buttons=buttons, **more)


async def sent(service: Service, outgoing: Outgoing) -> Outcome:
    """Send it."""
    return await KIND.send(service.channel, service.http, outgoing)


async def given(service: Service, outgoing: Outgoing) -> dict[str, Any]:
    """Send it, and return what WhatsApp was given."""
    assert isinstance(await sent(service, outgoing), Sent)
    told: dict[str, Any] = (await service.calls("messages"))[-1]["given"]
    return told


def choices(*titles: str) -> tuple[Button, ...]:
    """Buttons that send their place."""
    return tuple(Button(title=title, data=f"n{place}") for place, title in enumerate(titles))


async def test_a_text_arrives_with_our_own_name_of_it(service: Service) -> None:
    assert await sent(service, message("Hi 👋", message_id=OUR_ID)) == Sent(external_id="wamid.FAKE00000001")
    (call,) = await service.calls("messages")
    assert call["given"] == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": ANA,
        "type": "text",
        "text": {"body": "Hi 👋"},
        "biz_opaque_callback_data": str(OUR_ID),
    }
    assert call["taken"]


@pytest.mark.parametrize(
    ("outgoing", "to"),
    [
        (message(to=ANA), {"recipient_type": "individual", "to": ANA}),
        (message(to=SCOPED), {"recipient_type": "individual", "recipient": SCOPED}),
        (message(to="US.ENT.118157"), {"recipient_type": "individual", "recipient": "US.ENT.118157"}),
        (message(to=GROUP, is_group=True), {"recipient_type": "group", "to": GROUP}),
    ],
)
async def test_each_id_goes_where_it_belongs(service: Service, outgoing: Outgoing, to: dict[str, str]) -> None:
    told = await given(service, outgoing)
    assert {name: told[name] for name in ("recipient_type", "to", "recipient") if name in told} == to


async def test_a_link_in_a_text_is_shown(service: Service) -> None:
    told = await given(service, message("See https://example.com/a"))
    assert told["text"] == {"body": "See https://example.com/a", "preview_url": True}


async def test_three_short_choices_are_buttons(service: Service) -> None:
    told = await given(service, message("Which?", *choices("Red", "Green"), Button(title="No")))
    reply = [button["reply"] for button in told["interactive"]["action"]["buttons"]]
    assert told["interactive"]["body"] == {"text": "Which?"}
    assert reply == [{"id": "n0", "title": "Red"}, {"id": "n1", "title": "Green"}, {"id": "No", "title": "No"}]


@pytest.mark.parametrize(
    "buttons",
    [
        choices(*(f"Choice {n}" for n in range(10))),
        choices("A title of 24 characters"),
        choices("A long title that is shown whole below", "Another"),
    ],
)
async def test_more_or_longer_choices_are_a_list(service: Service, buttons: tuple[Button, ...]) -> None:
    told = await given(service, message("Which?", *buttons))
    (section,) = told["interactive"]["action"]["sections"]
    assert [row["id"] for row in section["rows"]] == [button.data for button in buttons]
    whole = [row.get("description", row["title"]) for row in section["rows"]]
    assert whole == [button.title for button in buttons]


async def test_a_long_text_with_choices_is_a_list(service: Service) -> None:
    told = await given(service, message("x" * 1025, *choices("Yes", "No")))
    assert told["interactive"]["type"] == "list"


@pytest.mark.parametrize(
    "buttons",
    [
        choices(*(f"Choice {n}" for n in range(11))),
        choices("x" * 73),
        choices("Same", "Same"),
        (Button(title="A", data="x"), Button(title="B", data="x")),
        (Button(title="A", data="é" * 201), *choices(*"BCDE")),
    ],
)
async def test_what_fits_neither_is_numbered_lines(service: Service, buttons: tuple[Button, ...]) -> None:
    told = await given(service, message("Which?", *buttons))
    lines = [f"{place}. {button.title}" for place, button in enumerate(buttons, 1)]
    assert told["text"]["body"] == "\n".join(["Which?", "", *lines])


async def test_one_address_is_a_button_of_its_own(service: Service) -> None:
    told = await given(service, message("Look", Button(title="Open", url="https://example.com")))
    assert told["interactive"] == {
        "type": "cta_url",
        "body": {"text": "Look"},
        "action": {"name": "cta_url", "parameters": {"display_text": "Open", "url": "https://example.com"}},
    }


async def test_an_address_beside_choices_stands_in_the_text(service: Service) -> None:
    told = await given(service, message("Look", Button(title="Open", url="https://example.com"), *choices("Yes")))
    assert told["interactive"]["body"] == {"text": "Look\n\nOpen: https://example.com"}
    assert [button["reply"]["title"] for button in told["interactive"]["action"]["buttons"]] == ["Yes"]


async def test_several_addresses_are_lines(service: Service) -> None:
    two = (Button(title="A", url="https://a.example"), Button(title="B", url="https://b.example"))
    told = await given(service, message("Look", *two))
    assert told["text"] == {"body": "Look\n\nA: https://a.example\nB: https://b.example", "preview_url": True}


@pytest.mark.parametrize(
    ("outgoing", "reason"),
    [
        (message("  "), "nothing to read"),
        (message("Which?", Button(title=" ", data="x")), "title"),
        (message("x" * 4096, *choices(*(f"Choice {n}" for n in range(11)))), "4096"),
        (message(to="somebody"), "not an id"),
        (message(to="../me"), "not an id"),
        (message(to="", is_group=True), "not an id"),
        (Outgoing(external_user_id=ANA, kind="tap", tap="1"), "taps"),
    ],
)
async def test_what_whatsapp_could_never_take_is_not_sent(service: Service, outgoing: Outgoing, reason: str) -> None:
    outcome = await sent(service, outgoing)
    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert service.fake.calls == []


def test_a_long_text_is_cut_at_4096() -> None:
    assert [len(part) for part in KIND.split("x" * 5000)] == [4096, 904]


# What each answer means


async def _refused(service: Service, code: int, description: str = "Details") -> Outcome:
    await service.tell("script", method="messages", behaviour="refuse", error=code, description=description)
    return await sent(service, message())


@pytest.mark.parametrize("code", [4, 80007, 130429, 131048, 131057, 131064, 133016])
async def test_limits_of_the_number_make_everybody_wait(service: Service, code: int) -> None:
    outcome = await _refused(service, code)
    assert isinstance(outcome, Later)
    assert outcome.whole_channel
    assert outcome.after


async def test_the_limit_of_a_pair_makes_only_this_person_wait(service: Service) -> None:
    outcome = await _refused(service, 131056)
    assert outcome == Later(reason="too many messages to this person in a short time", after=6.0)


@pytest.mark.parametrize("code", [1, 2, 131000, 131016, 133004])
async def test_a_passing_fault_may_be_tried_again(service: Service, code: int) -> None:
    outcome = await _refused(service, code)
    assert isinstance(outcome, Later)
    assert not outcome.whole_channel
    assert isinstance(await sent(service, message()), Sent)


@pytest.mark.parametrize("code", [131026, 131041, 131207])
async def test_who_cannot_be_reached_is_said_so(service: Service, code: int) -> None:
    outcome = await _refused(service, code)
    assert isinstance(outcome, Failed)
    assert (outcome.unreachable, outcome.state, outcome.channel_broken) == (True, "gone", False)


@pytest.mark.parametrize("code", [3, 10, 33, 190, 200, 299, 368, 131005, 131031, 131045, 133010])
async def test_what_a_member_must_mend_stops_the_channel(service: Service, code: int) -> None:
    outcome = await _refused(service, code)
    assert isinstance(outcome, Failed)
    assert outcome.channel_broken


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (131047, "24 hours"),
        (131049, "tomorrow"),
        (131050, "stopped your marketing"),
        (130472, "experiment"),
        (131021, "own number"),
        (131030, "listed at Meta"),
        (131062, "phone number"),
        (137000, "who they are"),
        (131042, "payment"),
        (131051, "kind of message"),
        (131053, "Details"),
        (132000, "placeholders"),
        (132001, "template"),
        (132015, "paused"),
        (132016, "switched"),
        (100, "Details"),
        (131008, "Details"),
        (131009, "Details"),
        (135000, "Details"),
        (139999, "Details"),
    ],
)
async def test_a_message_that_is_refused_for_good_says_why(service: Service, code: int, words: str) -> None:
    outcome = await _refused(service, code)
    assert isinstance(outcome, Failed)
    assert words in outcome.reason
    assert (outcome.unreachable, outcome.channel_broken) == (False, False)


async def test_a_token_that_is_dead_stops_the_channel_and_is_not_shown(service: Service) -> None:
    await service.tell("token", token=TOKEN)
    outcome = await sent(service, message())
    assert isinstance(outcome, Failed)
    assert outcome.channel_broken
    assert TOKEN not in outcome.reason


async def test_meta_says_how_long_to_wait(service: Service) -> None:
    await service.tell("script", method="messages", behaviour="429", retry_after=17)
    assert await sent(service, message()) == Later(
        reason="WhatsApp takes no more messages for the moment", after=17.0, whole_channel=True
    )


async def test_outside_the_24_hours_the_fake_refuses_as_whatsapp_does(service: Service) -> None:
    await service.tell("person", id=ANA, window=False)
    outcome = await sent(service, message())
    assert isinstance(outcome, Failed)
    assert "24 hours" in outcome.reason


@pytest.mark.parametrize(("behaviour", "taken"), [("reset", False), ("drop", True)])
async def test_a_connection_that_breaks_leaves_us_not_knowing(service: Service, behaviour: str, taken: bool) -> None:
    await service.tell("script", method="messages", behaviour=behaviour)
    assert isinstance(await sent(service, message()), Unknown)
    (call,) = await service.calls("messages")
    assert call["taken"] is taken


async def test_a_slow_answer_is_waited_for(service: Service) -> None:
    await service.tell("script", method="messages", behaviour="delay", seconds=0.05)
    assert isinstance(await sent(service, message()), Sent)


async def test_a_service_that_is_not_there_can_be_tried_again(service: Service) -> None:
    outcome = await KIND.send(make_channel("http://127.0.0.1:1"), service.http, message())
    assert isinstance(outcome, Later)


async def test_typing_answers_the_last_message_and_says_nothing_without_one(service: Service) -> None:
    await KIND.typing(service.channel, service.http, ANA, {})
    assert await service.calls("messages") == []
    await KIND.typing(service.channel, service.http, ANA, {"message_id": "wamid.9"})
    (call,) = await service.calls("messages")
    assert call["given"] == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.9",
        "typing_indicator": {"type": "text"},
    }


async def test_typing_never_raises(service: Service) -> None:
    await service.tell("script", behaviour="reset")
    await KIND.typing(service.channel, service.http, ANA, {"message_id": "wamid.9"})
    await KIND.typing(make_channel("http://127.0.0.1:1"), service.http, ANA, {"message_id": "wamid.9"})
