"""Meta's webhooks: who delivers, and how an address proves itself ours.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

from hmac import compare_digest
from hmac import digest as hmac_digest

from botfolk.channels.contract import Channel
from botfolk.channels.requests import Answer, Request
from botfolk.channels.setup import SetupField, Step, accepted

SIGNATURE_HEADER = "x-hub-signature-256"

APP_SECRET = SetupField(
    name="app_secret",
    label="App secret",
    help="In the app's dashboard: App settings → Basic → App secret → Show. It proves that a delivery is Meta's.",
    secret=True,
)
MADE = ("verify_token",)
"""The secret that we make: what Meta sends back when it asks whether the address is ours."""

SUBSCRIBE = Step(
    text="In the app's dashboard give this as the webhook's callback URL",
    copy="hook_url",
    when="after",
)
VERIFY_TOKEN = Step(text="and this as its verify token, then save", copy="verify_token", when="after")

_MOST_CHALLENGE = 256


def signature(app_secret: str, body: bytes) -> str:
    """Return the signature header of a body: over the bytes as they are, since Meta's JSON cannot be made again."""
    return "sha256=" + hmac_digest(app_secret.encode(), body, "sha256").hex()


def verify(channel: Channel, request: Request) -> bool:
    """Compare the SHA-256 signature in constant time. The older SHA-1 one proves nothing; nor does no secret."""
    given = request.headers.get(SIGNATURE_HEADER, "").encode("utf-8", "surrogatepass")
    secrets = accepted(channel.secrets, "app_secret")
    return any(compare_digest(signature(secret, request.body).encode(), given) for secret in secrets)


def greet(channel: Channel, request: Request) -> Answer | None:
    """Answer Meta's question whether this address is ours, by echoing its challenge; None: it does not ask that."""
    asked = request.query
    if "hub.mode" not in asked and "hub.verify_token" not in asked:
        return None
    token = asked.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
    known = any(compare_digest(ours.encode(), token) for ours in accepted(channel.secrets, "verify_token"))
    challenge = asked.get("hub.challenge", "")
    if asked.get("hub.mode") != "subscribe" or not known or not 0 < len(challenge) <= _MOST_CHALLENGE:
        return Answer(status=403, text="The verify token is not this channel's.")
    return Answer(text=challenge)
