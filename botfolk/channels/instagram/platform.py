"""The data in which Instagram differs from Messenger."""

from botfolk.channels.contract import Limits
from botfolk.channels.messenger.platform import FEATURES, Platform


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


INSTAGRAM = Platform(
    kind="instagram",
    label="Instagram",
    object="instagram",
    # https://developers.facebook.com/docs/messenger-platform/instagram/features/send-message: 1000 bytes of UTF-8,
    # images of 8 MB, which it fetches by their address
    max_text=1000,
    measure=_bytes,
    returns_metadata=False,
    uploads=False,
    image_bytes=8_000_000,
    # https://developers.facebook.com/docs/messenger-platform/instagram/features/user-profile
    basic_fields=("name", "username"),
    optional_fields=(),
    # https://developers.facebook.com/docs/instagram-platform/webhooks; echoes come with the messages
    subscribed_fields=(
        "messages",
        "messaging_postbacks",
        "messaging_seen",
        "messaging_referral",
        "message_reactions",
        "standby",
    ),
    # 100 a second for texts, 10 for sound and video: https://developers.facebook.com/docs/graph-api/overview/rate-limiting
    limits=Limits(per_second=40, per_person_seconds=0.5, per_group_seconds=0.5),
    features=FEATURES,
)
