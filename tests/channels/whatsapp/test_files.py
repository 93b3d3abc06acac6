"""Files down and up: what people send, and what is sent to them."""

import pytest

from botfolk.channels.contract import ChannelError, Failed, Later, Outcome, Outgoing, OutgoingFile, Sent, TryLater
from botfolk.channels.faking import FakeServer, Reply, Request
from tests.channels.whatsapp.conftest import KIND, TOKEN, Service

ANA = "16505551234"


def file(content_type: str = "image/png", size: int = 10, name: str = "a.png", seed: bytes = b"x") -> OutgoingFile:
    """A file of so many bytes."""
    return OutgoingFile(content_type=content_type, name=name, content=seed * size)


async def sent(service: Service, outgoing: OutgoingFile, text: str = "") -> Outcome:
    """Send it to Ana."""
    message = Outgoing(external_user_id=ANA, kind="message", text=text, file=outgoing)
    return await KIND.send(service.channel, service.http, message)


@pytest.mark.parametrize(
    ("content_type", "kind", "more"),
    [
        ("image/jpeg", "image", {"caption": "look"}),
        ("video/mp4", "video", {"caption": "look"}),
        ("application/pdf", "document", {"caption": "look", "filename": "a.png"}),
        ("text/csv; charset=utf-8", "document", {"caption": "look", "filename": "a.png"}),
    ],
)
async def test_a_file_is_handed_over_and_sent_by_its_id(
    service: Service, content_type: str, kind: str, more: dict[str, str]
) -> None:
    assert isinstance(await sent(service, file(content_type), "look"), Sent)
    (upload,) = await service.calls("media")
    (call,) = await service.calls("messages")
    assert upload["file_bytes"] == 10
    assert upload["given"]["messaging_product"] == "whatsapp"
    media_id = call["given"][kind]["id"]
    assert media_id in service.fake.state.files
    assert (call["given"]["type"], call["given"][kind]) == (kind, {"id": media_id, **more})


@pytest.mark.parametrize(("content_type", "kind"), [("audio/ogg; codecs=opus", "audio"), ("image/webp", "sticker")])
async def test_a_voice_and_a_sticker_have_no_text(service: Service, content_type: str, kind: str) -> None:
    assert isinstance(await sent(service, file(content_type)), Sent)
    (call,) = await service.calls("messages")
    assert call["given"][kind].keys() == {"id"}
    outcome = await sent(service, file(content_type), "look")
    assert isinstance(outcome, Failed)
    assert "message of its own" in outcome.reason


@pytest.mark.parametrize(
    ("given", "text", "words"),
    [
        (file("application/zip"), "", "files of the kind application/zip"),
        (file(""), "", "unknown"),
        (file(size=0), "", "empty"),
        (file(size=5_000_001), "", "up to 5 MB; this has 5.0 MB"),
        (file("image/webp", size=500_001), "", "up to 0.5 MB"),
        (file(), "x" * 1025, "1024 characters"),
    ],
)
async def test_what_whatsapp_does_not_take_is_said_before(
    service: Service, given: OutgoingFile, text: str, words: str
) -> None:
    outcome = await sent(service, given, text)
    assert isinstance(outcome, Failed)
    assert words in outcome.reason
    assert service.fake.calls == []


async def test_one_file_to_many_is_handed_over_once(service: Service) -> None:
    for _ in range(3):
        assert isinstance(await sent(service, file()), Sent)
    assert isinstance(await sent(service, file(seed=b"y")), Sent)
    assert len(await service.calls("media")) == 2


async def test_a_file_that_whatsapp_has_lost_is_handed_over_again(service: Service) -> None:
    assert isinstance(await sent(service, file()), Sent)
    service.fake.state.files.clear()
    assert isinstance(await sent(service, file()), Failed)
    assert isinstance(await sent(service, file()), Sent)
    assert len(await service.calls("media")) == 2


@pytest.mark.parametrize("behaviour", ["reset", "drop", "5xx", "429"])
async def test_what_breaks_before_the_message_may_be_tried_again(service: Service, behaviour: str) -> None:
    await service.tell("script", method="media", behaviour=behaviour)
    assert isinstance(await sent(service, file()), Later)
    assert await service.calls("messages") == []
    assert isinstance(await sent(service, file()), Sent)


async def test_a_refused_file_is_refused(service: Service) -> None:
    await service.tell("script", method="media", behaviour="refuse", error=131053, description="Not a PNG")
    outcome = await sent(service, file())
    assert isinstance(outcome, Failed)
    assert "Not a PNG" in outcome.reason


# What people send


async def test_a_persons_file_is_fetched_by_its_id_and_our_token(service: Service) -> None:
    media_id = service.fake.state.keep(b"the file", "image/png")
    assert await KIND.media(service.channel, service.http, media_id) == b"the file"


async def test_the_token_goes_to_no_other_host_than_metas(service: Service) -> None:
    heard: list[str] = []

    async def stranger(request: Request) -> Reply:
        heard.append(request.path)
        return Reply(body=b"a file", content_type="image/png")

    async with FakeServer(stranger) as elsewhere:
        service.fake.files_at = elsewhere.url
        media_id = service.fake.state.keep(b"the file", "image/png")
        with pytest.raises(ChannelError, match="not on a server of Meta's"):
            await KIND.media(service.channel, service.http, media_id)
    assert heard == []


@pytest.mark.parametrize("ref", ["", "..", "1/2", "1?x", "https://example.com"])
async def test_what_is_no_id_never_leaves(service: Service, ref: str) -> None:
    with pytest.raises(ChannelError):
        await KIND.media(service.channel, service.http, ref)
    assert service.fake.calls == []


async def test_a_file_that_is_gone_is_gone_for_good(service: Service) -> None:
    with pytest.raises(ChannelError):
        await KIND.media(service.channel, service.http, "12345")


@pytest.mark.parametrize(("method", "behaviour"), [("file", "reset"), ("file", "5xx"), ("*", "429"), ("*", "5xx")])
async def test_a_file_that_cannot_be_had_now_is_tried_later(service: Service, method: str, behaviour: str) -> None:
    media_id = service.fake.state.keep(b"the file", "image/png")
    await service.tell("script", method=method, behaviour=behaviour)
    with pytest.raises(TryLater) as later:
        await KIND.media(service.channel, service.http, media_id)
    assert TOKEN not in str(later.value)
    assert await KIND.media(service.channel, service.http, media_id) == b"the file"
