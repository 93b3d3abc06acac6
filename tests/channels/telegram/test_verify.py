"""Who may deliver: whoever knows the secret token, and nobody when there is none."""

import pytest

from botfolk.channels.telegram.receive import SECRET_HEADER
from tests.channels.telegram.conftest import KIND, SECRET, make_channel


@pytest.mark.parametrize(
    ("headers", "genuine"),
    [
        ({SECRET_HEADER: SECRET}, True),
        ({}, False),
        ({SECRET_HEADER: ""}, False),
        ({SECRET_HEADER: SECRET[:-1]}, False),
        ({SECRET_HEADER: SECRET + "x"}, False),
        ({SECRET_HEADER: SECRET.upper()}, False),
        ({SECRET_HEADER: f" {SECRET}"}, False),
        ({SECRET_HEADER: "Grüße ☕"}, False),
        ({SECRET_HEADER: "\ud83d"}, False),
        ({"authorization": f"Bearer {SECRET}"}, False),
        ({"x-telegram-bot-api-secret": SECRET}, False),
    ],
)
def test_only_the_secret_token_opens(headers: dict[str, str], genuine: bool) -> None:
    assert KIND.verify(make_channel(), headers, b"{}") is genuine


@pytest.mark.parametrize("secret", ["", None])
@pytest.mark.parametrize("given", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: "None"}])
def test_a_channel_without_a_secret_takes_nothing(secret: str | None, given: dict[str, str]) -> None:
    channel = make_channel()
    channel.secrets.pop("secret")
    if secret is not None:
        channel.secrets["secret"] = secret
    assert KIND.verify(channel, given, b"{}") is False


def test_another_channels_secret_does_not_open() -> None:
    other = make_channel(secret="the-secret-of-another-hook")
    assert KIND.verify(make_channel(), {SECRET_HEADER: other.secrets["secret"]}, b"{}") is False
