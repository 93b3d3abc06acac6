"""Files are fetched from Meta's own hosts and from nowhere else, however an address is dressed up."""

import pytest

from botfolk.channels.contract import ChannelError, TryLater
from botfolk.channels.faking import Reply
from botfolk.channels.meta.files import download, is_metas
from tests.channels.meta.conftest import TOKEN, Elsewhere, make_channel


@pytest.mark.parametrize(
    "url",
    [
        "https://scontent.xx.fbcdn.net/v/t1.15752-9/1.jpg?oh=0&oe=1",
        "https://cdn.fbsbx.com/v/t59.3654-21/1.mp3",
        "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=2",
        "https://SCONTENT.CDNINSTAGRAM.COM/1.jpg",
        "https://fbcdn.net:443/1.jpg",
    ],
)
def test_metas_hosts_are_known(url: str) -> None:
    assert is_metas(make_channel(), url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "1.jpg",
        "http://scontent.xx.fbcdn.net/1.jpg",
        "https://scontent.xx.fbcdn.net:8443/1.jpg",
        "https://scontent.xx.fbcdn.net.example.com/1.jpg",
        "https://evilfbcdn.net/1.jpg",
        "https://fbcdn.net@example.com/1.jpg",
        "https://me:you@fbcdn.net/1.jpg",
        "https://example.com/fbcdn.net",
        "https://example.com#fbcdn.net",
        "https://127.0.0.1/1.jpg",
        "file:///etc/passwd",
        "https://[fbcdn.net/1.jpg",
        "https://fbcdn.net:99999999/1.jpg",
        "//fbcdn.net/1.jpg",
        "https://fbcdn.net./1.jpg",
    ],
)
def test_no_other_address_is_asked(url: str) -> None:
    assert not is_metas(make_channel(), url)


def test_a_host_that_the_owner_configured_is_meant_with_its_port() -> None:
    channel = make_channel(media_hosts=["127.0.0.1:8082"])
    assert is_metas(channel, "http://127.0.0.1:8082/1.jpg")
    assert not is_metas(channel, "http://127.0.0.1:8083/1.jpg")
    assert not is_metas(channel, "ftp://127.0.0.1:8082/1.jpg")


async def test_a_file_is_fetched_with_a_token_only_where_it_takes_one(elsewhere: Elsewhere) -> None:
    elsewhere.answers = [Reply(body=b"jpeg")]
    assert await download(elsewhere.channel, elsewhere.http, f"{elsewhere.url}/1.jpg") == b"jpeg"
    assert await download(elsewhere.channel, elsewhere.http, f"{elsewhere.url}/1.jpg", token=TOKEN) == b"jpeg"
    assert [request.headers.get("authorization") for request in elsewhere.asked] == [None, f"Bearer {TOKEN}"]


async def test_a_redirect_is_followed_within_metas_hosts_only(elsewhere: Elsewhere) -> None:
    elsewhere.answers = [Reply(status=302, headers={"location": "/moved.jpg"}), Reply(body=b"jpeg")]
    assert await download(elsewhere.channel, elsewhere.http, f"{elsewhere.url}/1.jpg") == b"jpeg"
    assert [request.path for request in elsewhere.asked] == ["/1.jpg", "/moved.jpg"]
    elsewhere.answers = [Reply(status=302, headers={"location": "http://169.254.169.254/latest"})]
    with pytest.raises(ChannelError, match="not on a server of Meta"):
        await download(elsewhere.channel, elsewhere.http, f"{elsewhere.url}/1.jpg")


async def test_a_redirect_that_never_ends_is_given_up(elsewhere: Elsewhere) -> None:
    elsewhere.answers = [Reply(status=302, headers={"location": "/again.jpg"})]
    with pytest.raises(ChannelError, match="round and round"):
        await download(elsewhere.channel, elsewhere.http, f"{elsewhere.url}/1.jpg")


@pytest.mark.parametrize(
    ("status", "error"), [(429, TryLater), (500, TryLater), (403, ChannelError), (404, ChannelError)]
)
async def test_a_file_that_cannot_be_had_says_whether_to_come_again(
    elsewhere: Elsewhere, status: int, error: type[Exception]
) -> None:
    elsewhere.answers = [Reply(status=status)]
    with pytest.raises(error):
        await download(elsewhere.channel, elsewhere.http, f"{elsewhere.url}/1.jpg")


async def test_a_file_that_is_too_large_is_left(elsewhere: Elsewhere) -> None:
    elsewhere.answers = [Reply(body=b"x" * 1_000_001)]
    with pytest.raises(ChannelError, match="larger than 1 MB"):
        await download(elsewhere.channel, elsewhere.http, f"{elsewhere.url}/1.jpg", 1_000_000)


async def test_a_connection_that_breaks_is_tried_later(elsewhere: Elsewhere) -> None:
    elsewhere.answers = [Reply(close=True)]
    with pytest.raises(TryLater):
        await download(elsewhere.channel, elsewhere.http, f"{elsewhere.url}/1.jpg")
