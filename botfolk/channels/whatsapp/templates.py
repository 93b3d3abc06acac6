"""Templates: fetched as WhatsApp approved them, shown with numbered placeholders, and filled in.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
"""

import re
from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TemplateUse
from botfolk.channels.meta import graph
from botfolk.channels.setup import Template
from botfolk.channels.texts import clean
from botfolk.channels.whatsapp.ask import ask
from botfolk.channels.whatsapp.kept import Kept
from botfolk.http import Http

_FIELDS = "name,language,status,category,parameter_format,components"
_MOST_PAGES = 50
_PAGE = 100
_KEPT_SECONDS = 600.0

_HOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
_FILES = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document"}
_PLAIN_BUTTONS = ("QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "VOICE_CALL", "REQUEST_CONTACT_INFO")


class ButtonPart(Struct, frozen=True):
    """A button of a template."""

    type: str = ""
    text: str = ""
    url: str = ""


class Part(Struct, frozen=True):
    """A component: HEADER (of a format), BODY, FOOTER, BUTTONS."""

    type: str = ""
    format: str = "TEXT"
    text: str = ""
    buttons: list[ButtonPart] = []


class Stored(Struct, frozen=True):
    """https://developers.facebook.com/docs/graph-api/reference/whats-app-business-hsm/"""

    name: str
    language: str
    status: str = ""
    category: str = ""
    parameter_format: str = "POSITIONAL"
    components: list[Part] = []


class _Cursors(Struct, frozen=True):
    after: str | None = None


class _Paging(Struct, frozen=True):
    cursors: _Cursors | None = None
    next: str | None = None


class _Page(Struct, frozen=True):
    data: list[Stored] = []
    paging: _Paging | None = None


class Slot(Struct, frozen=True):
    """Where a placeholder's value goes: a text of the header or body (by `name`, where they have names), a file of
    the header by its address, the end of a button's address, a code to copy."""

    where: Literal["header", "body", "button"]
    kind: str = "text"
    name: str | None = None
    index: int = 0


class Layout(Struct, frozen=True):
    """A template as it is shown, and where its placeholders go, in order."""

    shown: Template
    slots: tuple[Slot, ...]


_layouts: Kept[tuple[UUID, str, str], Layout] = Kept(_KEPT_SECONDS, most=1000)


async def fetch(channel: Channel, http: Http) -> list[Template]:
    """Return the approved templates that can be sent from here. Raises ChannelError for good, TryLater for now."""
    found = [_laid_out(stored) for stored in await _stored(channel, http)]
    return [layout.shown for layout in found if layout is not None]


async def layout_of(channel: Channel, http: Http, use: TemplateUse) -> Layout | None:
    """Return how a template is laid out; None when there is no such approved one. Raises ChannelError, TryLater."""
    key = (channel.id, use.name, use.language)
    known = _layouts.get(key)
    if known is not None:
        return known
    for stored in await _stored(channel, http, name=use.name):
        layout = _laid_out(stored)
        if layout is not None and (stored.name, stored.language) == (use.name, use.language):
            _layouts.put(key, layout)
            return layout
    return None


def forget(channel: Channel, use: TemplateUse) -> None:
    """Ask again the next time: WhatsApp says that the template is another than we know."""
    _layouts.drop((channel.id, use.name, use.language))


async def _stored(channel: Channel, http: Http, **asked: str) -> list[Stored]:
    account = str(channel.config.get("business_account_id") or "")
    if not graph.is_id(account):
        raise ChannelError("the channel does not know its WhatsApp Business Account: connect it again")
    query = {"fields": _FIELDS, "limit": str(_PAGE), "status": "APPROVED", **asked}
    found: list[Stored] = []
    for _ in range(_MOST_PAGES):
        page = graph.read(await ask(channel, http, f"{account}/message_templates", query), _Page)
        found += page.data
        after = page.paging.cursors.after if page.paging and page.paging.cursors else None
        if not after or not page.paging or not page.paging.next:
            break
        query["after"] = after
    return [stored for stored in found if stored.status in ("APPROVED", "")]


def _laid_out(stored: Stored) -> Layout | None:
    """Return a template's layout; None for one with parts that cannot be sent from here (carousels, offers, forms,
    codes to sign in, places)."""
    slots: list[Slot] = []
    texts = {"header": "", "body": "", "footer": ""}
    buttons: list[str] = []
    named = stored.parameter_format.upper() == "NAMED"
    for part in sorted(stored.components, key=lambda part: _ORDER.get(part.type.upper(), 9)):
        match part.type.upper():
            case "HEADER" if part.format.upper() in _FILES:
                slots.append(Slot("header", _FILES[part.format.upper()]))
                texts["header"] = f"[{part.format.capitalize()}: {{{{{len(slots)}}}}}]"
            case "HEADER" if part.format.upper() == "TEXT":
                texts["header"] = _numbered(part.text, slots, "header", named)
            case "BODY":
                texts["body"] = _numbered(part.text, slots, "body", named)
            case "FOOTER":
                texts["footer"] = clean(part.text, None)
            case "BUTTONS" if all(button.type.upper() in _PLAIN_BUTTONS for button in part.buttons):
                buttons = [_button(index, button, slots) for index, button in enumerate(part.buttons)]
            case _:
                return None
    shown = Template(
        name=stored.name,
        language=stored.language,
        category=stored.category.lower(),
        placeholders=len(slots),
        buttons=tuple(buttons),
        **texts,
    )
    return Layout(shown, tuple(slots))


_ORDER = {"HEADER": 0, "BODY": 1, "FOOTER": 2, "BUTTONS": 3}


def _numbered(text: str, slots: list[Slot], where: Literal["header", "body"], named: bool) -> str:
    """Return a text with its placeholders numbered after those before it; one that comes again has one number."""
    names = list(dict.fromkeys(_HOLDER.findall(text)))
    if not named:
        names.sort(key=lambda name: int(name) if name.isdecimal() else 0)
    numbers = {name: len(slots) + place for place, name in enumerate(names, 1)}
    slots += [Slot(where, name=name if named else None) for name in names]
    return clean(_HOLDER.sub(lambda found: f"{{{{{numbers[found[1]]}}}}}", text), None)


def _button(index: int, button: ButtonPart, slots: list[Slot]) -> str:
    title = clean(button.text) or button.type.replace("_", " ").capitalize()
    kind = button.type.upper()
    if kind == "COPY_CODE":
        slots.append(Slot("button", "coupon_code", index=index))
        return f"{title}: {{{{{len(slots)}}}}}"
    if kind == "URL" and _HOLDER.search(button.url):
        slots.append(Slot("button", "url", index=index))
        return f"{title} ({_HOLDER.sub(f'{{{{{len(slots)}}}}}', clean(button.url, None))})"
    return f"{title} ({clean(button.url, None)})" if kind == "URL" else title


def filled_in(layout: Layout, use: TemplateUse) -> dict[str, Any] | str:
    """Return the content of a message of a template; or what is wrong with it, in words."""
    if len(use.parameters) != len(layout.slots):
        return (
            f"the template “{use.name}” has {len(layout.slots)} placeholders, and {len(use.parameters)} are filled in"
        )
    # A value may hold no line breaks, and no more than four spaces in a row.
    values = [clean(" ".join(value.split()), None) for value in use.parameters]
    if "" in values:
        return f"placeholder {values.index('') + 1} of the template “{use.name}” is empty"
    template = {
        "name": use.name,
        "language": {"code": use.language},
        "components": list(_components(zip(layout.slots, values, strict=True))),
    }
    return {"type": "template", "template": template}


def _components(filled: Iterable[tuple[Slot, str]]) -> Iterable[dict[str, Any]]:
    parts: dict[tuple[str, int], dict[str, Any]] = {}
    for slot, value in filled:
        new: dict[str, Any] = {"type": slot.where, "parameters": []}
        if slot.where == "button":
            sub_type = "copy_code" if slot.kind == "coupon_code" else "url"
            new |= {"sub_type": sub_type, "index": str(slot.index)}
        parts.setdefault((slot.where, slot.index), new)["parameters"].append(_parameter(slot, value))
    return parts.values()


def _parameter(slot: Slot, value: str) -> dict[str, Any]:
    match slot.kind:
        case "image" | "video" | "document":
            return {"type": slot.kind, slot.kind: {"link": value}}
        case "coupon_code":
            return {"type": "coupon_code", "coupon_code": value}
    named = {"parameter_name": slot.name} if slot.name else {}
    return {"type": "text", **named, "text": value}
