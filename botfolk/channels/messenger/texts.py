"""What a member types and does to connect a page."""

from botfolk.channels.meta.setting import ACCESS_TOKEN, API_BASE_FIELD, API_VERSION_FIELD
from botfolk.channels.meta.webhook import APP_SECRET, SUBSCRIBE, VERIFY_TOKEN
from botfolk.channels.setup import SetupField, Step

HUMAN_AGENT = SetupField(
    name="human_agent",
    label="Members may answer for seven days",
    help="“yes” when Meta has given the app the feature Human Agent. Otherwise nothing goes out 24 hours after a "
    "person's last message.",
    required=False,
)
FIELDS = (
    SetupField(
        name=ACCESS_TOKEN,
        label="Page access token",
        help="In the app's dashboard: Messenger → Settings → Access tokens → Generate, for the page.",
        secret=True,
    ),
    APP_SECRET,
    HUMAN_AGENT,
    API_BASE_FIELD,
    API_VERSION_FIELD,
)
STEPS = (
    Step(text="At developers.facebook.com/apps create an app of the type Business and add the product Messenger."),
    Step(text="Under Messenger → Settings add the page and generate its access token; copy it."),
    Step(text="Under App settings → Basic copy the app secret."),
    SUBSCRIBE,
    VERIFY_TOKEN,
    Step(
        text="Ask Meta (App review) for pages_messaging, pages_manage_metadata and Business Asset User Profile Access; "
        "until then only people with a role in the app can be answered, and names and pictures stay empty.",
        when="after",
    ),
)
