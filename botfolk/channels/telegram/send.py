"""Sending, and what Telegram's refusals mean.

Error codes decide first, texts second (they have changed over the years): https://core.telegram.org/api/errors and the
descriptions the Bot API server gives.
"""

import re
from typing import Any

from botfolk.channels.contract import Channel, Failed, Later, Limits, Outcome, Outgoing, Sent, Unknown
from botfolk.channels.telegram.api import Answer, Unclear, call
from botfolk.http import Broken, Http, NotSent

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about 30 messages a second, one
# a second to a person, 20 a minute to a group. A little less than 30, since a second of theirs is not one of ours.
LIMITS = Limits(per_second=28, per_person_seconds=1.0, per_group_seconds=3.0)

MAX_TEXT = 4096
MAX_CALLBACK_BYTES = 64

_UNREACHABLE = {
    "bot was blocked": "the person blocked the bot",
    "user is deactivated": "the account was deleted",
    "bot was kicked": "the bot was removed from the group",
    "not a member": "the bot is not in the group",
    "can't initiate conversation": "the person has not started the bot",
    "can't send messages to bots": "this is a bot, not a person",
    "chat not found": "Telegram does not know this chat",
    "user not found": "Telegram does not know this person",
    "group is deactivated": "the group no longer exists",
    "peer_id_invalid": "Telegram does not know this chat",
}
_TOO_LATE_TAP = re.compile(r"query is too old|query_id_invalid|query id is invalid", re.IGNORECASE)


async def send(channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
    """Make one call for a person and say what came of it."""
    if outgoing.kind == "tap":
        method, arguments = "answerCallbackQuery", {"callback_query_id": outgoing.tap}
    else:
        wrong = _wrong_button(outgoing)
        if wrong is not None:
            return Failed(reason=wrong)
        method, arguments = "sendMessage", _message(outgoing)
    try:
        answer = await call(channel, http, method, arguments)
    except NotSent as error:
        return Later(reason=f"Telegram could not be reached: {error}")
    except (Broken, Unclear) as error:
        return Unknown(reason=f"the connection broke before Telegram answered: {error}")
    return _outcome(outgoing, answer)


def _message(outgoing: Outgoing) -> dict[str, Any]:
    message: dict[str, Any] = {"chat_id": int(outgoing.external_user_id), "text": outgoing.text}
    if outgoing.buttons:
        rows = [
            [{"text": b.title, "url": b.url} if b.url else {"text": b.title, "callback_data": b.data or b.title}]
            for b in outgoing.buttons
        ]
        message["reply_markup"] = {"inline_keyboard": rows}
    return message


def _wrong_button(outgoing: Outgoing) -> str | None:
    for button in outgoing.buttons:
        if not button.title.strip():
            return "a button needs a title"
        if not button.url and len((button.data or button.title).encode()) > MAX_CALLBACK_BYTES:
            return f"Telegram takes at most {MAX_CALLBACK_BYTES} bytes behind a button: shorten “{button.title[:40]}”"
    return None


def _outcome(outgoing: Outgoing, answer: Answer) -> Outcome:
    if answer.ok:
        if outgoing.kind == "tap":
            return Sent(external_id=None)
        result = answer.result if isinstance(answer.result, dict) else {}
        message_id = result.get("message_id")
        if not isinstance(message_id, int):
            return Unknown(reason="Telegram's answer names no message")
        return Sent(external_id=f"{outgoing.external_user_id}:{message_id}")
    code, text, wait = answer.error_code, answer.description, answer.parameters.retry_after
    if code == 429:
        return Later(reason="Telegram asks to wait", after=wait or 5.0, whole_channel=not _is_group(outgoing))
    if code >= 500:
        return Later(reason=f"Telegram cannot take it now ({code})", after=wait)
    return _refusal(outgoing, code, text, answer.parameters.migrate_to_chat_id)


def _refusal(outgoing: Outgoing, code: int, text: str, moved_to: int | None) -> Outcome:
    if moved_to is not None:
        return Failed(reason="the group has a new id", moved_to=str(moved_to))
    if outgoing.kind == "tap" and _TOO_LATE_TAP.search(text):
        return Failed(reason="the tap was answered too late")
    for sign, reason in _UNREACHABLE.items():
        if sign in text.lower():
            return Failed(reason=reason, unreachable=True)
    if code in (401, 404):
        return Failed(reason="Telegram no longer knows this bot token", channel_broken=True)
    if code == 403:
        return Failed(reason=f"Telegram forbids it: {text}", unreachable=True)
    return Failed(reason=f"Telegram refused it: {text}")


def _is_group(outgoing: Outgoing) -> bool:
    return outgoing.external_user_id.startswith("-")
