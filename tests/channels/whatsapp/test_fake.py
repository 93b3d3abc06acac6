"""The fake as the other side of the webhook: what people do comes, signed; what became of a message comes back."""

from uuid import UUID

from botfolk.channels.contract import Outgoing, Sent, TemplateUse
from botfolk.channels.events import AnyEvent, ConsentChanged, InboundMessage, ReactionChanged, StatusChanged
from tests.channels.whatsapp.conftest import APP_SECRET, KIND, Ours, Service

ANA = "16505551234"
OUR_ID = UUID("0198c0de-0000-7000-8000-000000000001")


async def _next(ours: Ours) -> AnyEvent:
    return await ours.came.get()


async def _sent(service: Service, **outgoing: object) -> Sent:
    message = Outgoing(external_user_id=ANA, kind="message", message_id=OUR_ID, **outgoing)  # type: ignore[arg-type]
    outcome = await KIND.send(service.channel, service.http, message)
    assert isinstance(outcome, Sent)
    return outcome


async def test_what_a_person_says_comes_signed(service: Service, ours: Ours) -> None:
    told = await service.tell("say", text="Grüße / 👋", name="Fay", user_id="US.1")
    assert (told["ok"], told["status"]) == (True, 200)
    event = await _next(ours)
    assert isinstance(event, InboundMessage)
    assert (event.text, event.external_user_id, event.aliases) == ("Grüße / 👋", "US.1", (ANA,))


async def test_a_picture_can_be_fetched_as_it_came(service: Service, ours: Ours) -> None:
    await service.tell("say", text="look", photo=True)
    event = await _next(ours)
    assert isinstance(event, InboundMessage)
    assert (await KIND.media(service.channel, service.http, event.media[0].ref)).startswith(b"\x89PNG")


async def test_taps_and_reactions_come(service: Service, ours: Ours) -> None:
    await service.tell("tap", data="yes", title="Yes")
    await service.tell("react", message_id="wamid.9", emoji="❤️")
    tap, reaction = await _next(ours), await _next(ours)
    assert isinstance(tap, InboundMessage)
    assert isinstance(reaction, ReactionChanged)
    assert (tap.details["data"], reaction.emoji) == ("yes", ("❤️",))


async def test_what_became_of_a_message_comes_back_with_our_name_of_it(service: Service, ours: Ours) -> None:
    outcome = await _sent(service, text="Hello")
    await service.tell("status", message_id=outcome.external_id, status="read")
    came = [await _next(ours) for _ in range(3)]
    assert all(isinstance(event, StatusChanged) for event in came)
    told = {(e.status, e.external_id, e.message_id) for e in came if isinstance(e, StatusChanged)}
    assert told == {(status, outcome.external_id, OUR_ID) for status in ("sent", "delivered", "read")}


async def test_who_blocked_the_number_is_told_later(service: Service, ours: Ours) -> None:
    await service.tell("person", id=ANA, blocked=True)
    await _sent(service, text="Hello")
    event = await _next(ours)
    assert isinstance(event, StatusChanged)
    assert (event.status, event.unreachable, event.message_id) == ("failed", "gone", OUR_ID)


async def test_who_stopped_marketing_is_told_later(service: Service, ours: Ours) -> None:
    await service.tell("person", id=ANA, wants_marketing=False)
    await service.tell("template", name="sale", category="MARKETING", components=[{"type": "BODY", "text": "Sale!"}])
    await _sent(service, template=TemplateUse(name="sale", language="en"))
    failed, stopped = await _next(ours), await _next(ours)
    assert isinstance(failed, StatusChanged)
    assert isinstance(stopped, ConsentChanged)
    assert (failed.unreachable, stopped.allowed) == (None, False)


async def test_what_is_not_taken_is_delivered_again(service: Service, ours: Ours) -> None:
    ours.statuses = [503, 500]
    told = await service.tell("say", text="hello")
    assert (told["ok"], told["attempts"]) == (True, 3)
    event = await _next(ours)
    assert isinstance(event, InboundMessage)
    assert event.text == "hello"


async def test_another_apps_signature_is_not_taken(service: Service, ours: Ours) -> None:
    service.fake.hook.app_secret = APP_SECRET + "x"
    told = await service.tell("change", value={"statuses": []}, attempts=1)
    assert (told["ok"], told["status"]) == (False, 401)


async def test_an_address_that_does_not_know_the_word_is_not_delivered_to(service: Service, ours: Ours) -> None:
    told = await service.tell("hook", url=service.fake.hook.url, app_secret=APP_SECRET, verify_token="a guess")
    assert told["error"]["code"] == 2200
