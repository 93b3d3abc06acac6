"""The data in which the services of the Messenger Platform differ."""

from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from botfolk.channels.contract import Features, Limits
from botfolk.channels.splitting import utf16


class Platform(Struct, frozen=True, kw_only=True):
    """One service of the platform."""

    kind: str
    label: str
    object: str
    """the `object` of its deliveries"""
    max_text: int
    """of one message, as `measure` counts"""
    measure: Callable[[str], int] = utf16
    returns_metadata: bool
    """whether its echoes hold the metadata that was sent"""
    uploads: bool
    """whether a file can be sent with the message; otherwise it is fetched by its address"""
    image_bytes: int
    basic_fields: tuple[str, ...]
    """what is asked of a person; one that is refused refuses all"""
    optional_fields: tuple[str, ...]
    """what needs a permission of its own: asked apart, and not again for a day where it was refused"""
    subscribed_fields: tuple[str, ...]
    """what is to be delivered"""
    limits: Limits
    features: Features


QUICK_REPLIES = 13
"""https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies: 13, of 20 characters, with 1000
characters behind each"""
QUICK_REPLY_TITLE = 20
MAX_PAYLOAD = 1000
TEMPLATE_BUTTONS = 3
"""https://developers.facebook.com/docs/messenger-platform/send-messages/template/button: 3, under 640 characters"""
TEMPLATE_TEXT = 640
FILE_BYTES = 25_000_000
"""https://developers.facebook.com/docs/messenger-platform/send-messages#attachment_reuse"""

FEATURES = Features(
    # https://developers.facebook.com/docs/messenger-platform/policy/policy-overview: a day, and a week for people.
    window=timedelta(hours=24),
    member_window=timedelta(days=7),
    buttons=QUICK_REPLIES,
    file_bytes=FILE_BYTES,
    typing=True,
)

MESSENGER = Platform(
    kind="messenger",
    label="Messenger",
    object="page",
    # https://developers.facebook.com/docs/messenger-platform/reference/send-api: fewer than 2000 characters
    max_text=1999,
    returns_metadata=True,
    uploads=True,
    image_bytes=FILE_BYTES,
    # https://developers.facebook.com/docs/messenger-platform/identity/user-profile
    basic_fields=("first_name", "last_name", "name"),
    optional_fields=("locale", "timezone"),
    # https://developers.facebook.com/docs/messenger-platform/webhooks
    subscribed_fields=(
        "messages",
        "messaging_postbacks",
        "message_echoes",
        "message_deliveries",
        "message_reads",
        "message_reactions",
        "message_edits",
        "messaging_referrals",
        "messaging_optins",
        "standby",
    ),
    # 300 a second for texts, 10 for sound and video: https://developers.facebook.com/docs/graph-api/overview/rate-limiting
    # more than 40 freeze the inbox of the page's people.
    limits=Limits(per_second=40, per_person_seconds=0.5, per_group_seconds=0.5),
    features=FEATURES,
)
