"""What Meta says of a person: names, and what needs permissions of its own, asked apart."""

import pytest

from botfolk.channels.contract import ChannelError, TryLater
from botfolk.channels.events import Profile
from botfolk.channels.messenger import profile as profiles
from tests.channels.messenger.conftest import KIND, PERSON, Service

NAMES: dict[str, str | None] = {"first_name": "Fay", "last_name": "Fake"}


async def said(service: Service) -> Profile | None:
    return await service.kind.profile(service.channel, service.http, PERSON, {})


def asked(service: Service) -> list[str]:
    return [call.query["fields"] for call in service.fake.calls]


async def test_a_name_is_had_though_what_needs_permission_is_refused_and_that_is_not_asked_again(
    service: Service,
) -> None:
    assert await said(service) == Profile(fields=NAMES)
    assert asked(service) == ["first_name,last_name,name", "locale", "timezone"]
    assert await said(service) == Profile(fields=NAMES)
    assert asked(service)[3:] == ["first_name,last_name,name"]


async def test_with_another_token_it_is_asked_again(service: Service) -> None:
    await said(service)
    service.channel.secrets["access_token"] = "EAAB-one-with-more-permissions"
    await service.tell("account", granted=["locale", "timezone"])
    assert await said(service) == Profile(fields=NAMES | {"language": "en-GB", "timezone": "UTC+05:30"})


async def test_after_a_day_it_is_asked_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    await said(service)
    monkeypatch.setattr(profiles, "_ASK_AGAIN_SECONDS", 0.0)
    await said(service)
    assert asked(service)[3:] == ["first_name,last_name,name", "locale", "timezone"]


async def test_who_has_but_one_name_has_it_as_the_first(service: Service) -> None:
    await service.tell("person", id=PERSON, first_name=None, last_name=None, name="Fay of the Fakes")
    assert await said(service) == Profile(fields={"first_name": "Fay of the Fakes"})


@pytest.mark.parametrize("so", [{"profile": False}, {"known": False}])
async def test_of_some_there_is_no_profile(service: Service, so: dict[str, bool]) -> None:
    await service.tell("person", id=PERSON, **so)
    assert await said(service) is None
    assert await KIND.picture(service.channel, service.http, PERSON, is_group=False, known_ref=None) is None


@pytest.mark.parametrize("behaviour", ["429", "5xx", "reset"])
async def test_a_trouble_that_passes_is_tried_later(service: Service, behaviour: str) -> None:
    await service.tell("script", behaviour=behaviour)
    with pytest.raises(TryLater):
        await said(service)


async def test_a_trouble_with_what_is_optional_costs_only_that_and_is_not_remembered(service: Service) -> None:
    await service.tell("account", granted=["locale", "timezone"])
    await service.tell("script", method=PERSON, behaviour="delay", seconds=0)
    await service.tell("script", method=PERSON, behaviour="5xx")
    assert await said(service) == Profile(fields=NAMES | {"timezone": "UTC+05:30"})
    assert await said(service) == Profile(fields=NAMES | {"language": "en-GB", "timezone": "UTC+05:30"})


async def test_without_the_permission_a_member_is_told(service: Service) -> None:
    await service.tell("script", behaviour="refuse", error=10, description="(#10) needs user profile access")
    with pytest.raises(ChannelError, match="give the app the permission"):
        await said(service)


async def test_what_is_no_id_is_never_part_of_an_address(service: Service) -> None:
    with pytest.raises(ChannelError, match="not an id"):
        await KIND.profile(service.channel, service.http, "../me", {})
    assert service.fake.calls == []


@pytest.mark.parametrize(
    ("hours", "zone"),
    [
        (0, "UTC+00:00"),
        (2, "UTC+02:00"),
        (-3.5, "UTC-03:30"),
        (5.75, "UTC+05:45"),
        (14, "UTC+14:00"),
        ("-7", "UTC-07:00"),
        (15, None),
        (-13, None),
        ("soon", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (10**400, None),
    ],
)
def test_hours_from_greenwich_become_an_offset(hours: object, zone: str | None) -> None:
    assert profiles.offset(hours) == zone


async def test_a_picture_is_fetched_once_and_again_when_it_is_another(service: Service) -> None:
    first = await KIND.picture(service.channel, service.http, PERSON, is_group=False, known_ref=None)
    assert first is not None
    assert first.content.startswith(b"\xff\xd8")
    same = await KIND.picture(service.channel, service.http, PERSON, is_group=False, known_ref=first.ref)
    assert same is None
    await service.tell("person", id=PERSON, picture=2)
    other = await KIND.picture(service.channel, service.http, PERSON, is_group=False, known_ref=first.ref)
    assert other is not None
    assert other.ref != first.ref


async def test_who_has_no_picture_has_none(service: Service) -> None:
    await service.tell("person", id=PERSON, picture=0)
    assert await KIND.picture(service.channel, service.http, PERSON, is_group=False, known_ref=None) is None


async def test_a_picture_elsewhere_than_at_meta_is_never_fetched(service: Service) -> None:
    service.fake.files_at = "http://127.0.0.1:1"
    with pytest.raises(ChannelError, match="not on a server of Meta"):
        await KIND.picture(service.channel, service.http, PERSON, is_group=False, known_ref=None)


async def test_a_file_that_was_sent_is_fetched_from_meta_alone(service: Service) -> None:
    assert await KIND.media(service.channel, service.http, f"{service.url}/files/7.jpg")
    with pytest.raises(ChannelError, match="not on a server of Meta"):
        await KIND.media(service.channel, service.http, "https://example.com/audio.mp4")
    await service.tell("script", method="file", behaviour="5xx")
    with pytest.raises(TryLater):
        await KIND.media(service.channel, service.http, f"{service.url}/files/7.jpg")
