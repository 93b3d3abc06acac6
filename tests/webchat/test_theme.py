"""How a chat looks: what is taken, and what the browser is told."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from botfolk.channels.contract import ChannelError
from botfolk.channels.webchat.texts import TEXTS
from botfolk.channels.webchat.theme import check_config
from botfolk.pages.assets import BUILT
from tests.webchat.conftest import Chat

WORDS = Path(__file__).parents[2] / "web" / "chat" / "words.json"
MOST_BYTES = 25_000


def test_every_text_of_the_chat_can_be_said_in_other_words() -> None:
    assert set(json.loads(WORDS.read_text())) == TEXTS


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"color": "red"}, "red is no colour: write it like #"),
        ({"position": "top"}, "top is no place for the chat: left or right"),
        ({"scheme": "blue"}, "blue is no scheme: auto, light or dark"),
        ({"texts": {"wirte": "Tulis"}}, "the chat has no text named wirte; there is: write"),
        ({"texts": {"write": ""}}, "the text write has 1 to 200 characters"),
        ({"origins": ["shop.example"]}, "shop.example is no origin"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(config: dict[str, Any], why: str) -> None:
    with pytest.raises(ChannelError, match=why):
        check_config(config)


def test_the_script_is_small() -> None:
    script = BUILT / "chat.js"
    if not script.is_file():
        pytest.skip("the pages are not built: run `make pages` first")
    assert len(gzip.compress(script.read_bytes())) <= MOST_BYTES


async def test_the_script_is_served_packed_to_any_page(chat: Chat) -> None:
    if not (BUILT / "chat.js").is_file():
        pytest.skip("the pages are not built: run `make pages` first")
    answer = await chat.client.get("/chat.js", headers={"Accept-Encoding": "gzip", "Origin": "https://any.example"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "attachShadow" in answer.text
    plain = await chat.client.get("/chat.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    again = await chat.client.get("/chat.js", headers={"If-None-Match": plain.headers["etag"]})
    assert again.status_code == 304


async def test_a_chat_has_its_own_colour_side_scheme_greeting_and_words(chat: Chat) -> None:
    config = {
        "color": "#0b6b5c",
        "position": "left",
        "scheme": "dark",
        "greeting": "Salam!",
        "texts": {"write": "Tulis"},
    }
    async with chat.tale.pool.connection() as connection:
        await connection.execute(
            "UPDATE channels SET config = %s WHERE id = %s", [json.dumps(check_config(config)), chat.channel.id]
        )
    chat.services.channels.invalidate()
    theme = (await chat.visitor()).started["theme"]
    assert theme == {"title": "Testbot", **config}
