"""Sending, and what the service's refusals mean.

Status, code and sub-code:
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages#status-codes-from-bot-conversational-apis
"""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from botfolk.channels.botframework import cards
from botfolk.channels.botframework.api import Problem, after, call, problem
from botfolk.channels.botframework.heard import message_name
from botfolk.channels.botframework.hosts import NotAllowed
from botfolk.channels.botframework.tokens import TokenLater, TokenRefused, Tokens
from botfolk.channels.contract import Channel, Failed, Features, Later, Limits, Outcome, Outgoing, Sent, Unknown
from botfolk.channels.splitting import split as split_at
from botfolk.http import Broken, Http, NotSent, Response

# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit: 7 in 1 s, 8 in 2 s, 60 in 30 s and 1800
# in an hour in one conversation, 30 a second for an app in a tenant. A little less, since others call besides sending.
LIMITS = Limits(per_second=25, per_person_seconds=0.5, per_group_seconds=0.5)

FEATURES = Features(buttons=cards.MAX_BUTTONS, file_bytes=20_000_000, typing=True)

MAX_BYTES = 28_000
"""Of a whole message in UTF-16. Teams documents 28 KB at its least (newer pages say 100 KB):
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages"""

MAX_TEXT = 12_000
"""UTF-16 units, so that names, ids and six buttons fit beside it"""

_AGAIN = frozenset({412, 502, 503, 504})
"""Statuses at which the message was not taken and may be sent again; 500 is not one of them."""

_Gone = Literal["gone", "blocked"]
_FORBIDDEN: dict[str, tuple[str, _Gone]] = {
    "MessageWritesBlocked": ("the person blocked the bot or removed its app", "blocked"),
    "ConversationBlockedByUser": ("the person blocked the bot", "blocked"),
    "BotDisabledByAdmin": ("an administrator has switched the bot's app off", "gone"),
    "BotNotInConversationRoster": ("the bot is no longer in this conversation", "gone"),
    "ForbiddenOperationException": ("the bot's app is not installed where it would write", "gone"),
}
_THREAD_GONE = "the thread that would be answered no longer exists"


class _Resource(Struct, frozen=True):
    id: str = ""


def split(text: str) -> list[str]:
    """Cut a text into parts that Teams takes."""
    return split_at(text, MAX_TEXT)


async def send(channel: Channel, http: Http, tokens: Tokens, outgoing: Outgoing) -> Outcome:
    """Make one call for a person and say what came of it."""
    if outgoing.kind == "tap":
        # A card's button was answered when the tap came; there is nothing to call.
        return Sent(external_id=None)
    if not outgoing.address.get("conversation_id"):
        return Failed(reason="the service has not said yet how this person is reached: they must write first")
    try:
        made = cards.activity(outgoing)
    except cards.CannotSend as error:
        return Failed(reason=str(error))
    if cards.size(made) > MAX_BYTES:
        return Failed(reason=f"the message is larger than Teams takes ({MAX_BYTES // 1000} KB): shorten its buttons")
    try:
        response = await call(channel, http, tokens, "POST", outgoing.address, "/activities", made)
    except NotAllowed as error:
        return Failed(reason=str(error))
    except TokenRefused as error:
        return Failed(reason=str(error), channel_broken=True)
    except TokenLater as error:
        return Later(reason=str(error), whole_channel=True)
    except NotSent as error:
        return Later(reason=f"the service could not be reached: {error}")
    except Broken as error:
        return Unknown(reason=f"the connection broke before the service answered: {error}")
    return _outcome(outgoing, response)


def _outcome(outgoing: Outgoing, response: Response) -> Outcome:
    if 200 <= response.status < 300:
        try:
            number = msgspec.json.decode(response.content, type=_Resource).id if response.content else ""
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            number = ""
        conversation = str(outgoing.address["conversation_id"])
        return Sent(external_id=message_name(conversation, number) if number else None)
    return _refused(outgoing, response, problem(response))


def _refused(outgoing: Outgoing, response: Response, said: Problem) -> Outcome:
    status, codes = response.status, (said.subcode, said.code)
    words = said.message[:200] or said.code or f"HTTP {status}"
    if status == 429:
        return Later(reason="Teams asks to wait", after=after(response) or 5.0)
    if status in _AGAIN:
        return Later(reason=f"the service cannot take it now ({status})", after=after(response))
    if status >= 500 or status == 408:
        return Unknown(reason=f"the service failed ({status}), and does not say whether it took the message")
    if status == 401:
        known = "the bot is not registered for this service" if said.code == "BotNotRegistered" else words
        return Failed(reason=f"the service does not accept the bot's credentials: {known}", channel_broken=True)
    if status == 403:
        words_of = (_FORBIDDEN[code] for code in codes if code in _FORBIDDEN)
        reason, state = next(words_of, (f"Teams forbids it: {words}", "gone"))
        return Failed(reason=reason, unreachable=True, state=state)
    if status == 404 and said.code == "ActivityNotFoundInConversation" and _in_thread(outgoing.address):
        return Failed(reason=_THREAD_GONE)
    if status == 404:
        return Failed(reason="the conversation no longer exists", unreachable=True)
    if status == 413:
        return Failed(reason="the message is larger than Teams takes")
    return Failed(reason=f"Teams refused it: {words}")


def _in_thread(address: dict[str, Any]) -> bool:
    return ";messageid=" in str(address.get("conversation_id"))


async def typing(channel: Channel, http: Http, tokens: Tokens, external_user_id: str, address: dict[str, Any]) -> None:
    """Show that somebody types; nothing comes of it when it fails."""
    if not address.get("conversation_id"):
        return
    made = {"type": "typing", "from": address.get("bot") or {}, "conversation": {"id": address["conversation_id"]}}
    try:
        await call(channel, http, tokens, "POST", address, "/activities", made)
    except (NotAllowed, TokenRefused, TokenLater, NotSent, Broken):
        return
