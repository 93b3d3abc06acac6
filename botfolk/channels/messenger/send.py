"""Sending (https://developers.facebook.com/docs/messenger-platform/reference/send-api)."""

from typing import Any

import msgspec

from botfolk.channels.contract import Button, Channel, Failed, Outcome, Outgoing, OutgoingFile, Sent, Unknown
from botfolk.channels.messenger.platform import (
    MAX_PAYLOAD,
    QUICK_REPLIES,
    QUICK_REPLY_TITLE,
    TEMPLATE_BUTTONS,
    TEMPLATE_TEXT,
    Platform,
)
from botfolk.channels.messenger.refusals import NO_HUMAN_AGENT, REFUSALS, WINDOW_PASSED
from botfolk.channels.meta.graph import Answer, Unclear, call, is_id
from botfolk.channels.meta.refusals import network, refused
from botfolk.channels.numbering import numbered
from botfolk.channels.splitting import split as split_at
from botfolk.channels.texts import clean
from botfolk.http import Broken, Http, NotSent
from botfolk.outgoing.forms import File, multipart

_CONTACTS = frozenset({"user_email", "user_phone_number"})
"""https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies: a button with this data offers
the person their own email or phone, and sends it"""

_SENT_AS = {"image": "image", "audio": "audio", "video": "video"}

Fields = dict[str, Any]


def split(platform: Platform, text: str) -> list[str]:
    """Cut a text into parts that the platform takes."""
    return split_at(text, platform.max_text, platform.measure)


async def send(platform: Platform, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
    """Make one call for a person and say what came of it."""
    wrong = _wrong(platform, channel, outgoing)
    if wrong is not None:
        return wrong
    message = _file(outgoing.file) if outgoing.file else _text(outgoing)
    if platform.returns_metadata and outgoing.message_id is not None:
        message["metadata"] = str(outgoing.message_id)
    fields: Fields = {"recipient": {"id": outgoing.external_user_id}, "message": message}
    # https://developers.facebook.com/docs/messenger-platform/send-messages#messaging_types
    if outgoing.in_window:
        fields["messaging_type"] = "RESPONSE"
    else:
        fields |= {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    try:
        answer = await _post(platform, channel, http, fields, outgoing.file)
    except (NotSent, Broken, Unclear) as error:
        return network(error)
    return _outcome(outgoing, answer)


def is_allowed_late(channel: Channel) -> bool:
    """Say whether the owner says that Meta lets members answer for seven days (the feature Human Agent)."""
    given = channel.config.get("human_agent")
    return given is True or str(given).strip().lower() in ("1", "yes", "true", "on")


def _wrong(platform: Platform, channel: Channel, outgoing: Outgoing) -> Failed | None:
    if outgoing.kind == "tap":
        return Failed(reason=f"a tap on {platform.label} needs no answer")
    if outgoing.template is not None:
        return Failed(reason=f"{platform.label} has no templates")
    if not is_id(outgoing.external_user_id):
        return Failed(reason=f"this is not an id of {platform.label}")
    if not outgoing.in_window and not is_allowed_late(channel):
        return WINDOW_PASSED
    if outgoing.file is not None:
        return _wrong_file(platform, outgoing.file)
    return _wrong_text(platform, outgoing)


def _wrong_text(platform: Platform, outgoing: Outgoing) -> Failed | None:
    if not outgoing.text.strip():
        return Failed(reason="there is nothing to read in the text")
    for button in outgoing.buttons:
        if not button.title.strip():
            return Failed(reason="a button needs a title")
        # Cut short it would come back as another choice than the one that was offered.
        if not button.url and len(button.data or button.title) > MAX_PAYLOAD:
            return Failed(reason=f"Meta takes at most {MAX_PAYLOAD} characters behind “{clean(button.title, 40)}”")
    if platform.measure(outgoing.text) > platform.max_text:
        return Failed(reason=f"the text is too long for {platform.label}")
    return None


def _wrong_file(platform: Platform, file: OutgoingFile) -> Failed | None:
    most = platform.image_bytes if _sent_as(file) == "image" else platform.features.file_bytes
    if len(file.content) > most:
        return Failed(reason=f"the file is larger than {most // 1_000_000} MB, the most that {platform.label} takes")
    if not platform.uploads and not file.url:
        return Failed(reason=f"{platform.label} fetches files itself, and this installation has no public address")
    return None


def _sent_as(file: OutgoingFile) -> str:
    return _SENT_AS.get(file.content_type.partition("/")[0].lower(), "file")


def _file(file: OutgoingFile) -> Fields:
    # With an address Meta fetches the file; otherwise it stands beside the message in the form.
    payload: Fields = {"url": file.url} if file.url else {"is_reusable": False}
    return {"attachment": {"type": _sent_as(file), "payload": payload}}


async def _post(platform: Platform, channel: Channel, http: Http, fields: Fields, file: OutgoingFile | None) -> Answer:
    if file is None or file.url or not platform.uploads:
        return await call(channel, http, "POST", "me/messages", json=fields)
    given = {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode() for name, value in fields.items()
    }
    part = File(name=clean(file.name) or "file", content_type=file.content_type, content=file.content)
    return await call(channel, http, "POST", "me/messages", body=multipart(given, {"filedata": part}))


def _text(outgoing: Outgoing) -> Fields:
    """Return a text with its buttons: choices as quick replies; links in a template where one holds them all.

    What fits neither becomes lines of the text.
    """
    text, buttons = clean(outgoing.text, None), outgoing.buttons
    links = [button for button in buttons if button.url]
    if links and len(buttons) <= TEMPLATE_BUTTONS and len(text) < TEMPLATE_TEXT:
        inside = {"template_type": "button", "text": text, "buttons": [_template_button(button) for button in buttons]}
        return {"attachment": {"type": "template", "payload": inside}}
    choices = [button for button in buttons if not button.url]
    if len(choices) > QUICK_REPLIES:
        return {"text": numbered(text, buttons)}
    message: Fields = {"text": numbered(text, links)}
    if choices:
        message["quick_replies"] = [_quick_reply(button) for button in choices]
    return message


def _title(button: Button) -> str:
    title = clean(button.title.strip(), None)
    return title if len(title) <= QUICK_REPLY_TITLE else f"{title[: QUICK_REPLY_TITLE - 1].rstrip()}…"


def _quick_reply(button: Button) -> Fields:
    if button.data in _CONTACTS:
        return {"content_type": button.data}
    return {"content_type": "text", "title": _title(button), "payload": clean(button.data or button.title, None)}


def _template_button(button: Button) -> Fields:
    if button.url:
        return {"type": "web_url", "title": _title(button), "url": button.url}
    return {"type": "postback", "title": _title(button), "payload": clean(button.data or button.title, None)}


def _outcome(outgoing: Outgoing, answer: Answer) -> Outcome:
    if answer.error is not None:
        found = refused(answer, REFUSALS)
        known = (answer.error.code, answer.error.error_subcode) in REFUSALS
        forbidden = answer.error.code in (3, 10) or 200 <= answer.error.code < 300
        if not outgoing.in_window and forbidden and not known:
            return NO_HUMAN_AGENT
        return found
    message_id = answer.result.get("message_id") if isinstance(answer.result, dict) else None
    if not isinstance(message_id, str) or not message_id:
        return Unknown(reason="Meta's answer names no message")
    return Sent(external_id=clean(message_id, None))


async def typing(channel: Channel, http: Http, external_user_id: str) -> None:
    """Show that somebody types; it lasts about 20 seconds. Never raises."""
    fields = {"recipient": {"id": external_user_id}, "sender_action": "typing_on"}
    try:
        await call(channel, http, "POST", "me/messages", json=fields)
    except (NotSent, Broken, Unclear):
        return
