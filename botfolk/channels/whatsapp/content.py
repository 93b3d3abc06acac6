"""What a message holds: its kind, text, files and details."""

import msgspec

from botfolk.channels.events import Json, Media, MessageKind, Said
from botfolk.channels.texts import clean, some
from botfolk.channels.whatsapp.contents import (
    CallPermission,
    Card,
    Choice,
    Content,
    File,
    FormReply,
    Interactive,
    Location,
    Order,
)
from botfolk.channels.whatsapp.profile import known, written

_MOST_TEXT = 65_536
_MOST_CARDS = 20
_MOST_ITEMS = 100

_FILES: dict[str, MessageKind] = {
    "image": "photo",
    "video": "video",
    "audio": "audio",
    "document": "document",
    "sticker": "sticker",
}


def read(content: Content, origin: str | None = None) -> Said | None:
    """Return what a message says; None for what we do not understand. `origin` is how a contact came to be shared."""
    match content:
        case Content(type="text", text=text) if text is not None:
            return Said("text", clean(text.body, _MOST_TEXT))
        case Content(type="location", location=place) if place is not None:
            return Said("location", None, (), _place(place))
        case Content(type="contacts", contacts=[first, *others]):
            return _cards(first, others, origin)
        case Content(type="button", button=button) if button is not None:
            title = some(button.text, _MOST_TEXT)
            data = some(button.payload, None) or title or ""
            return Said("button", title or data, (), {"data": data, "title": title or data})
        case Content(type="interactive", interactive=interactive) if interactive is not None:
            return _answer(interactive)
        case Content(type="order", order=order) if order is not None:
            return _order(order)
    return _file(content)


def _file(content: Content) -> Said | None:
    kind = _FILES.get(content.type)
    file: File | None = getattr(content, content.type) if kind else None
    if kind is None or file is None:
        return None
    if kind == "audio" and file.voice:
        kind = "voice"
    return Said(kind, some(file.caption, _MOST_TEXT), _media(file))


def _media(file: File) -> tuple[Media, ...]:
    """Without an id there is nothing to fetch: the file was too large for WhatsApp, or has expired."""
    if not file.id:
        return ()
    # "audio/ogg; codecs=opus"
    content_type = some((file.mime_type or "").partition(";")[0].strip())
    return (Media(ref=clean(file.id), content_type=content_type, name=some(file.filename)),)


def _place(place: Location) -> Json:
    details = {"latitude": place.latitude, "longitude": place.longitude}
    return details | known({"title": place.name, "address": place.address, "url": place.url})


def _cards(first: Card, others: list[Card], origin: str | None) -> Said:
    """A card is somebody's: the person's own only where it answers our request for it."""
    is_own = not others and "contact_request" in (origin, first.origin)
    details = _card(first) | {"is_own": is_own}
    if others:
        details["others"] = [_card(card) for card in others[:_MOST_CARDS]]
    number = details["phone"]
    return Said("contact", None, (), details, {"phone": number} if is_own and number.startswith("+") else {})


def _card(card: Card) -> Json:
    phone = next((phone for phone in card.phones if phone.phone or phone.wa_id), None)
    number = (phone.phone or f"+{phone.wa_id}") if phone else ""
    name = card.name
    shown = "" if name is None else name.formatted_name or " ".join(filter(None, (name.first_name, name.last_name)))
    return {"phone": written(number) or clean(number), "name": clean(shown)}


def _answer(interactive: Interactive) -> Said | None:
    match interactive:
        case Interactive(button_reply=Choice() as choice) | Interactive(list_reply=Choice() as choice):
            title = clean(choice.title, _MOST_TEXT)
            return Said("button", title or clean(choice.id, None), (), {"data": clean(choice.id, None), "title": title})
        case Interactive(nfm_reply=FormReply() as form):
            return _form(form)
        case Interactive(call_permission_reply=CallPermission(response=response)):
            title = {"accept": "Allowed calls", "reject": "Refused calls"}.get(response, "Answered about calls")
            return Said("button", title, (), {"data": clean(f"call_permission:{response}"), "title": title})
    return None


def _form(form: FormReply) -> Said:
    title = some(form.body) or some(form.name) or "Form"
    return Said("button", title, (), {"data": some(form.name) or "flow", "title": title, "form": _filled_in(form)})


def _filled_in(form: FormReply) -> object:
    """Return what was filled in, by field; as it came where it is no JSON."""
    try:
        return _storable(msgspec.json.decode(form.response_json))
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return clean(form.response_json, _MOST_TEXT)


def _storable(value: object) -> object:
    """Return JSON that PostgreSQL can store. Raises RecursionError."""
    match value:
        case str():
            return clean(value, _MOST_TEXT)
        case dict():
            return {clean(str(name)): _storable(each) for name, each in value.items()}
        case list():
            return [_storable(each) for each in value]
    return value


def _order(order: Order) -> Said:
    items = order.product_items[:_MOST_ITEMS]
    listed = ", ".join(f"{item.quantity:g} × {clean(item.product_retailer_id)}" for item in items)
    title = f"Order: {listed}" if listed else "Order"
    goods = [
        known(
            {
                "product": item.product_retailer_id,
                "quantity": item.quantity,
                "price": item.item_price,
                "currency": item.currency,
            }
        )
        for item in items
    ]
    details = known({"catalog": order.catalog_id, "note": some(order.text, _MOST_TEXT)}) | {"items": goods}
    return Said("button", clean(title, _MOST_TEXT), (), {"data": "order", "title": clean(title), "order": details})
