"""What a message holds beside its text, as the page shows it: files, places, buttons, remarks on where it is from."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from botfolk.conversations.statistics import shown
from botfolk.pages.catalogue import gettext as _

_ICONS = {
    "photo": "photo",
    "video": "video",
    "voice": "audio",
    "audio": "audio",
    "document": "file",
    "sticker": "sticker",
    "location": "location",
    "contact": "account",
    "button": "tap",
}
_OF_TYPES = {"image": "photo", "video": "video", "audio": "audio"}

Details = dict[str, Any]


class Media(Struct, frozen=True, kw_only=True):
    """A file, place or contact in a message. `can_be_fetched`: a file of the person's that is not here yet; `problem`
    says why, when fetching it was tried."""

    icon: str
    label: str
    picture_url: str | None = None
    file_url: str | None = None
    width: int | None = None
    height: int | None = None
    can_be_fetched: bool = False
    is_coming: bool = False
    """it is being fetched"""
    problem: str | None = None


class Button(Struct, frozen=True):
    """A button under a message, and the address it opens."""

    title: str
    url: str | None


class Remark(Struct, frozen=True):
    """Something to know about a message, with an address to look at where there is one."""

    text: str
    url: str | None = None


def media_of(kind: str, details: Details, *, is_new: bool = False) -> Iterator[Media]:
    """Return what is shown of a message's files, place or contact; the files of a new one are being fetched anyway."""
    files = [file for file in details.get("media") or () if isinstance(file, dict)]
    if kind in _ICONS and not files:
        yield Media(icon=_ICONS[kind], label=_label(kind, details, {}))
    for file in files:
        yield _file(kind, details, file, is_new)


def _file(kind: str, details: Details, file: Details, is_new: bool) -> Media:
    stored = f"/media/{file['media_id']}" if file.get("media_id") else None
    is_picture = _is_picture(kind, file)
    is_elsewhere = stored is None and bool(file.get("ref"))
    return Media(
        icon=_icon(kind, file, is_picture),
        label=_label(kind, details, file),
        picture_url=stored if is_picture else None,
        file_url=None if is_picture else stored,
        width=file.get("width"),
        height=file.get("height"),
        can_be_fetched=is_elsewhere and (not is_new or "error" in file),
        is_coming=is_elsewhere and is_new and "error" not in file,
        problem=None if stored else file.get("error"),
    )


def _icon(kind: str, file: Details, is_picture: bool) -> str:
    if is_picture or kind not in ("photo", "text"):
        return _ICONS.get(kind, "file")
    return _OF_TYPES.get(str(file.get("content_type") or "").partition("/")[0], "file")


def _is_picture(kind: str, file: Details) -> bool:
    """Say whether a file is one to show: by what it is, where that is known, for a message may hold several. What is
    kept as it came is never shown in place."""
    if file.get("raw"):
        return False
    known = file.get("content_type")
    return str(known).startswith("image/") if known else kind in ("photo", "sticker")


def _label(kind: str, details: Details, file: Details) -> str:
    match kind:
        case "location":
            place = details.get("location") or details
            named = place.get("title") or place.get("address")
            return str(named or f"{place.get('latitude')}, {place.get('longitude')}")
        case "contact":
            contact = details.get("contact") or details
            return " ".join(str(part) for part in (contact.get("name"), contact.get("phone")) if part) or _("Contact")
        case "sticker":
            emoji = (details.get("sticker") or details).get("emoji")
            return f"{shown(kind, None)} {emoji}" if emoji else shown(kind, None)
        case "button":
            return _("Button")
        case _:
            return str(file.get("name") or shown(kind if kind != "text" else "document", None))


def buttons_of(details: Details) -> list[Button]:
    """Return the buttons that were sent with a message."""
    found = [button for button in details.get("buttons") or () if isinstance(button, dict)]
    return [Button(each["title"], _address(each)) for each in found if isinstance(each.get("title"), str)]


def remarks_of(details: Details, channel: str) -> list[Remark]:
    """Return what is to be known of a message: by the service's own app, a template, an answer to a story, …"""
    return list(_remarks(details, channel))


def _remarks(details: Details, channel: str) -> Iterator[Remark]:
    if details.get("echo"):
        yield Remark(_("from %s itself") % channel)
    if template := details.get("template"):
        named = {"name": template.get("name", "?"), "language": template.get("language", "?")}
        yield Remark(_("template %(name)s (%(language)s)") % named)
    if "story" in details:
        yield Remark(_("answers your story"), _address(details["story"] or {}))
    for one in details.get("shared") or ():
        if isinstance(one, dict):
            what = one.get("title") or one.get("kind") or _("something")
            yield Remark(_("shared: %s") % what, _address(one))
    if product := details.get("product"):
        yield Remark(_("about the product %s") % product.get("product", "?"))
    if note := (details.get("order") or {}).get("note"):
        yield Remark(_("note to the order: %s") % note)
    if details.get("standby"):
        yield Remark(_("another app has this conversation: the bot only listens"))


def _address(what: Details) -> str | None:
    """Return an address that may be a link."""
    url = what.get("url")
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else None
