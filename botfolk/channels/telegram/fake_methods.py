"""The methods of the Bot API that the fake carries out: their checks, results and errors are the real ones'."""

import re
import time
from collections.abc import Callable
from typing import Any

from botfolk.channels.faking import Reply
from botfolk.channels.telegram.fake_state import Call, State, ok, refuse

_SIDES = (160, 320, 640)
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


def carry_out(state: State, token: str, call: Call) -> Reply:
    """Carry a call out, and mark it so when it was."""
    method = _METHODS.get(call.method.lower())
    if method is None:
        return refuse(404, "Not Found: method not found")
    reply = method(state, token, call)
    call.taken = reply.status == 200
    return reply


def _number(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _bot(token: str) -> dict[str, Any]:
    number = _number(token.split(":")[0]) or 1
    return {"id": number, "is_bot": True, "first_name": "Fake Bot", "username": f"fake_{number}_bot"}


def _get_me(_: State, token: str, __: Call) -> Reply:
    return ok(_bot(token) | {"can_join_groups": True, "can_read_all_group_messages": False})


def _set_webhook(state: State, _: str, call: Call) -> Reply:
    if not str(call.arguments.get("url", "")).startswith(("http://", "https://")):
        return refuse(400, "Bad Request: bad webhook: HTTPS URL must be provided for webhook")
    if not _SECRET.fullmatch(str(call.arguments.get("secret_token", ""))):
        return refuse(400, "Bad Request: secret token contains unallowed characters")
    state.webhook = call.arguments
    return ok(True, "Webhook was set")


def _delete_webhook(state: State, _: str, __: Call) -> Reply:
    state.webhook = {}
    return ok(True, "Webhook was deleted")


def _get_webhook_info(state: State, _: str, __: Call) -> Reply:
    info = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
    shown = ("url", "max_connections", "allowed_updates")
    return ok(info | {name: state.webhook[name] for name in shown if name in state.webhook})


def _chat(state: State, call: Call) -> tuple[int, Reply | None]:
    """Return the chat a call is about, and the refusal when nothing can be sent there."""
    if call.arguments.get("chat_id") in (None, ""):
        return 0, refuse(400, "Bad Request: chat_id is empty")
    chat_id = _number(call.arguments["chat_id"])
    if chat_id and call.arguments.get("business_connection_id"):
        # The owner of the account has that chat, whether the person ever started the bot or not.
        return chat_id, None
    if not chat_id or not state.person(chat_id).known:
        return 0, refuse(400, "Bad Request: chat not found")
    if state.person(chat_id).blocked:
        by_a_person, by_a_group = "bot was blocked by the user", "bot was kicked from the supergroup chat"
        return 0, refuse(403, f"Forbidden: {by_a_person if chat_id > 0 else by_a_group}")
    return chat_id, None


def _send_message(state: State, token: str, call: Call) -> Reply:
    text = str(call.arguments.get("text") or "").strip()
    if not text:
        return refuse(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > 4096:
        return refuse(400, "Bad Request: message is too long")
    chat_id, refusal = _chat(state, call)
    if refusal is not None:
        return refusal
    for row in (call.arguments.get("reply_markup") or {}).get("inline_keyboard", []):
        for button in row:
            if not button.get("text"):
                return refuse(400, "Bad Request: can't parse inline keyboard button: Text buttons must be non-empty")
            if not button.get("url") and not 1 <= len(str(button.get("callback_data", "")).encode()) <= 64:
                return refuse(400, "Bad Request: BUTTON_DATA_INVALID")
    call.message_id = state.number_message()
    kind = "private" if chat_id > 0 else "supergroup"
    message = {"message_id": call.message_id, "from": _bot(token), "date": int(time.time()), "text": text}
    return ok(message | {"chat": {"id": chat_id, "type": kind}})


def _send_file(name: str, most_bytes: int) -> Callable[[State, str, Call], Reply]:
    def send(state: State, token: str, call: Call) -> Reply:
        file = call.arguments.get(name)
        if not isinstance(file, dict):
            return refuse(400, f"Bad Request: there is no {name} in the request")
        if not file["size"]:
            return refuse(400, "Bad Request: file must be non-empty")
        if file["size"] > most_bytes:
            return refuse(413, "Request Entity Too Large")
        chat_id, refusal = _chat(state, call)
        if refusal is not None:
            return refusal
        call.message_id = state.number_message()
        kind = "private" if chat_id > 0 else "supergroup"
        message = {"message_id": call.message_id, "from": _bot(token), "date": int(time.time())}
        return ok(message | {"chat": {"id": chat_id, "type": kind}})

    return send


def _answer_callback_query(_: State, __: str, call: Call) -> Reply:
    if not call.arguments.get("callback_query_id"):
        return refuse(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    if len(str(call.arguments.get("text", ""))) > 200:
        return refuse(400, "Bad Request: MESSAGE_TOO_LONG")
    return ok(True)


def _send_chat_action(state: State, _: str, call: Call) -> Reply:
    if not call.arguments.get("action"):
        return refuse(400, "Bad Request: wrong parameter action in request")
    return _chat(state, call)[1] or ok(True)


def _get_user_profile_photos(state: State, _: str, call: Call) -> Reply:
    user_id = _number(call.arguments.get("user_id"))
    if not user_id or user_id < 0 or not state.person(user_id).known:
        return refuse(400, "Bad Request: user not found")
    person = state.person(user_id)
    if not person.photo:
        return ok({"total_count": 0, "photos": []})
    name = f"{user_id}-{person.picture}"
    sizes = [
        {"file_id": f"photo-{name}-{side}", "file_unique_id": f"u{name}-{side}", "width": side, "height": side}
        for side in _SIDES
    ]
    return ok({"total_count": 1, "photos": [sizes]})


def _get_chat(state: State, _: str, call: Call) -> Reply:
    chat_id, refusal = _chat(state, call)
    if refusal is not None:
        return refusal
    person = state.person(chat_id)
    chat: dict[str, Any] = {"id": chat_id, "type": "supergroup" if chat_id < 0 else "private"}
    if person.title:
        chat["title"] = person.title
    if person.photo:
        name = f"{abs(chat_id)}-{person.picture}"
        big = {"big_file_id": f"photo-{name}-640", "big_file_unique_id": f"g{name}-640"}
        chat["photo"] = big | {"small_file_id": f"photo-{name}-160", "small_file_unique_id": f"g{name}-160"}
    return ok(chat)


def _get_file(_: State, __: str, call: Call) -> Reply:
    file_id = str(call.arguments.get("file_id") or "")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", file_id):
        return refuse(400, "Bad Request: invalid file_id")
    return ok({"file_id": file_id, "file_unique_id": file_id[-15:], "file_path": f"photos/{file_id}.jpg"})


_METHODS: dict[str, Callable[[State, str, Call], Reply]] = {
    "getme": _get_me,
    "setwebhook": _set_webhook,
    "deletewebhook": _delete_webhook,
    "getwebhookinfo": _get_webhook_info,
    "sendmessage": _send_message,
    "sendphoto": _send_file("photo", 10_000_000),
    "senddocument": _send_file("document", 50_000_000),
    "sendvideo": _send_file("video", 50_000_000),
    "sendaudio": _send_file("audio", 50_000_000),
    "answercallbackquery": _answer_callback_query,
    "sendchataction": _send_chat_action,
    "getuserprofilephotos": _get_user_profile_photos,
    "getchat": _get_chat,
    "getfile": _get_file,
}
