"""A text and its buttons as WhatsApp takes them.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
"""

import re
from collections.abc import Sequence
from typing import Any

from botfolk.channels.contract import Button, Outgoing
from botfolk.channels.numbering import numbered
from botfolk.channels.splitting import utf16
from botfolk.channels.texts import clean

MAX_TEXT = 4096
"""Of a text, and of the text above a list. All lengths are counted in UTF-16 units, which is the most they can mean."""

MAX_BODY = 1024
"""Of the text above buttons, and under a file"""

MAX_BUTTONS, MAX_TITLE, MAX_DATA = 3, 20, 256
MAX_ROWS, MAX_ROW_TITLE, MAX_DESCRIPTION, MAX_ROW_DATA = 10, 24, 72, 200

_OPEN_LIST = "☰"

_SCOPED = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,256}")
_PHONE = re.compile(r"\+?[0-9]{4,20}")
_LINK = re.compile(r"https?://", re.IGNORECASE)


def recipient(outgoing: Outgoing) -> dict[str, str] | None:
    """Return to whom it goes: a phone's id, a business-scoped id, or a group; None when it is none of them."""
    to = outgoing.external_user_id
    if outgoing.is_group:
        return {"recipient_type": "group", "to": to} if to else None
    if _SCOPED.fullmatch(to):
        return {"recipient_type": "individual", "recipient": to}
    return {"recipient_type": "individual", "to": to} if _PHONE.fullmatch(to) else None


def message(text: str, buttons: Sequence[Button]) -> dict[str, Any] | str:
    """Return a message's content; or what is wrong with it, in words."""
    body = clean(text, None).strip()
    if not body:
        return "there is nothing to read in the text"
    if any(not button.title.strip() for button in buttons):
        return "a button needs a title"
    content = _tappable(body, buttons) or _text(numbered(body, buttons))
    if content["type"] == "text" and utf16(content["text"]["body"]) > MAX_TEXT:
        return f"WhatsApp takes at most {MAX_TEXT} characters with the buttons: shorten it"
    return content


def _text(body: str) -> dict[str, Any]:
    shows = {"preview_url": True} if _LINK.search(body) else {}
    return {"type": "text", "text": {"body": body, **shows}}


def _tappable(body: str, buttons: Sequence[Button]) -> dict[str, Any] | None:
    """Return buttons to tap, as far as WhatsApp has them; None where they must become lines of the text.

    One address is a button of its own kind; several, or beside other buttons, stand in the text.
    """
    links = [button for button in buttons if button.url]
    choices = [button for button in buttons if not button.url]
    if len(links) == 1 and not choices:
        return _open_link(body, links[0])
    if not choices:
        return None
    body = numbered(body, links)
    return _buttons(body, choices) or _list(body, choices)


def _title(button: Button) -> str:
    return clean(" ".join(button.title.split()), None)


def _data(button: Button) -> str:
    return clean(button.data or button.title, None)


def _differ(values: Sequence[str], most: int) -> bool:
    return len(set(values)) == len(values) and all(0 < utf16(value) <= most for value in values)


def _interactive(kind: str, body: str, action: dict[str, Any]) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": body}, "action": action}}


def _open_link(body: str, button: Button) -> dict[str, Any] | None:
    title = _title(button)
    if utf16(body) > MAX_BODY or utf16(title) > MAX_TITLE:
        return None
    return _interactive("cta_url", body, {"name": "cta_url", "parameters": {"display_text": title, "url": button.url}})


def _buttons(body: str, choices: Sequence[Button]) -> dict[str, Any] | None:
    titles, data = [_title(each) for each in choices], [_data(each) for each in choices]
    fit = len(choices) <= MAX_BUTTONS and _differ(titles, MAX_TITLE) and _differ(data, MAX_DATA)
    if not fit or utf16(body) > MAX_BODY:
        return None
    shown = [{"type": "reply", "reply": {"id": key, "title": title}} for key, title in zip(data, titles, strict=True)]
    return _interactive("button", body, {"buttons": shown})


def _list(body: str, choices: Sequence[Button]) -> dict[str, Any] | None:
    """A row's title may be cut, as the whole of it stands below; what is behind it must not be."""
    titles, data = [_title(each) for each in choices], [_data(each) for each in choices]
    fit = len(choices) <= MAX_ROWS and _differ(titles, MAX_DESCRIPTION) and _differ(data, MAX_ROW_DATA)
    if not fit or utf16(body) > MAX_TEXT:
        return None
    rows = [_row(key, title) for key, title in zip(data, titles, strict=True)]
    return _interactive("list", body, {"button": _OPEN_LIST, "sections": [{"rows": rows}]})


def _row(key: str, title: str) -> dict[str, str]:
    if utf16(title) <= MAX_ROW_TITLE:
        return {"id": key, "title": title}
    short = title
    while utf16(short) > MAX_ROW_TITLE - 1:
        short = short[:-1]
    return {"id": key, "title": f"{short.rstrip()}…", "description": title}
