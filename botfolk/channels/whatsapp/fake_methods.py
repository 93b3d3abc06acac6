"""The calls of the Cloud API that the fake carries out: their checks, results and errors are the real ones'."""

import re
from collections.abc import Callable
from typing import Any

from botfolk.channels.faking import Reply, reply_json
from botfolk.channels.meta.fake_graph import Call
from botfolk.channels.whatsapp.fake_state import ACCOUNT_ID, NUMBER_ID, State, wrong

_KINDS = ("text", "image", "video", "audio", "document", "sticker", "interactive", "template", "reaction", "location")
_PAGE = 2
"""Templates on a page: few, so that there are several."""


def carry_out(state: State, call: Call, own_url: str) -> Reply:
    """Carry a call out."""
    act = _METHODS.get((call.method, call.path))
    if act is not None:
        return act(state, call)
    if call.method == "GET" and call.path.isdecimal():
        return _find(state, call.path, own_url)
    return wrong(100, f"Unsupported {call.method.lower()} request for {call.path}")


def _numbers(_: State, __: Call) -> Reply:
    number = {"id": NUMBER_ID, "display_phone_number": "+1 555-078-3881", "verified_name": "Fake Shop"}
    return reply_json({"data": [number | {"quality_rating": "GREEN", "name_status": "APPROVED"}]})


def _subscribe(state: State, _: Call) -> Reply:
    state.subscribed = True
    return reply_json({"success": True})


def _subscribed(state: State, _: Call) -> Reply:
    app = {"whatsapp_business_api_data": {"id": "1", "name": "Fake app", "link": "https://www.facebook.com"}}
    return reply_json({"data": [app] if state.subscribed else []})


def _templates(state: State, call: Call) -> Reply:
    wanted = [
        each
        for each in state.templates
        if call.query.get("name", each["name"]) == each["name"]
        and call.query.get("status", each["status"]) == each["status"]
    ]
    start = int(call.query.get("after", "0"))
    page, end = wanted[start : start + _PAGE], start + _PAGE
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(wanted):
        paging["next"] = "https://graph.facebook.com/next"
    return reply_json({"data": page, "paging": paging} if page else {"data": []})


def _upload(state: State, call: Call) -> Reply:
    file = call.given.get("file")
    if call.given.get("messaging_product") != "whatsapp" or not isinstance(file, dict) or not call.file_bytes:
        return wrong(100, "Param file must be a file")
    return reply_json({"id": state.keep(b"", str(file["content_type"]))})


def _find(state: State, media_id: str, own_url: str) -> Reply:
    file = state.files.get(media_id)
    if file is None:
        return wrong(100, f"Object with ID '{media_id}' does not exist")
    told = {"messaging_product": "whatsapp", "url": f"{own_url}/files/{media_id}", "mime_type": file.content_type}
    return reply_json(told | {"file_size": len(file.content), "id": media_id})


def _send(state: State, call: Call) -> Reply:
    said = call.given
    if said.get("messaging_product") != "whatsapp":
        return wrong(100, "The parameter messaging_product is required.")
    if said.get("status") == "read":
        known = str(said.get("message_id", "")).startswith("wamid.")
        return reply_json({"success": True}) if known else wrong(131009, "Invalid message id")
    to = said.get("to") or said.get("recipient")
    if not to:
        return wrong(131008, "The parameter to is required.")
    refusal = _wrong(state, said, str(to))
    if refusal is not None:
        return refusal
    wamid = state.wamid()
    state.sent[wamid] = said
    who = {"input": to, "wa_id": to} if said.get("to") else {"input": to, "user_id": to}
    return reply_json({"messaging_product": "whatsapp", "contacts": [who], "messages": [{"id": wamid}]})


def _wrong(state: State, said: dict[str, Any], to: str) -> Reply | None:
    kind = said.get("type", "text")
    content = said.get(kind) or {}
    if kind not in _KINDS or not content:
        return wrong(100, f"Unsupported message type {kind}")
    if kind != "template" and not state.person(to).window:
        return wrong(131047, "Message failed to send because more than 24 hours have passed.")
    if kind == "text" and not 1 <= len(content.get("body", "")) <= 4096:
        return wrong(131009, "Message text must be 1 to 4096 characters.")
    if kind in ("image", "video", "audio", "document", "sticker") and content.get("id") not in state.files:
        return wrong(131053, "Media is not found.")
    if kind == "interactive":
        return _wrong_interactive(content)
    return _wrong_template(state, content) if kind == "template" else None


def _wrong_interactive(content: dict[str, Any]) -> Reply | None:
    action, kind = content.get("action", {}), content.get("type")
    rows = [row for section in action.get("sections", []) for row in section.get("rows", [])]
    replies = [button.get("reply", {}) for button in action.get("buttons", [])]
    choices, most, longest = (rows, 10, 24) if kind == "list" else (replies, 3, 20)
    fits = 1 <= len(choices) <= most and len({choice["id"] for choice in choices}) == len(choices)
    fits = fits and all(1 <= len(choice["title"]) <= longest for choice in choices)
    fits = fits and all(len(choice.get("description", "")) <= 72 for choice in choices)
    if kind == "cta_url":
        fits = 1 <= len(action.get("parameters", {}).get("display_text", "")) <= 20
    fits = fits and 1 <= len(content.get("body", {}).get("text", "")) <= (4096 if kind == "list" else 1024)
    return None if fits else wrong(131009, "Parameter value is not valid in interactive.")


def _wrong_template(state: State, content: dict[str, Any]) -> Reply | None:
    language = content.get("language", {}).get("code")
    wanted = (content.get("name"), language, "APPROVED")
    found = [each for each in state.templates if (each["name"], each["language"], each["status"]) == wanted]
    if not found:
        return wrong(132001, f"template name ({content.get('name')}) does not exist in {language}")
    given = sum(len(part.get("parameters", [])) for part in content.get("components", []))
    expected = _expected(found[0])
    if given != expected:
        return wrong(132000, f"number of params ({given}) does not match the expected number ({expected})")
    return None


def _expected(template: dict[str, Any]) -> int:
    count = 0
    for part in template.get("components", []):
        count += len(set(re.findall(r"\{\{\s*(\w+)\s*\}\}", part.get("text", ""))))
        count += part.get("format") in ("IMAGE", "VIDEO", "DOCUMENT")
        for button in part.get("buttons", []):
            count += "{{" in button.get("url", "") or button.get("type") == "COPY_CODE"
    return count


_METHODS: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", f"{ACCOUNT_ID}/phone_numbers"): _numbers,
    ("POST", f"{ACCOUNT_ID}/subscribed_apps"): _subscribe,
    ("GET", f"{ACCOUNT_ID}/subscribed_apps"): _subscribed,
    ("GET", f"{ACCOUNT_ID}/message_templates"): _templates,
    ("POST", f"{NUMBER_ID}/media"): _upload,
    ("POST", f"{NUMBER_ID}/messages"): _send,
}
