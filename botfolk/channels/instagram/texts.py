"""What a member types and does to connect an Instagram account."""

from botfolk.channels.messenger.texts import HUMAN_AGENT
from botfolk.channels.meta.setting import ACCESS_TOKEN, API_BASE_FIELD, API_VERSION_FIELD
from botfolk.channels.meta.webhook import APP_SECRET, SUBSCRIBE, VERIFY_TOKEN
from botfolk.channels.setup import SetupField, Step

FIELDS = (
    SetupField(
        name=ACCESS_TOKEN,
        label="Access token",
        help="In the app's dashboard: Instagram → API setup → Generate token. It begins with IG; one of the Facebook "
        "page that the account is linked to (it begins with EAA) does as well.",
        secret=True,
    ),
    APP_SECRET,
    HUMAN_AGENT,
    API_BASE_FIELD,
    API_VERSION_FIELD,
)
STEPS = (
    Step(text="The account must be a professional one (business or creator)."),
    Step(text="In the app: Settings → Messages and story replies → Message controls → Allow access to messages."),
    Step(text="At developers.facebook.com/apps create an app and add the product Instagram; add the account to it."),
    Step(text="Generate the account's access token and copy it. With Instagram's login it lasts 60 days."),
    Step(
        text="Copy the app secret: of the Instagram app (API setup) with Instagram's login, else App settings → Basic."
    ),
    SUBSCRIBE,
    VERIFY_TOKEN,
    Step(
        text="Subscribe there to messages, messaging_postbacks, messaging_seen, messaging_referral, message_reactions "
        "and standby.",
        when="after",
    ),
)
