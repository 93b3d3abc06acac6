"""Sending, and what Telegram's refusals mean.

The error code decides first, the text second: texts have changed over the years. They are the descriptions that the Bot
API server gives (https://core.telegram.org/bots/api#making-requests).
"""

import re
from contextlib import suppress
from typing import Any

from botfolk.channels.contract import Channel, Failed, Later, Limits, Outcome, Outgoing, Sent, Unknown
from botfolk.channels.splitting import split as split_at
from botfolk.channels.telegram import files
from botfolk.channels.telegram.api import Answer, Unclear, call
from botfolk.channels.telegram.people import CONNECTION, place
from botfolk.channels.texts import clean
from botfolk.http import Broken, Http, NotSent

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about 30 messages a second, one
# a second to a person, 20 a minute to a group. A little less than 30, since a second of theirs is not one of ours.
LIMITS = Limits(per_second=28, per_person_seconds=1.0, per_group_seconds=3.0)

MAX_TEXT = 4096
"""https://core.telegram.org/bots/api#sendmessage, counted in UTF-16 units, which is the most it can mean"""

MAX_CALLBACK_BYTES = 64
"""https://core.telegram.org/bots/api#inlinekeyboardbutton"""

_MAX_TAP_TEXT = 200
"""https://core.telegram.org/bots/api#answercallbackquery"""

_ID = re.compile("-?[0-9]{1,19}")

_BLOCKED = {
    "bot was blocked": "the person blocked the bot",
    "bot was kicked": "the bot was removed from the group",
}
"""What an update says of the same moment too: both leave the person in one state."""
_FORBIDDEN = _BLOCKED | {
    "user is deactivated": "the account was deleted",
    "not a member": "the bot is not in the group",
    "can't initiate conversation": "the person has not started the bot",
    "can't send messages to bots": "this is a bot, not a person",
    "group chat was deleted": "the group no longer exists",
}
_GONE = {
    "chat not found": "Telegram does not know this chat",
    "user not found": "Telegram does not know this person",
    "peer_id_invalid": "Telegram does not know this chat",
    "group is deactivated": "the group no longer exists",
    "group chat was deactivated": "the group no longer exists",
}
_OUR_FAULT = {
    "message is too long": "the text is too long for Telegram",
    "message text is empty": "there is nothing to read in the text",
    "text must be non-empty": "there is nothing to read in the text",
    "button_data_invalid": "Telegram does not take what is behind a button",
    "button_url_invalid": "Telegram does not take the address of a button",
    "photo_invalid_dimensions": "the picture is too long or too wide for Telegram",
    "image_process_failed": "Telegram cannot read this picture",
    "file is too big": "the file is too large for Telegram",
    "request entity too large": "the file is too large for Telegram",
    "file must be non-empty": "the file is empty",
    "not enough rights": "the bot may not write in this group",
    "have no rights": "the bot may not write in this group",
    "query is too old": "the tap was answered too late",
    "query_id_invalid": "the tap was answered too late",
    "query id is invalid": "the tap was answered too late",
}


def split(text: str) -> list[str]:
    """Cut a text into parts that Telegram takes."""
    return split_at(text, MAX_TEXT)


async def send(channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
    """Make one call for a person and say what came of it."""
    wrong = _wrong(outgoing)
    if wrong is not None:
        return Failed(reason=wrong)
    try:
        if outgoing.file is not None:
            method, form = files.call_of(_where(outgoing.external_user_id, outgoing.address), outgoing.file)
            answer = await call(channel, http, method, body=form)
        else:
            method, arguments = _answer_tap(outgoing) if outgoing.kind == "tap" else _message(outgoing)
            answer = await call(channel, http, method, arguments)
    except NotSent as error:
        return Later(reason=f"Telegram could not be reached: {error}")
    except (Broken, Unclear) as error:
        return Unknown(reason=f"the connection broke before Telegram answered: {error}")
    return _outcome(outgoing, answer)


async def typing(channel: Channel, http: Http, external_user_id: str, address: dict[str, Any]) -> None:
    """Show that somebody types, for five seconds at most (https://core.telegram.org/bots/api#sendchataction)."""
    if _ID.fullmatch(external_user_id):
        with suppress(NotSent, Broken, Unclear):
            await call(channel, http, "sendChatAction", _where(external_user_id, address) | {"action": "typing"})


def _wrong(outgoing: Outgoing) -> str | None:
    if outgoing.kind == "tap":
        return None if outgoing.tap else "no tap to answer is named"
    if not _ID.fullmatch(outgoing.external_user_id):
        return "this is not an id of Telegram"
    if outgoing.file is not None:
        return files.wrong(outgoing.file)
    for button in outgoing.buttons:
        if not button.title.strip():
            return "a button needs a title"
        # Cut short it would come back as another choice than the one that was offered.
        if not button.url and len(clean(button.data or button.title, None).encode()) > MAX_CALLBACK_BYTES:
            return f"Telegram takes at most {MAX_CALLBACK_BYTES} bytes behind a button: shorten “{button.title[:40]}”"
    return None


def _answer_tap(outgoing: Outgoing) -> tuple[str, dict[str, Any]]:
    arguments: dict[str, Any] = {"callback_query_id": outgoing.tap}
    if outgoing.text:
        arguments["text"] = clean(outgoing.text, _MAX_TAP_TEXT)
    return "answerCallbackQuery", arguments


def _where(external_user_id: str, address: dict[str, Any]) -> dict[str, Any]:
    """Return the chat that something is sent to: of a business account, where the person last wrote to that."""
    chat = {"chat_id": int(external_user_id)}
    return chat | {CONNECTION: address[CONNECTION]} if address.get(CONNECTION) else chat


def _message(outgoing: Outgoing) -> tuple[str, dict[str, Any]]:
    arguments = _where(outgoing.external_user_id, outgoing.address) | {"text": clean(outgoing.text, None)}
    rows = []
    for button in outgoing.buttons:
        behind = {"url": button.url} if button.url else {"callback_data": clean(button.data or button.title, None)}
        rows.append([{"text": clean(button.title, None), **behind}])
    if rows:
        arguments["reply_markup"] = {"inline_keyboard": rows}
    return "sendMessage", arguments


def _outcome(outgoing: Outgoing, answer: Answer) -> Outcome:
    if not answer.ok:
        return _refused(outgoing, answer)
    if outgoing.kind == "tap":
        return Sent(external_id=None)
    message_id = answer.result.get("message_id") if isinstance(answer.result, dict) else None
    if not isinstance(message_id, int):
        return Unknown(reason="Telegram's answer names no message")
    chat = place(outgoing.external_user_id, business=bool(outgoing.address.get(CONNECTION)))
    return Sent(external_id=f"{chat}:{message_id}")


def _refused(outgoing: Outgoing, answer: Answer) -> Outcome:
    code, wait = answer.error_code, answer.parameters.retry_after
    if code == 429:
        # To a group it is the group's own limit of 20 a minute; a person's is kept by us, so it is the bot's.
        everybody = not outgoing.external_user_id.startswith("-")
        return Later(reason="Telegram asks to wait", after=wait or 5.0, whole_channel=everybody)
    if code >= 500:
        # The Bot API server answers so when it could not pass the message on: it was not taken.
        return Later(reason=f"Telegram cannot take it now ({code})", after=wait)
    if code in (401, 404):
        return Failed(reason="Telegram no longer knows this bot token", channel_broken=True)
    if answer.parameters.migrate_to_chat_id is not None:
        return Failed(reason="the group has a new id", moved_to=str(answer.parameters.migrate_to_chat_id))
    text = answer.description
    if code == 403:
        reason = _words(_FORBIDDEN, text) or f"Telegram forbids it: {text}"
        return Failed(reason=reason, unreachable=True, state="blocked" if _words(_BLOCKED, text) else "gone")
    gone = _words(_GONE, text) or _words(_FORBIDDEN, text)
    if gone is not None:
        return Failed(reason=gone, unreachable=True)
    return Failed(reason=_words(_OUR_FAULT, text) or f"Telegram refused it: {text}")


def _words(known: dict[str, str], text: str) -> str | None:
    lower = text.lower()
    return next((words for sign, words in known.items() if sign in lower), None)
