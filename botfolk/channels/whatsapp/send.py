"""Sending, by POST /{phone number}/messages.

https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/whatsapp-business-phone-number/message-api
"""

from typing import Any

from botfolk.channels.contract import (
    Channel,
    ChannelError,
    Failed,
    Later,
    Limits,
    Outcome,
    Outgoing,
    OutgoingFile,
    Sent,
    TemplateUse,
    TryLater,
    Unknown,
)
from botfolk.channels.meta import graph, refusals
from botfolk.channels.splitting import split as split_at
from botfolk.channels.whatsapp import compose, errors, templates, uploads
from botfolk.http import Broken, Http, NotSent

# https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput: 80 messages a second, more on
# asking. To one person one message in 6 seconds in the long run, but 45 at once are taken on credit: so that an
# answer in three parts does not take 18 seconds, it is WhatsApp that says when the credit is used up (131056).
LIMITS = Limits(per_second=80, per_person_seconds=0.5, per_group_seconds=1.0)

_FILE_UNKNOWN = (131052, 131053)
_TEMPLATE_CHANGED = (132000, 132001, 132012)


def split(text: str) -> list[str]:
    """Cut a text into parts that WhatsApp takes."""
    return split_at(text, compose.MAX_TEXT)


async def send(channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
    """Make one call for a person and say what came of it."""
    if outgoing.kind == "tap":
        return Failed(reason="WhatsApp has no taps to be answered")
    to = compose.recipient(outgoing)
    if to is None:
        return Failed(reason="this is not an id of WhatsApp")
    if outgoing.template is not None:
        return await _template(channel, http, outgoing, outgoing.template, to)
    if outgoing.file is not None:
        return await _file(channel, http, outgoing, outgoing.file, to)
    content = compose.message(outgoing.text, outgoing.buttons)
    if isinstance(content, str):
        return Failed(reason=content)
    outcome, _ = await _post(channel, http, outgoing, to, content)
    return outcome


async def _file(channel: Channel, http: Http, outgoing: Outgoing, file: OutgoingFile, to: dict[str, str]) -> Outcome:
    prepared = await uploads.prepare(channel, http, file, outgoing.text)
    if not isinstance(prepared, uploads.Prepared):
        return prepared
    outcome, code = await _post(channel, http, outgoing, to, prepared.content)
    if code in _FILE_UNKNOWN:
        prepared.forget()
    return outcome


async def _template(channel: Channel, http: Http, outgoing: Outgoing, use: TemplateUse, to: dict[str, str]) -> Outcome:
    try:
        layout = await templates.layout_of(channel, http, use)
    except TryLater as error:
        return Later(reason=str(error), after=error.after)
    except graph.Refused as error:
        return errors.meaning(graph.Answer(status=400, error=error.error))
    except ChannelError as error:
        return Failed(reason=str(error))
    if layout is None:
        return Failed(reason=f"there is no approved template “{use.name}” in the language {use.language}")
    content = templates.filled_in(layout, use)
    if isinstance(content, str):
        return Failed(reason=content)
    outcome, code = await _post(channel, http, outgoing, to, content)
    if code in _TEMPLATE_CHANGED:
        templates.forget(channel, use)
    return outcome


async def _post(
    channel: Channel, http: Http, outgoing: Outgoing, to: dict[str, str], content: dict[str, Any]
) -> tuple[Outcome, int]:
    """Send a message; return what came of it, and the number of WhatsApp's error (0: none)."""
    message: dict[str, Any] = {"messaging_product": "whatsapp", **to, **content}
    if outgoing.message_id is not None:
        message["biz_opaque_callback_data"] = str(outgoing.message_id)
    try:
        answer = await graph.call(channel, http, "POST", f"{_number(channel)}/messages", json=message)
    except (NotSent, Broken, graph.Unclear) as error:
        return refusals.network(error), 0
    if answer.error is not None:
        return errors.meaning(answer), answer.error.code
    return _taken(answer.result), 0


def _taken(result: Any) -> Outcome:
    messages = result.get("messages") if isinstance(result, dict) else None
    first = messages[0] if isinstance(messages, list) and messages else None
    external_id = first.get("id") if isinstance(first, dict) else None
    if not isinstance(external_id, str):
        return Unknown(reason="WhatsApp's answer names no message")
    return Sent(external_id=external_id)


def _number(channel: Channel) -> str:
    return str(channel.config.get("phone_number_id") or "")


async def typing(channel: Channel, http: Http, address: dict[str, Any]) -> None:
    """Show that somebody types, which is said in answer to the person's last message and marks it as read."""
    last = address.get("message_id")
    if not isinstance(last, str) or not last:
        return
    said = {"messaging_product": "whatsapp", "status": "read", "message_id": last, "typing_indicator": {"type": "text"}}
    try:
        await graph.call(channel, http, "POST", f"{_number(channel)}/messages", json=said)
    except (NotSent, Broken, graph.Unclear):
        return
