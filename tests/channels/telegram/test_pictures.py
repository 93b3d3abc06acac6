"""Pictures of people and groups, and the files of messages: bytes, never an address."""

import io

import pytest
from PIL import Image

from botfolk.channels.contract import ChannelError, FetchedPicture, TryLater
from tests.channels.telegram.conftest import KIND, TOKEN, Service

GROUP = "-1001700000001"


async def picture(
    service: Service, whose: str = "5001", known: str | None = None, is_group: bool = False
) -> FetchedPicture | None:
    """Ask for somebody's picture."""
    return await KIND.picture(service.channel, service.http, whose, is_group=is_group, known_ref=known)


def size(found: FetchedPicture | None) -> tuple[int, int]:
    """The picture's width and height."""
    assert found is not None
    return Image.open(io.BytesIO(found.content)).size


async def test_a_persons_picture_is_the_largest_that_is_sensible(service: Service) -> None:
    assert size(await picture(service)) == (640, 640)


async def test_a_groups_picture_is_its_own(service: Service) -> None:
    found = await picture(service, GROUP, is_group=True)
    assert size(found) == (640, 640)
    assert [call["method"] for call in await service.calls("")] == ["getChat", "getFile"]


@pytest.mark.parametrize(("whose", "is_group"), [("5001", False), (GROUP, True)])
async def test_who_shows_no_picture_has_none(service: Service, whose: str, is_group: bool) -> None:
    await service.tell("person", id=int(whose), photo=False)
    assert await picture(service, whose, is_group=is_group) is None


async def test_a_picture_that_is_known_is_not_fetched_again_until_it_changes(service: Service) -> None:
    first = await picture(service)
    assert first is not None
    assert await picture(service, known=first.ref) is None
    assert len(await service.calls("getFile")) == 1
    await service.tell("person", id=5001, picture=2)
    second = await picture(service, known=first.ref)
    assert second is not None
    assert second.ref != first.ref
    assert second.content != first.content


async def test_the_reference_of_a_picture_holds_no_secret(service: Service) -> None:
    found = await picture(service)
    assert found is not None
    assert TOKEN not in found.ref
    assert TOKEN.encode() not in found.content


@pytest.mark.parametrize("method", ["getUserProfilePhotos", "getFile", "file"])
@pytest.mark.parametrize("behaviour", ["429", "5xx", "reset", "drop"])
async def test_a_picture_that_cannot_be_had_now_is_fetched_later(service: Service, method: str, behaviour: str) -> None:
    await service.tell("script", method=method, behaviour=behaviour, retry_after=9)
    with pytest.raises(TryLater) as later:
        await picture(service)
    assert TOKEN not in str(later.value)
    if behaviour == "429" and method != "file":
        assert later.value.after == 9
    assert size(await picture(service)) == (640, 640)


async def test_a_person_whom_telegram_does_not_know_has_no_picture_for_good(service: Service) -> None:
    await service.tell("person", id=5001, known=False)
    with pytest.raises(ChannelError, match="user not found"):
        await picture(service)


@pytest.mark.parametrize("is_group", [True, False])
async def test_what_is_no_id_of_telegram_is_never_asked_for(service: Service, is_group: bool) -> None:
    with pytest.raises(ChannelError):
        await picture(service, "somebody", is_group=is_group)
    assert service.fake.state.calls == []


async def test_the_file_of_a_message_is_fetched_by_its_reference(service: Service) -> None:
    content = await KIND.media(service.channel, service.http, "photo-5001-1-320")
    assert Image.open(io.BytesIO(content)).size == (320, 320)


async def test_a_file_that_is_gone_is_an_error_for_good(service: Service) -> None:
    with pytest.raises(ChannelError, match="invalid file_id"):
        await KIND.media(service.channel, service.http, "no such file!")
    await service.tell("script", method="file", behaviour="refuse", code=404, description="Not Found")
    with pytest.raises(ChannelError, match="gone"):
        await KIND.media(service.channel, service.http, "v")
