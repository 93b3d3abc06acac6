"""Sending, and what Twilio's refusals mean: https://www.twilio.com/docs/messaging/api/message-resource"""

import re
from datetime import timedelta

import msgspec
from msgspec import Struct

from botfolk.channels.contract import Channel, Failed, Features, Later, Limits, Outcome, Outgoing, Sent, Unknown
from botfolk.channels.numbering import numbered
from botfolk.channels.splitting import split as split_at
from botfolk.channels.texts import clean
from botfolk.channels.twilio.api import call, problem, resource
from botfolk.channels.twilio.errors import Meaning, meaning
from botfolk.http import Broken, Http, NotSent, Response

# Twilio queues for hours what a number's own pace (1 a second for a long code) does not carry at once:
# https://www.twilio.com/docs/messaging/guides/scaling-queueing-latency. To one person we keep that pace ourselves.
LIMITS = Limits(per_second=10, per_person_seconds=1.0, per_group_seconds=1.0)

FEATURES = Features(templates=True, file_bytes=5_000_000)
"""Of SMS and MMS."""

WHATSAPP = Features(templates=True, file_bytes=16_000_000, window=timedelta(hours=24))
"""Outside of the window Twilio refuses all but templates (63016): https://www.twilio.com/docs/whatsapp/key-concepts"""


def features_for(external_user_id: str) -> Features:
    """Return what Twilio can do for an address of one of its networks."""
    return WHATSAPP if external_user_id.startswith("whatsapp:") else FEATURES


MAX_TEXT = 1600
"""https://www.twilio.com/docs/api/errors/21617, counted in UTF-16 units, which is the most it can mean"""

_CONTENT_SID = re.compile(r"\bHX[0-9a-f]{32}\b")


class _Taken(Struct, frozen=True):
    sid: str = ""
    status: str = ""
    error_code: int | None = None
    error_message: str | None = None


class CannotSend(Exception):
    """The message can never be sent this way; the text says why."""


def split(text: str) -> list[str]:
    """Cut a text into parts that Twilio takes."""
    return split_at(text, MAX_TEXT)


async def send(channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
    """Make one call for a person and say what came of it."""
    if outgoing.kind == "tap":
        # A tap is answered by nothing but a message.
        return Sent(external_id=None)
    try:
        fields = _fields(channel, outgoing)
    except CannotSend as error:
        return Failed(reason=str(error))
    try:
        response = await call(channel, http, "POST", resource(channel, "Messages.json"), fields)
    except NotSent as error:
        return Later(reason=f"Twilio could not be reached: {error}")
    except Broken as error:
        return Unknown(reason=f"the connection broke before Twilio answered: {error}")
    return _outcome(response)


def _fields(channel: Channel, outgoing: Outgoing) -> dict[str, str]:
    """Return the form that is sent. Raises CannotSend."""
    fields = {"To": outgoing.external_user_id, **_sender(channel, outgoing), **_content(outgoing)}
    hook_url = channel.config.get("hook_url")
    return fields | ({"StatusCallback": str(hook_url)} if hook_url else {})


def _sender(channel: Channel, outgoing: Outgoing) -> dict[str, str]:
    """An answer leaves from the number the person wrote to; else from the service's or the sender that is set."""
    service = str(channel.config.get("messaging_service_sid") or "")
    wrote_to, own = str(outgoing.address.get("from") or ""), str(channel.config.get("sender") or "")
    kind = outgoing.external_user_id.partition(":")[0] if ":" in outgoing.external_user_id else ""
    if service:
        return {"MessagingServiceSid": service} | ({"From": wrote_to} if wrote_to and kind else {})
    sender = wrote_to or (own if not kind or own.startswith(f"{kind}:") else f"{kind}:{own}" if own else "")
    if not sender:
        raise CannotSend("no sender is set for this channel: give it a number or a messaging service")
    return {"From": sender}


def _content(outgoing: Outgoing) -> dict[str, str]:
    if outgoing.template is not None:
        found = _CONTENT_SID.search(outgoing.template.name)
        if found is None:
            raise CannotSend("a template of Twilio is named by its SID, which begins with HX")
        given = {str(number): clean(value, None) for number, value in enumerate(outgoing.template.parameters, 1)}
        return {"ContentSid": found[0]} | ({"ContentVariables": msgspec.json.encode(given).decode()} if given else {})
    fields = {}
    if outgoing.file is not None:
        if not outgoing.file.url:
            raise CannotSend("Twilio fetches files by their address, and this installation has no public one")
        fields["MediaUrl"] = outgoing.file.url
    text = numbered(clean(outgoing.text, None), (button for button in outgoing.buttons if not button.ask))
    if len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise CannotSend(f"with its choices the text is longer than {MAX_TEXT} characters: shorten it")
    if text.strip():
        fields["Body"] = text
    elif not fields:
        raise CannotSend("there is nothing to read in the text")
    return fields


def _outcome(response: Response) -> Outcome:
    if not 200 <= response.status < 300:
        return _refused(response)
    try:
        taken = msgspec.json.decode(response.content, type=_Taken)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        taken = _Taken()
    if not taken.sid:
        return Unknown(reason="Twilio's answer names no message")
    if taken.status in ("failed", "undelivered"):
        return _failed(meaning(taken.error_code, taken.error_message or ""), None)
    return Sent(external_id=taken.sid)


def _refused(response: Response) -> Outcome:
    said, status = problem(response), response.status
    if status == 429:
        return Later(reason="Twilio asks to wait", after=_after(response) or 5.0, whole_channel=True)
    if status == 503:
        return Later(reason="Twilio cannot take it now (503)", after=_after(response), whole_channel=True)
    if status >= 500 or status == 408:
        return Unknown(reason=f"Twilio failed ({status}), and does not say whether it took the message")
    if status == 401:
        return _failed(meaning(20003), None)
    if status == 404 and said.code is None:
        return _failed(meaning(20404), None)
    return _failed(meaning(said.code, said.message), _after(response))


def _failed(why: Meaning, after: float | None) -> Outcome:
    if why.wait:
        return Later(reason=why.words, after=after or 30.0)
    if why.state is not None:
        return Failed(reason=why.words, unreachable=True, state=why.state)
    return Failed(reason=why.words, channel_broken=why.broken)


def _after(response: Response) -> float | None:
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isascii() and asked.isdigit() else None
