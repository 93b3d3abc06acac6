"""The parts of WhatsApp's webhooks that we read. Unknown fields are passed over, and no word of a choice is refused.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from typing import Annotated

from msgspec import Meta, Raw, Struct

from botfolk.channels.whatsapp.contents import Content

Seconds = str | int | float | None
"""A Unix time: a string of seconds, but a number in user_preferences."""

Name = Annotated[str, Meta(min_length=1)]
"""An id that something is known by ever after."""

Parts = list[Raw] | None


class Hook(Struct, frozen=True):
    """A delivery. Each of its parts is decoded by itself, so that one that cannot be read costs no other."""

    object: str
    entry: list[Raw]


class Entry(Struct, frozen=True):
    """What happened on one WhatsApp Business Account."""

    id: str = ""
    changes: list[Raw] = []


class Change(Struct, frozen=True):
    """One kind of news."""

    field: str
    value: Raw


class Metadata(Struct, frozen=True):
    """Which of the account's numbers it is about; the display number comes in several spellings."""

    display_phone_number: str = ""
    phone_number_id: str = ""


class Value(Struct, frozen=True):
    """The news themselves: lists beside the number and the people they are about."""

    metadata: Metadata = Metadata()
    contacts: Parts = None
    messages: Parts = None
    statuses: Parts = None
    errors: Parts = None
    message_echoes: Parts = None
    user_preferences: Parts = None
    user_id_update: Parts = None
    groups: Parts = None


class ContactProfile(Struct, frozen=True):
    """What a person calls themselves."""

    name: str | None = None
    username: str | None = None


class Contact(Struct, frozen=True):
    """A person of the news. From 2026 wa_id may be missing, empty, or equal to the business-scoped user_id."""

    profile: ContactProfile | None = None
    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None


class ErrorData(Struct, frozen=True):
    """What is beside an error."""

    details: str | None = None


class Error(Struct, frozen=True):
    """https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes"""

    code: int = 0
    title: str | None = None
    message: str | None = None
    error_data: ErrorData | None = None


class Reaction(Struct, frozen=True):
    """A reaction; taken back when its emoji is empty or absent."""

    message_id: Name
    emoji: str | None = None


class Revoke(Struct, frozen=True):
    """A message that was taken back."""

    original_message_id: Name


class System(Struct, frozen=True):
    """What happened to a person's ids."""

    type: str = ""
    body: str | None = None
    wa_id: str | None = None
    new_wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    previous_user_id: str | None = None


class Product(Struct, frozen=True):
    """A product that a message asks about."""

    catalog_id: str | None = None
    product_retailer_id: str | None = None


class Context(Struct, frozen=True, rename={"from_": "from"}):
    """What a message answers: somebody's message, or a product."""

    id: str | None = None
    from_: str | None = None
    referred_product: Product | None = None


class Referral(Struct, frozen=True):
    """The advertisement or post that a person came by."""

    source_url: str | None = None
    source_id: str | None = None
    source_type: str | None = None
    headline: str | None = None
    body: str | None = None
    ctwa_clid: str | None = None


class Edit(Struct, frozen=True):
    """A message that was changed, and what it says now."""

    original_message_id: Name
    message: Content = Content()


class Message(Content, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A message, or the echo of one (`to…`) that the team sent in the WhatsApp Business app."""

    id: Name
    timestamp: Seconds = None
    from_: str | None = None
    from_user_id: str | None = None
    from_parent_user_id: str | None = None
    to: str | None = None
    to_user_id: str | None = None
    to_parent_user_id: str | None = None
    group_id: str | None = None
    origin: str | None = None
    context: Context | None = None
    referral: Referral | None = None
    reaction: Reaction | None = None
    edit: Edit | None = None
    revoke: Revoke | None = None
    system: System | None = None
    errors: list[Error] | None = None


class Status(Struct, frozen=True):
    """What became of a message we sent. https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status"""

    id: Name
    status: str
    timestamp: Seconds = None
    recipient_id: str | None = None
    recipient_user_id: str | None = None
    recipient_parent_user_id: str | None = None
    parent_recipient_user_id: str | None = None
    recipient_type: str | None = None
    biz_opaque_callback_data: str | None = None
    errors: list[Error] | None = None


class Preference(Struct, frozen=True):
    """Whether a person wants marketing. https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/user_preferences"""

    category: str = ""
    value: str = ""
    detail: str | None = None
    timestamp: Seconds = None
    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None


class Changed(Struct, frozen=True):
    """An id before and after."""

    previous: str | None = None
    current: str | None = None


class IdUpdate(Struct, frozen=True):
    """A person has another business-scoped id: they changed their number."""

    user_id: Changed
    parent_user_id: Changed | None = None
    wa_id: str | None = None
    timestamp: Seconds = None


class Participant(Struct, frozen=True):
    """Somebody who joined or left a group."""

    wa_id: str | None = None
    user_id: str | None = None
    username: str | None = None
    input: str | None = None


class Setting(Struct, frozen=True):
    """A changed setting of a group."""

    text: str | None = None
    update_successful: bool = True


class GroupNews(Struct, frozen=True):
    """What happened to a group. https://developers.facebook.com/documentation/business-messaging/whatsapp/groups/webhooks"""

    type: str
    group_id: Name
    timestamp: Seconds = None
    subject: str | None = None
    group_subject: Setting | None = None
    added_participants: list[Participant] = []
    removed_participants: list[Participant] = []
    errors: list[Error] | None = None
