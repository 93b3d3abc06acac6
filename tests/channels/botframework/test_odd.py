"""Nothing that comes in breaks the parser: it is events, not understood, or unreadable."""

import copy
from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botfolk.channels.contract import Unreadable
from tests.channels.botframework.conftest import GROUP, USER, activity, heard

# The machine may be busy: what counts is what comes of it.
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_WHOLE: list[dict[str, Any]] = [
    activity(
        text="<at>Bot</at> hi",
        localTimestamp="2026-01-02T05:00:00+02:00",
        entities=[
            {"type": "mention", "mentioned": {"id": "28:bot"}, "text": "<at>Bot</at>"},
            {"type": "clientInfo", "timezone": "Asia/Tokyo"},
            {"type": "Place", "geo": {"latitude": 1, "longitude": 2}},
        ],
        attachments=[
            {"contentType": "image/png", "contentUrl": "https://x.example/a"},
            {
                "contentType": "application/vnd.microsoft.teams.file.download.info",
                "content": {"downloadUrl": "https://x.example/b", "fileType": "txt"},
            },
        ],
        channelData={"tenant": {"id": "t"}, "team": {"name": "T"}},
        conversation=GROUP,
    ),
    activity(value={"data": "x", "title": "X"}),
    activity("invoke", name="adaptiveCard/action", value={"action": {"verb": "v", "data": {"a": 1}}}),
    activity("messageUpdate", text="x", channelData={"eventType": "editMessage"}),
    activity("messageReaction", reactionsAdded=[{"type": "1f44b_x"}], replyToId="5"),
    activity("event", name="application/vnd.microsoft.readReceipt", value={"lastReadMessageId": "1767378504354"}),
    activity("conversationUpdate", membersAdded=[{"id": USER}, "28:bot"], topicName="x"),
    activity("installationUpdate", action="add"),
    activity("endOfConversation", code="x"),
]


def _places(value: object, way: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    found = [way] if way else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        found += _places(each, (*way, key))
    return found


@SLOW
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_unreadable_at_worst(body: bytes) -> None:
    with suppress(Unreadable):
        heard(body)


@SLOW
@given(st.data())
def test_any_change_of_an_activity_is_unreadable_at_worst(data: st.DataObject) -> None:
    whole: Any = copy.deepcopy(data.draw(st.sampled_from(_WHOLE)))
    *way, last = data.draw(st.sampled_from(_places(whole)))
    place = whole
    for key in way:
        place = place[key]
    place[last] = data.draw(_VALUES)
    with suppress(Unreadable):
        events, _ = heard(msgspec.json.encode(whole))
        # Whatever comes of it can be written down.
        assert b"\\u0000" not in msgspec.json.encode([msgspec.to_builtins(event) for event in events])


def test_a_message_of_many_brackets_is_read_in_no_time() -> None:
    for text in ("<at>" * 100_000, "<" * 200_000, "<img " * 50_000, "\n" * 200_000):
        heard(activity(text="x" + text, textFormat="xml"))
        heard(activity(text="", attachments=[{"contentType": "text/html", "content": text}]))
