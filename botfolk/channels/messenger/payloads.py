"""The parts of the Messenger Platform's deliveries that we read. What is not named here is passed over.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
"""

from typing import Any

from msgspec import Raw, Struct


class Body(Struct, frozen=True):
    """A delivery; or one item of one by itself, as the documentation shows it. What is not there is empty."""

    object: str | None = None
    entry: Raw = Raw()
    messaging: Raw = Raw()


class Entry(Struct, frozen=True):
    """What happened on one page or account. The lists' items are read one by one."""

    id: str | int = ""
    time: Any = None
    messaging: list[Raw] | None = None
    standby: list[Raw] | None = None
    """what happened while another app had the conversation"""
    changes: list[Raw] | None = None


class Change(Struct, frozen=True):
    """What the dashboard's test buttons send, and what is no conversation."""

    field: str = ""
    value: Raw = Raw()


class Party(Struct, frozen=True):
    """Who says or hears it; the guest of a plugin has only a `user_ref`."""

    id: str | int | None = None


class Coordinates(Struct, frozen=True):
    """Where a person is (before 2020)."""

    lat: float
    long: float


class Payload(Struct, frozen=True):
    """What an attachment holds."""

    url: str | None = None
    title: str | None = None
    sticker_id: str | int | None = None
    coordinates: Coordinates | None = None


class Attachment(Struct, frozen=True):
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages#message"""

    type: str = ""
    payload: Payload | None = None
    title: str | None = None
    url: str | None = None
    URL: str | None = None


class QuickReply(Struct, frozen=True):
    """The choice that was tapped."""

    payload: str | None = None


class Story(Struct, frozen=True):
    """The story a message answers (Instagram)."""

    id: str | int | None = None
    url: str | None = None


class ReplyTo(Struct, frozen=True):
    """What a message answers."""

    mid: str | None = None
    story: Story | None = None


class Referral(Struct, frozen=True):
    """By what link or advertisement the person came."""

    ref: str | None = None
    source: str | None = None
    type: str | None = None
    ad_id: str | int | None = None
    referer_uri: str | None = None
    ads_context_data: dict[str, Any] | None = None
    product: dict[str, Any] | None = None


class Message(Struct, frozen=True):
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages"""

    mid: str
    text: str | None = None
    attachments: list[Attachment] | None = None
    quick_reply: QuickReply | None = None
    reply_to: ReplyTo | None = None
    referral: Referral | None = None
    is_echo: bool = False
    is_deleted: bool = False
    is_unsupported: bool = False
    app_id: str | int | None = None
    metadata: str | None = None
    seq: int = 0


class Postback(Struct, frozen=True):
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_postbacks"""

    title: str | None = None
    payload: str | None = None
    mid: str | None = None
    referral: Referral | None = None


class Reaction(Struct, frozen=True):
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-reactions"""

    mid: str
    action: str = "react"
    emoji: str | None = None
    reaction: str | None = None


class MessageEdit(Struct, frozen=True):
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-edits"""

    mid: str
    text: str | None = None
    num_edit: int = 0


class Delivery(Struct, frozen=True):
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-deliveries"""

    watermark: Any = None
    mids: list[str] | None = None


class Read(Struct, frozen=True):
    """Up to when (Messenger) or what (Instagram) the person has read."""

    watermark: Any = None
    mid: str | None = None


class Optin(Struct, frozen=True):
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_optins"""

    type: str | None = None
    ref: str | None = None
    payload: str | None = None
    title: str | None = None
    notification_messages_timezone: str | None = None
    notification_messages_status: str | None = None


class Item(Struct, frozen=True):
    """One thing that happened between a person and the page."""

    sender: Party | None = None
    recipient: Party | None = None
    timestamp: Any = None
    message: Message | None = None
    postback: Postback | None = None
    reaction: Reaction | None = None
    message_edit: MessageEdit | None = None
    delivery: Delivery | None = None
    read: Read | None = None
    referral: Referral | None = None
    optin: Optin | None = None
