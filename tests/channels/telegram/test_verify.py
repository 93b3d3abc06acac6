"""Who may deliver: whoever knows the secret token, and nobody when there is none."""

import pytest
from msgspec import structs

from botfolk.channels.setup import forgotten, rotated
from botfolk.channels.telegram.receive import SECRET_HEADER, verify
from tests.channels.telegram.conftest import SECRET, make_channel


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
    assert verify(make_channel(), headers) is genuine


@pytest.mark.parametrize("secret", ["", None])
@pytest.mark.parametrize("given", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: "None"}])
def test_a_channel_without_a_secret_takes_nothing(secret: str | None, given: dict[str, str]) -> None:
    channel = make_channel()
    channel.secrets.pop("secret")
    if secret is not None:
        channel.secrets["secret"] = secret
    assert verify(channel, given) is False


def test_another_channels_secret_does_not_open() -> None:
    other = make_channel(secret="the-secret-of-another-hook")
    assert verify(make_channel(), {SECRET_HEADER: other.secrets["secret"]}) is False


def test_while_a_secret_is_replaced_both_open_and_then_only_the_new_one() -> None:
    channel = make_channel()
    during = make_channel(**rotated(channel.secrets, "secret", "the_new_one"))
    assert verify(during, {SECRET_HEADER: SECRET})
    assert verify(during, {SECRET_HEADER: "the_new_one"})
    after = structs.replace(during, secrets=forgotten(during.secrets))
    assert not verify(after, {SECRET_HEADER: SECRET})
    assert verify(after, {SECRET_HEADER: "the_new_one"})
