"""Where Instagram differs from Messenger; all the rest is the same code (tests/channels/messenger)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import structs

from botfolk.channels.contract import Button, ChannelError, Failed, Outgoing, OutgoingFile, Renewed, Sent
from botfolk.channels.events import Echoed, InboundMessage, Media, Profile, ReactionChanged, StatusChanged
from botfolk.channels.instagram.connect import INSTAGRAM_BASE, located
from botfolk.channels.instagram.fake import FakeInstagram
from botfolk.channels.instagram.kind import Instagram
from botfolk.channels.messenger.refusals import WINDOW_PASSED
from tests.channels.messenger.conftest import PAGE, PERSON, RECEIVED, Service, entry, make_channel, running

KIND = Instagram()
OWN_LOGIN, BY_PAGE = "IGAA-a-token-of-instagram", "EAAB-a-token-of-the-page"
CDN = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=2"
OURS = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.fixture(params=[OWN_LOGIN, BY_PAGE], ids=["own login", "by the page"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """The fake of Instagram, by each of the two logins."""
    async with running(KIND, FakeInstagram, request.param) as service:
        yield service


async def test_a_token_of_its_own_login_is_renewed_every_week(service: Service) -> None:
    own, at = service.channel.secrets["access_token"] == OWN_LOGIN, RECEIVED
    first = await KIND.renew(service.channel, service.http, at)
    assert first == (Renewed(config={"token_renewed_at": at.isoformat()}) if own else None)
    if first is None:
        return
    channel = structs.replace(service.channel, config=service.channel.config | first.config)
    assert await KIND.renew(channel, service.http, at + timedelta(days=6)) is None
    later = at + timedelta(days=7)
    renewed = await KIND.renew(channel, service.http, later)
    assert renewed is not None
    assert renewed.config == {"token_renewed_at": later.isoformat()}
    assert renewed.secrets["access_token"].startswith(f"{OWN_LOGIN}-")


def heard(item: dict[str, Any], where: str = "messaging") -> Any:
    (event,), strange = KIND.parse(
        make_channel("instagram"), _bytes(entry(item, where=where, about="instagram")), RECEIVED
    )
    assert strange == []
    return event


def _bytes(payload: object) -> bytes:
    return msgspec.json.encode(payload)


def attached(type: str, **payload: object) -> dict[str, Any]:
    return {"message": {"mid": "m_1", "attachments": [{"type": type, "payload": payload}]}}


@pytest.mark.parametrize(
    ("item", "kind", "name"),
    [
        (attached("story_mention", url=CDN), "photo", "Mentioned you in a story"),
        (attached("ig_story", url=CDN), "photo", "Story"),
        (attached("share", url=CDN), "photo", "Shared post"),
        (attached("ig_post", url=CDN, title="Our shop"), "photo", "Shared post: Our shop"),
        (attached("ig_reel", url=CDN, title="Dance"), "video", "Reel: Dance"),
    ],
)
def test_what_is_shared_says_what_it_is(item: dict[str, Any], kind: str, name: str) -> None:
    event = heard(item)
    assert isinstance(event, InboundMessage)
    assert (event.kind, event.media) == (kind, (Media(ref=CDN, name=name),))
    assert event.details["shared"][0]["url"] == CDN


def test_a_shared_link_is_told_as_one() -> None:
    event = heard(attached("share", url="https://example.com/post"))
    assert (event.kind, event.text, event.media) == ("text", "https://example.com/post", ())


def test_a_message_that_vanished_is_not_read_but_told() -> None:
    event = heard({"message": {"mid": "m_1", "is_unsupported": True}})
    assert event.kind == "not_understood"


def test_echoes_come_with_the_messages_and_without_our_metadata() -> None:
    event = heard(
        {"sender": {"id": PAGE}, "recipient": {"id": PERSON}, "message": {"mid": "m_1", "text": "hi", "is_echo": True}}
    )
    assert isinstance(event, Echoed)
    assert (event.external_user_id, event.message_id) == (PERSON, None)


def test_a_page_of_messenger_is_not_taken_for_instagram() -> None:
    events, (kept,) = KIND.parse(make_channel("instagram"), _bytes(entry(attached("image", url=CDN))), RECEIVED)
    assert events == []
    assert "“page”, which is not Instagram" in kept.reason


def message(text: str = "hello", **more: Any) -> Outgoing:
    return Outgoing(external_user_id=PERSON, kind="message", text=text, message_id=OURS, **more)


async def test_a_text_goes_without_metadata(service: Service) -> None:
    assert isinstance(await KIND.send(service.channel, service.http, message(buttons=(Button(title="Yes"),))), Sent)
    assert service.given()["message"] == {
        "text": "hello",
        "quick_replies": [{"content_type": "text", "title": "Yes", "payload": "Yes"}],
    }


async def test_a_text_is_counted_in_bytes(service: Service) -> None:
    text = "Grüße 👩‍🚀 " * 120
    parts = KIND.split(text)
    assert all(len(part.encode()) <= 1000 for part in parts)
    assert all("👩‍🚀" in part for part in parts)
    for part in parts:
        assert isinstance(await KIND.send(service.channel, service.http, message(part)), Sent)
    outcome = await KIND.send(service.channel, service.http, message("ü" * 501))
    assert outcome == Failed(reason="the text is too long for Instagram")


async def test_a_file_is_fetched_by_its_address(service: Service) -> None:
    file = OutgoingFile(content_type="image/png", name="a.png", content=b"png", url="https://crm.example.com/f/1")
    assert isinstance(await KIND.send(service.channel, service.http, message("", file=file)), Sent)
    assert service.given()["message"]["attachment"]["payload"] == {"url": "https://crm.example.com/f/1"}
    outcome = await KIND.send(service.channel, service.http, message("", file=structs.replace(file, url=None)))
    assert isinstance(outcome, Failed)
    assert "no public address" in outcome.reason
    large = structs.replace(file, content=b"x" * 8_000_001)
    outcome = await KIND.send(service.channel, service.http, message("", file=large))
    assert outcome == Failed(reason="the file is larger than 8 MB, the most that Instagram takes")


@pytest.mark.parametrize(
    ("error", "subcode", "outcome"),
    [
        (10, 2534022, WINDOW_PASSED),
        (100, 2534014, Failed(reason="Meta does not know this person (any more)", unreachable=True)),
    ],
)
async def test_its_own_errors_are_understood(service: Service, error: int, subcode: int, outcome: Failed) -> None:
    await service.tell(
        "script", method="messages", behaviour="refuse", error=error, parameters={"error_subcode": subcode}
    )
    assert await KIND.send(service.channel, service.http, message()) == outcome


async def test_one_name_and_a_username_and_a_picture_are_had(service: Service) -> None:
    found = await KIND.profile(service.channel, service.http, PERSON, {})
    assert found == Profile(fields={"first_name": "Fay Fake"}, username="fay_fake")
    picture = await KIND.picture(service.channel, service.http, PERSON, is_group=False, known_ref=None)
    assert picture is not None
    await service.tell("script", behaviour="refuse", error=230, description="User consent is required")
    assert await KIND.profile(service.channel, service.http, PERSON, {}) is None


async def test_connecting_learns_whose_the_account_is(service: Service) -> None:
    remembered = await KIND.connect(service.channel, service.http, service.hook)
    assert remembered == {
        "account": PAGE,
        "name": "Fake page",
        "username": "fake_shop",
        "api_base": service.url,
        "api_version": "v25.0",
        "hook_url": service.hook,
    }
    service.channel.config.update(remembered)
    found = {check.name: check for check in await KIND.check(service.channel, service.http, service.hook)}
    assert all(check.ok for check in found.values())
    assert "subscription" in found


async def test_what_a_page_is_told_of_already_is_left_as_it_is() -> None:
    async with running(KIND, FakeInstagram, BY_PAGE) as service:
        service.fake.subscribed = ["messages", "message_echoes"]
        remembered = await KIND.connect(service.channel, service.http, service.hook)
        assert service.fake.subscribed == ["messages", "message_echoes"]
        service.channel.config.update(remembered)
        service.fake.subscribed = []
        *_, last = await KIND.check(service.channel, service.http, service.hook)
        assert (last.ok, last.words.startswith("The app is told of nothing")) == (False, True)


async def test_the_token_of_another_account_is_found_out(service: Service) -> None:
    await service.tell("account", id="999", name="Other")
    (check,) = await KIND.check(service.channel, service.http, service.hook)
    assert (check.ok, "another account" in check.words) == (False, True)


async def test_a_page_without_an_account_is_said_so() -> None:
    async with running(KIND, FakeInstagram, BY_PAGE) as service:
        assert isinstance(service.fake, FakeInstagram)
        service.fake.linked = False
        with pytest.raises(ChannelError, match="no Instagram account is linked"):
            await KIND.connect(service.channel, service.http, service.hook)


def test_each_login_has_its_own_api() -> None:
    assert located(make_channel("instagram", OWN_LOGIN)).config["api_base"] == INSTAGRAM_BASE
    assert "api_base" not in located(make_channel("instagram", BY_PAGE)).config
    own = make_channel("instagram", OWN_LOGIN, api_base="http://127.0.0.1:1")
    assert located(own).config["api_base"] == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("act", "given", "kind"),
    [
        ("say", {"text": "hello"}, InboundMessage),
        ("react", {"mid": "m_1", "emoji": "❤️"}, ReactionChanged),
        ("seen", {"mid": "m_1"}, StatusChanged),
    ],
)
async def test_what_a_person_does_arrives_signed(
    service: Service, act: str, given: dict[str, Any], kind: type[object]
) -> None:
    await service.listen()
    await service.tell(act, person=PERSON, **given)
    (event,) = await service.events(1)
    assert type(event) is kind


async def test_what_is_sent_comes_back_as_an_echo(service: Service) -> None:
    await service.listen()
    outcome = await KIND.send(service.channel, service.http, message())
    assert isinstance(outcome, Sent)
    (echo,) = await service.events(1)
    assert isinstance(echo, Echoed)
    assert (echo.external_id, echo.message_id) == (outcome.external_id, None)


def test_a_member_is_told_what_to_do_and_what_to_copy() -> None:
    assert [step.copy for step in KIND.steps if step.copy] == ["hook_url", "verify_token"]
    assert {field.name for field in KIND.setup if field.required} == {"access_token", "app_secret"}
