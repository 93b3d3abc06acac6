"""What a message may hold, as far as we read it.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from typing import Annotated

from msgspec import Meta, Struct


class Text(Struct, frozen=True):
    """The body of a text message."""

    body: str


class File(Struct, frozen=True):
    """What every kind of file has in common. Its `url`, where there is one, is not read: the id gives a fresh one."""

    id: str | None = None
    mime_type: str | None = None
    caption: str | None = None
    filename: str | None = None
    voice: bool = False


class Location(Struct, frozen=True):
    """A place."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    name: str | None = None
    address: str | None = None
    url: str | None = None


class CardName(Struct, frozen=True):
    """The name on a contact card."""

    formatted_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class CardPhone(Struct, frozen=True):
    """A number on a contact card."""

    phone: str | None = None
    wa_id: str | None = None


class Card(Struct, frozen=True):
    """A contact card. `origin` "contact_request": the person's own, given when they were asked for it."""

    name: CardName | None = None
    phones: list[CardPhone] = []
    origin: str | None = None


class Choice(Struct, frozen=True):
    """A tapped button or a chosen row."""

    id: str = ""
    title: str = ""


class FormReply(Struct, frozen=True):
    """A completed Flow; what was filled in is JSON inside a string."""

    response_json: str = ""
    body: str | None = None
    name: str | None = None


class CallPermission(Struct, frozen=True):
    """Whether the person allows calls."""

    response: str = ""


class Interactive(Struct, frozen=True):
    """The answer to an interactive message: one of these."""

    type: str = ""
    button_reply: Choice | None = None
    list_reply: Choice | None = None
    nfm_reply: FormReply | None = None
    call_permission_reply: CallPermission | None = None


class TemplateButton(Struct, frozen=True):
    """A tapped quick reply of a template."""

    payload: str | None = None
    text: str | None = None


class Item(Struct, frozen=True):
    """A product of an order."""

    product_retailer_id: str = ""
    quantity: float = 1
    item_price: float | None = None
    currency: str | None = None


class Order(Struct, frozen=True):
    """What a person put into their cart."""

    catalog_id: str = ""
    text: str | None = None
    product_items: list[Item] = []


class Content(Struct, frozen=True):
    """What a message says: its `type` names the field that holds it."""

    type: str = ""
    text: Text | None = None
    image: File | None = None
    video: File | None = None
    audio: File | None = None
    document: File | None = None
    sticker: File | None = None
    location: Location | None = None
    contacts: list[Card] | None = None
    interactive: Interactive | None = None
    button: TemplateButton | None = None
    order: Order | None = None
