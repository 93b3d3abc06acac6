"""What the Messenger Platform's own errors mean (https://developers.facebook.com/docs/messenger-platform/error-codes)."""

from botfolk.channels.contract import Failed, Later
from botfolk.channels.meta.refusals import Refusals

_WINDOW = "more than 24 hours have passed since the person's last message: Meta takes nothing until they write again"
_BLOCKED = Failed(
    reason="the person does not take messages from you: they have blocked you, or turned messages off",
    unreachable=True,
    state="blocked",
)
_GONE = Failed(reason="Meta does not know this person (any more)", unreachable=True)
_FILE = Failed(reason="Meta could not take the file: it is too large, of a kind it does not know, or cannot be fetched")

REFUSALS: Refusals = {
    (4, 2018022): Later(reason="Meta asks to wait: too many messages to phone numbers", after=60.0, whole_channel=True),
    (9, None): Later(reason="Meta asks to wait: too many messages to this person", after=60.0),
    (10, 2018065): Failed(reason=_WINDOW),
    (10, 2018108): Failed(reason="Meta does not let you write to this person now"),
    (10, 2018278): Failed(reason=_WINDOW),
    (10, 2534022): Failed(reason=_WINDOW),
    (10, 1893063): Failed(
        reason="Meta has restricted the page from sending: read why in the page's support inbox", channel_broken=True
    ),
    (10, 2018300): Failed(reason="another app has this conversation now: take it over there, or in the page's inbox"),
    # It may be the person or the page that the token does not reach: nobody is called gone for that.
    (100, 33): Failed(reason="Meta does not know this person, or the access token does not reach them"),
    (100, 2018001): _GONE,
    (100, 2018008): _FILE,
    (100, 2018047): _FILE,
    (100, 2018109): _FILE,
    (100, 2018294): _FILE,
    (100, 2534014): _GONE,
    (200, 1545041): _BLOCKED,
    (200, 2018028): Failed(
        reason="the app is not live yet: it may write only to people with a role in it (admins, developers, testers)"
    ),
    (551, None): _BLOCKED,
    (1200, None): Later(reason="Meta cannot take it now"),
    (80006, None): Later(
        reason="Meta asks to wait: too many messages for the people the page talks with", after=60.0, whole_channel=True
    ),
}

NO_HUMAN_AGENT = Failed(
    reason="more than 24 hours have passed since the person's last message, and Meta has not given the app the feature "
    "“Human Agent”, by which members may answer for seven days"
)
"""What a refused permission means where the message went as a member's late answer"""

WINDOW_PASSED = Failed(reason=_WINDOW)
