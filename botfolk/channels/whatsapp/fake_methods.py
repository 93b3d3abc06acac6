"""The calls of the Cloud API that the fake carries out: their checks, results and errors are the real ones'."""

import re
from collections.abc import Callable
from typing import Any

from botfolk.channels.faking import Reply, Request, reply_json
from botfolk.channels.whatsapp.fake_state import ACCOUNT_ID, NUMBER_ID, Call, State, refuse

_BOUNDARY = re.compile(r"boundary=([^;]+)")
_KINDS = ("text", "image", "video", "audio", "document", "sticker", "interactive", "template", "reaction", "location")
_PAGE = 2
"""Templates on a page: few, so that there are several."""


def carry_out(state: State, request: Request, path: str, call: Call, own_url: str) -> Reply:
    """Carry a call out, and mark it so when it was. `path` is without the API's version."""
    for method, pattern, act in _METHODS:
        found = re.fullmatch(pattern, path) if method == request.method else None
        if found is not None:
            reply = act(state, request, call, found[1] if found.groups() else own_url)
            call.taken = reply.status == 200
            return reply
    media = re.fullmatch(r"([0-9]+)", path)
    if media and request.method == "GET":
        reply = _find(state, media[1], own_url)
        call.taken = reply.status == 200
        return reply
    return refuse(100, f"Unsupported {request.method.lower()} request", 400)


def _numbers(state: State, request: Request, call: Call, _: str) -> Reply:
    number = {"id": NUMBER_ID, "display_phone_number": "+1 555-078-3881", "verified_name": "Fake Shop"}
    return reply_json({"data": [number | {"quality_rating": "GREEN", "name_status": "APPROVED"}]})


def _subscribe(state: State, request: Request, call: Call, _: str) -> Reply:
    state.subscribed = True
    return reply_json({"success": True})


def _subscribed(state: State, request: Request, call: Call, _: str) -> Reply:
    app = {"whatsapp_business_api_data": {"id": "1", "name": "Fake app", "link": "https://www.facebook.com"}}
    return reply_json({"data": [app] if state.subscribed else []})


def _templates(state: State, request: Request, call: Call, _: str) -> Reply:
    wanted = [
        each
        for each in state.templates
        if request.query.get("name", each["name"]) == each["name"]
        and request.query.get("status", each["status"]) == each["status"]
    ]
    start = int(request.query.get("after", "0"))
    page, end = wanted[start : start + _PAGE], start + _PAGE
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(wanted):
        paging["next"] = "https://graph.facebook.com/next"
    return reply_json({"data": page, "paging": paging} if page else {"data": []})


def _upload(state: State, request: Request, call: Call, _: str) -> Reply:
    fields, content, content_type = _form(request)
    call.arguments = {**fields, "bytes": len(content), "content_type": content_type}
    if fields.get("messaging_product") != "whatsapp" or not content:
        return refuse(100, "(#100) Param file must be a file")
    return reply_json({"id": state.keep(content, content_type)})


def _form(request: Request) -> tuple[dict[str, str], bytes, str]:
    """Return a multipart form's fields, and its file."""
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    fields: dict[str, str] = {}
    content, content_type = b"", ""
    for part in request.body.split(b"--" + (boundary[1].encode() if boundary else b"?"))[1:-1]:
        head, _, body = part.strip(b"\r\n").partition(b"\r\n\r\n")
        told = head.decode("utf-8", "replace")
        name = re.search(r'name="([^"]*)"', told)
        if 'filename="' in told:
            content, content_type = body, re.sub(r"(?s).*Content-Type: ", "", told).strip()
        elif name:
            fields[name[1]] = body.decode()
    return fields, content, content_type


def _find(state: State, media_id: str, own_url: str) -> Reply:
    file = state.files.get(media_id)
    if file is None:
        return refuse(100, f"Unsupported get request. Object with ID '{media_id}' does not exist")
    told = {"messaging_product": "whatsapp", "url": f"{own_url}/file/{media_id}", "mime_type": file.content_type}
    return reply_json(told | {"file_size": len(file.content), "id": media_id})


def _send(state: State, request: Request, call: Call, _: str) -> Reply:
    said = request.json()
    if said.get("messaging_product") != "whatsapp":
        return refuse(100, "The parameter messaging_product is required.")
    if said.get("status") == "read":
        known = str(said.get("message_id", "")).startswith("wamid.")
        return reply_json({"success": True}) if known else refuse(131009, "Invalid message id")
    to = said.get("to") or said.get("recipient")
    if not to:
        return refuse(131008, "The parameter to is required.")
    wrong = _wrong(state, said, str(to))
    if wrong is not None:
        return wrong
    call.message_id = state.wamid()
    who = {"input": to, "wa_id": to} if said.get("to") else {"input": to, "user_id": to}
    return reply_json({"messaging_product": "whatsapp", "contacts": [who], "messages": [{"id": call.message_id}]})


def _wrong(state: State, said: dict[str, Any], to: str) -> Reply | None:
    kind = said.get("type", "text")
    content = said.get(kind) or {}
    if kind not in _KINDS or not content:
        return refuse(100, f"Unsupported message type {kind}")
    if kind != "template" and not state.person(to).window:
        return refuse(131047, "Message failed to send because more than 24 hours have passed.")
    if kind == "text" and not 1 <= len(content.get("body", "")) <= 4096:
        return refuse(131009, "Message text must be 1 to 4096 characters.")
    if kind in ("image", "video", "audio", "document", "sticker") and content.get("id") not in state.files:
        return refuse(131053, "Media is not found.")
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
    return None if fits else refuse(131009, "Parameter value is not valid in interactive.")


def _wrong_template(state: State, content: dict[str, Any]) -> Reply | None:
    language = content.get("language", {}).get("code")
    wanted = (content.get("name"), language, "APPROVED")
    found = [each for each in state.templates if (each["name"], each["language"], each["status"]) == wanted]
    if not found:
        return refuse(132001, f"template name ({content.get('name')}) does not exist in {language}")
    given = sum(len(part.get("parameters", [])) for part in content.get("components", []))
    expected = _expected(found[0])
    if given != expected:
        return refuse(132000, f"number of params ({given}) does not match the expected number ({expected})")
    return None


def _expected(template: dict[str, Any]) -> int:
    count = 0
    for part in template.get("components", []):
        count += len(set(re.findall(r"\{\{\w+\}\}", part.get("text", ""))))
        count += part.get("format") in ("IMAGE", "VIDEO", "DOCUMENT")
        for button in part.get("buttons", []):
            count += "{{" in button.get("url", "") or button.get("type") == "COPY_CODE"
    return count


_METHODS: list[tuple[str, str, Callable[[State, Request, Call, str], Reply]]] = [
    ("GET", f"{ACCOUNT_ID}/phone_numbers", _numbers),
    ("POST", f"{ACCOUNT_ID}/subscribed_apps", _subscribe),
    ("GET", f"{ACCOUNT_ID}/subscribed_apps", _subscribed),
    ("GET", f"{ACCOUNT_ID}/message_templates", _templates),
    ("POST", f"{NUMBER_ID}/media", _upload),
    ("POST", f"{NUMBER_ID}/messages", _send),
]
