"""SMS in the demo: https://www.twilio.com/docs/messaging/guides/webhook-request"""

from hashlib import sha256
from typing import Any

from botfolk.channels.contract import Channel
from botfolk.channels.twilio.fake import FakeTwilio
from botfolk.channels.twilio.fake_state import ACCOUNT, NUMBER, Person
from botfolk.channels.twilio.signature import HEADER, sign
from botfolk.demo.kinds import Setup
from botfolk.demo.script import STOP, Act, Dweller
from botfolk.demo.served import Delivery, Served
from botfolk.outgoing.forms import urlencoded

_TOKEN = "the-demo-has-no-account-at-twilio"  # noqa: S105 - of nobody
_CARRIER_BLOCKS = 30004


class DemoTwilio(Served):
    """People by their phone alone, one of whom says STOP."""

    kind = "twilio"
    share = 8
    sends = "send"

    def __init__(self) -> None:
        self._fake = FakeTwilio()
        super().__init__(self._fake.handle, self._fake.state.scripts)

    def reached_at(self, url: str) -> dict[str, Any]:
        """All its addresses are one."""
        self._url = url
        return dict.fromkeys(("api_base", "messaging_base", "content_base"), url)

    def setup(self) -> Setup:
        """The number of the fake."""
        return Setup(name="SMS", config={"account_sid": ACCOUNT, "sender": NUMBER}, secrets={"auth_token": _TOKEN})

    def external_id(self, who: Dweller) -> str:
        """The phone."""
        return who.phone

    def block(self, who: Dweller) -> None:
        """The carrier blocks it."""
        self._fake.state.people[who.phone] = Person(id=who.phone, error=_CARRIER_BLOCKS)

    def told(self, act: Act, channel: Channel, name: str) -> list[Any]:
        """The fields of a form."""
        sid = "SM" + sha256(name.encode()).hexdigest()[:32]
        if act.what in ("gets", "reads"):
            status = {"MessageSid": act.about, "MessageStatus": "delivered", "To": act.who.phone, "From": NUMBER}
            return [status] if act.about else []
        fields = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": act.who.phone, "To": NUMBER, "NumMedia": "0"}
        if act.what == "photo":
            photo = {"NumMedia": "1", "MediaUrl0": self.photo(act), "MediaContentType0": "image/jpeg"}
            return [fields | photo | {"Body": act.text}]
        if act.text == STOP:
            self._fake.state.people[act.who.phone] = Person(id=act.who.phone, opted_out=True)
            return [fields | {"Body": STOP, "OptOutType": "STOP"}]
        # Buttons are numbered lines here.
        return [fields | {"Body": "1" if act.what == "taps" else act.text or "👍"}]

    def signed(self, told: Any, act: Act, channel: Channel) -> Delivery:
        """By the account's token."""
        header = sign(_TOKEN, str(channel.config["hook_url"]), told.items())
        body = urlencoded(told)
        return Delivery(body.content, {HEADER: header, "content-type": body.content_type})
