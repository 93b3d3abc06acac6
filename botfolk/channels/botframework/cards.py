"""What a message of ours looks like as an activity: text, buttons, files."""

from base64 import b64encode
from typing import Any

import msgspec

from botfolk.channels.contract import Button, Outgoing, OutgoingFile
from botfolk.channels.numbering import numbered
from botfolk.channels.texts import clean

MAX_SUGGESTED = 3
"""Teams shows the first three: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/suggested-actions"""

MAX_BUTTONS = 6
"""On a hero card in Teams: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference"""

MAX_INLINE_BYTES = 180_000
"""An image within the message, where it has no address of its own; in base64 it is a third larger."""

_HERO = "application/vnd.microsoft.card.hero"
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages: PNG, JPEG or GIF, of 1 MB.
_PICTURES = ("image/png", "image/jpeg", "image/gif")
_MAX_PICTURE_BYTES = 1_000_000

Activity = dict[str, Any]


class CannotSend(Exception):
    """The message can never be sent this way; the text says why."""


def activity(outgoing: Outgoing) -> Activity:
    """Return what is sent for an outgoing message. Raises CannotSend."""
    address = outgoing.address
    made: Activity = {
        "type": "message",
        "from": address.get("bot") or {},
        "conversation": {"id": address.get("conversation_id", ""), "isGroup": outgoing.is_group},
    }
    if not outgoing.is_group:
        made["recipient"] = {"id": outgoing.external_user_id}
    if address.get("tenant_id"):
        made["conversation"]["tenantId"] = address["tenant_id"]
    if outgoing.template is not None:
        raise CannotSend("Teams has no message templates")
    if outgoing.file is not None:
        made["attachments"] = [_file(outgoing.file, in_teams=_in_teams(outgoing))]
    made |= _text_and_buttons(outgoing)
    if not made.get("text") and not made.get("attachments"):
        raise CannotSend("there is nothing to read in the text")
    return made


def _in_teams(outgoing: Outgoing) -> bool:
    return outgoing.address.get("channel_id") == "msteams"


def _text_and_buttons(outgoing: Outgoing) -> Activity:
    """Up to three plain choices stand above the keyboard; links, hidden data and more of them on a card; what a card
    does not hold becomes numbered lines."""
    # What Teams cannot ask for by a button, the person writes.
    text, buttons = clean(outgoing.text, None), tuple(button for button in outgoing.buttons if not button.ask)
    if any(not button.title.strip() for button in buttons):
        raise CannotSend("a button needs a title")
    if len(buttons) > MAX_BUTTONS:
        return _text(numbered(text, buttons))
    plain = all(not button.url and button.data in (None, button.title) for button in buttons)
    if buttons and plain and len(buttons) <= MAX_SUGGESTED and text.strip():
        to = [] if outgoing.is_group else [outgoing.external_user_id]
        return _text(text) | {"suggestedActions": {"to": to, "actions": [_suggested(button) for button in buttons]}}
    if buttons:
        return _text(text) | {"attachments": [_hero(buttons, _in_teams(outgoing))]}
    return _text(text)


def _text(text: str) -> Activity:
    return {"text": text, "textFormat": "plain"} if text.strip() else {}


def _suggested(button: Button) -> Activity:
    title = clean(button.title, None)
    return {"type": "imBack", "title": title, "value": title}


def _hero(buttons: tuple[Button, ...], in_teams: bool) -> Activity:
    return {"contentType": _HERO, "content": {"buttons": [_action(button, in_teams) for button in buttons]}}


def _action(button: Button, in_teams: bool) -> Activity:
    """In Teams a tap shows the title and sends the data apart; elsewhere only the data comes, as a message."""
    title, data = clean(button.title, None), clean(button.data or button.title, None)
    if button.url:
        return {"type": "openUrl", "title": title, "value": button.url}
    if in_teams:
        behind = {"data": data, "title": title}
        return {"type": "messageBack", "title": title, "displayText": title, "text": title, "value": behind}
    return {"type": "postBack", "title": title, "value": data}


def _file(file: OutgoingFile, *, in_teams: bool) -> Activity:
    """A picture is shown; any other file, which Teams takes from bots only by the person's consent, is a link."""
    name = clean(file.name) or "file"
    picture = file.content_type in _PICTURES and len(file.content) <= _MAX_PICTURE_BYTES
    if file.url and (picture or not in_teams):
        return {"contentType": file.content_type, "contentUrl": file.url, "name": name}
    if file.url:
        button = {"type": "openUrl", "title": "Open", "value": file.url}
        return {"contentType": _HERO, "content": {"title": name, "buttons": [button]}}
    if picture and len(file.content) <= MAX_INLINE_BYTES:
        inline = f"data:{file.content_type};base64,{b64encode(file.content).decode()}"
        return {"contentType": file.content_type, "contentUrl": inline, "name": name}
    raise CannotSend(f"without a public address only pictures of up to {MAX_INLINE_BYTES // 1000} kB can be sent")


def size(made: Activity) -> int:
    """Return the bytes Teams counts of a message: in UTF-16, without pictures within it."""
    files = [dict(each) for each in made.get("attachments", [])]
    for each in files:
        if str(each.get("contentUrl", "")).startswith("data:"):
            each["contentUrl"] = ""
    return 2 * len(msgspec.json.encode(made | ({"attachments": files} if files else {})).decode())
