"""From a verified request to events, and what the request is answered."""

from datetime import datetime

import msgspec

from botfolk.channels.botframework import activities
from botfolk.channels.botframework.heard import Strange
from botfolk.channels.botframework.payloads import Activity, parts_of
from botfolk.channels.contract import Channel, Unreadable
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.requests import Answer
from botfolk.channels.texts import clean, read_json

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_activity = msgspec.json.Decoder(Activity)


class _Invoke(msgspec.Struct, frozen=True):
    type: str = ""
    name: str | None = None


_invoke = msgspec.json.Decoder(_Invoke)


def parse(channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """Return the events of one activity or an array of them, and what of it is not understood. Raises Unreadable."""
    try:
        parts = parts_of(body)
    except _UNREADABLE as error:
        raise Unreadable(clean(f"not an array of activities: {error}", 300)) from None
    if len(parts) == 1:
        return _part(channel, parts[0], received_at)
    events: list[AnyEvent] = []
    not_understood: list[NotUnderstood] = []
    for part in parts:
        try:
            found, strange = _part(channel, part, received_at)
        except Unreadable as error:
            found, strange = [], [NotUnderstood(reason=str(error), raw=part)]
        events += found
        not_understood += strange
    return events, not_understood


def _part(channel: Channel, part: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    try:
        activity = read_json(_activity, part)
    except _UNREADABLE as error:
        raise Unreadable(clean(f"not an activity: {error}", 300)) from None
    try:
        return activities.events(channel, activity, part, received_at), []
    except Strange as strange:
        return [], [NotUnderstood(reason=clean(str(strange), 300), raw=part)]


def acknowledge(body: bytes) -> Answer:
    """Answer a delivery. An invoke waits for a body: a card's button stays pressed until it comes.

    https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format
    """
    try:
        invoked = read_json(_invoke, body)
    except _UNREADABLE:
        return Answer()
    if invoked.type != "invoke":
        return Answer()
    answer: dict[str, object] = {}
    if invoked.name == activities.CARD_ACTION:
        answer = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "✓"}
    return Answer(text=msgspec.json.encode(answer).decode(), content_type="application/json")
