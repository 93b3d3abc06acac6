"""The roster of Teams, files, and connecting."""

from typing import Any

import pytest
from msgspec import structs

from botfolk.channels.botframework.sealing import seal
from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.events import Profile
from botfolk.channels.setup import rotated
from tests.channels.botframework.conftest import PASSWORD, USER, Service

HOOK = "https://crm.example/hooks/1"


async def profile(service: Service, **address: object) -> Profile | None:
    """Ask who Megan is."""
    return await service.kind.profile(service.channel, service.http, USER, service.address | address)


async def test_the_roster_says_names_and_email(service: Service) -> None:
    found = await profile(service)
    fields: dict[str, str | None] = {"first_name": "Megan", "last_name": "Bowen", "email": "megan@example.com"}
    assert found == Profile(fields=fields, username="megan@contoso.example")
    (call,) = await service.calls("members")
    assert call["path"] == "/amer/v3/conversations/a%3A29%3Amegan/members/29%3Amegan"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"given_name": None, "surname": None, "email": None}, {"first_name": "Guest", "last_name": "of Honour"}),
        ({"given_name": "Cher", "surname": None, "email": ""}, {"first_name": "Cher"}),
        ({"name": "", "given_name": None, "surname": None, "email": None, "principal": None}, {}),
    ],
)
async def test_a_guest_has_what_there_is(service: Service, given: dict[str, Any], fields: dict[str, str]) -> None:
    await service.tell("person", **({"id": USER, "name": "Guest of Honour"} | given))
    found = await profile(service)
    assert found is not None
    assert (found.fields, found.full) == (fields, False)


async def test_who_is_no_longer_there_or_not_in_teams_says_nothing(service: Service) -> None:
    await service.tell("person", id=USER, known=False)
    assert await profile(service) is None
    assert await profile(service, channel_id="webchat") is None
    assert await profile(service, conversation_id=USER) is None
    assert len(await service.calls("members")) == 1


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"behaviour": "429", "retry_after": 7}, TryLater),
        ({"behaviour": "5xx"}, TryLater),
        ({"behaviour": "reset"}, TryLater),
        ({"behaviour": "refuse", "code": 400, "description": "BadSyntax"}, ChannelError),
    ],
)
async def test_the_roster_may_fail(service: Service, script: dict[str, Any], error: type[Exception]) -> None:
    await service.tell("script", method="members", **script)
    with pytest.raises(error) as raised:
        await profile(service)
    if "retry_after" in script:
        assert isinstance(raised.value, TryLater)
        assert raised.value.after == 7


async def test_the_roster_is_not_asked_at_another_host_or_without_a_token(service: Service) -> None:
    with pytest.raises(ChannelError, match="service_hosts"):
        await profile(service, service_url="https://evil.example/")
    await service.tell("app", secret="another")
    with pytest.raises(ChannelError, match="client secret"):
        await profile(service)


async def media(service: Service, ref: str, channel: Channel | None = None) -> bytes:
    """Fetch a file."""
    return await service.kind.media(channel or service.channel, service.http, ref)


async def test_a_picture_of_the_service_is_fetched_with_our_token(service: Service) -> None:
    ref = f"{service.url}/amer/v3/attachments/1/views/original"
    assert (await media(service, ref)).startswith(b"\x89PNG")
    await service.tell("app", secret=PASSWORD)
    assert (await media(service, ref)).startswith(b"\x89PNG")


@pytest.mark.parametrize("path", ["/files/here?tempauth=1", "/files/moved?tempauth=1"])
async def test_a_download_address_is_fetched_without_it(service: Service, path: str) -> None:
    channel = structs.replace(
        service.channel, config=service.channel.config | {"service_hosts": ["smba.trafficmanager.net"]}
    )
    ref = seal(channel, service.url + path)
    assert (await media(service, ref, channel)).startswith(b"\x89PNG")
    during = structs.replace(channel, secrets=rotated(channel.secrets, "password", "new"))
    assert (await media(service, ref, during)).startswith(b"\x89PNG")
    for call in await service.calls("file"):
        assert "authorization" not in call["headers"]


async def test_a_sealed_address_is_read_by_its_own_channel_only(service: Service) -> None:
    ref = seal(service.channel, f"{service.url}/files/here")
    for wrong in (
        structs.replace(service.channel, secrets={"password": "other"}),
        structs.replace(service.channel, id=service.channel.bot_id),
    ):
        with pytest.raises(ChannelError, match="no longer has"):
            await media(service, ref, wrong)
    for broken in (ref[:-4], "sealed:", "sealed:!!!"):
        with pytest.raises(ChannelError):
            await media(service, broken)


@pytest.mark.parametrize(
    "ref",
    [
        "https://evil.example/a.png",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "",
        "https://x@smba.example/",
    ],
)
async def test_nothing_else_is_fetched(service: Service, ref: str) -> None:
    for each in (ref, seal(service.channel, ref)):
        with pytest.raises(ChannelError, match="file_hosts"):
            await media(service, each)
    assert service.fake.state.calls == []


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"behaviour": "5xx"}, TryLater),
        ({"behaviour": "reset"}, TryLater),
        ({"behaviour": "refuse", "code": 404, "description": "x"}, ChannelError),
    ],
)
async def test_a_file_may_fail(service: Service, script: dict[str, Any], error: type[Exception]) -> None:
    await service.tell("script", method="file", **script)
    with pytest.raises(error):
        await media(service, f"{service.url}/amer/v3/attachments/1/views/original")


async def test_connecting_signs_in_and_reads_the_keys(service: Service) -> None:
    remembered = await service.kind.connect(service.channel, service.http, HOOK)
    assert remembered == {"app_id": service.channel.config["app_id"], "hook_url": HOOK}
    assert [call.method for call in service.fake.state.calls] == ["token", "metadata", "keys"]


@pytest.mark.parametrize(
    ("config", "secrets", "words"),
    [
        ({"app_id": "x"}, {}, "not an app id"),
        ({}, {"password": " "}, "client secret is missing"),
        ({}, {"password": "wrong"}, "Microsoft no longer accepts the client secret"),
        ({"tenant_id": "a/b"}, {}, "not a tenant id"),
        ({"metadata_url": "http://127.0.0.1:1/"}, {}, "keys could not be read"),
    ],
)
async def test_connecting_says_what_is_wrong(
    service: Service, config: dict[str, Any], secrets: dict[str, str], words: str
) -> None:
    await service.tell("app", secret=PASSWORD)
    channel = structs.replace(
        service.channel, config=service.channel.config | config, secrets=service.channel.secrets | secrets
    )
    with pytest.raises(ChannelError, match=words):
        await service.kind.connect(channel, service.http, HOOK)


async def test_the_check_says_how_things_are(service: Service) -> None:
    good = await service.kind.check(service.channel, service.http, HOOK)
    assert [(check.name, check.ok) for check in good] == [
        ("Client secret", True),
        ("Signing keys", True),
        ("Messaging endpoint", True),
    ]
    await service.tell("app", secret="another")
    service.channel.config["metadata_url"] = "http://127.0.0.1:1/"
    bad = await service.kind.check(service.channel, service.http, "http://localhost/hooks/1")
    assert [check.ok for check in bad] == [False, False, False]
    assert all(PASSWORD not in check.words for check in bad)
