"""WhatsApp in the demo. Shapes: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks"""

from typing import Any

from botfolk.channels.contract import Channel
from botfolk.channels.fake_scripts import Script
from botfolk.channels.meta.fake_graph import as_meta_writes
from botfolk.channels.meta.webhook import SIGNATURE_HEADER, signature
from botfolk.channels.telegram.fake_portrait import portrait
from botfolk.channels.whatsapp.fake import FakeWhatsApp
from botfolk.channels.whatsapp.fake_news import delivery, status_of
from botfolk.channels.whatsapp.fake_state import ACCOUNT_ID, DISPLAY_NUMBER, NUMBER_ID
from botfolk.demo.kinds import Setup
from botfolk.demo.script import Act, Dweller
from botfolk.demo.served import PLACE, Delivery, Served, speaker

_CAME_BY = {
    "source_url": "https://fb.me/kopi-demo",
    "source_type": "ad",
    "source_id": "120200000000001",
    "headline": "Fresh Gayo, roasted today",
    "body": "Write to us and get 10 % off your first bag.",
}
_UNDELIVERABLE = 131026


class DemoWhatsApp(Served):
    """People by their phone, some of whom an advertisement brought, and groups."""

    kind = "whatsapp"
    share = 9
    groups = True
    sends = "messages"

    def __init__(self) -> None:
        self._fake = FakeWhatsApp()
        super().__init__(self._fake.handle, self._fake.scripts)
        self._met: set[str] = set()

    def setup(self) -> Setup:
        """The number of the fake."""
        config = {"phone_number_id": NUMBER_ID, "business_account_id": ACCOUNT_ID}
        secrets = {"access_token": "the-demo-has-no-whatsapp", "app_secret": self._fake.hook.app_secret}
        return Setup(name="WhatsApp", config=config, secrets=secrets)

    def external_id(self, who: Dweller) -> str:
        """The phone's digits, or the group's id."""
        return f"demo-group-{who.number}" if who.title is not None else who.phone.removeprefix("+")

    def block(self, who: Dweller) -> None:
        """What is sent to them is undeliverable."""
        refusal = Script(method=self.sends, behaviour="refuse", error=_UNDELIVERABLE, chat_id=self.external_id(who))
        self._scripts.add(refusal)

    def told(self, act: Act, channel: Channel, name: str) -> list[Any]:
        """A change: what became of a message of ours, or a message."""
        who, at = self.external_id(act.who), str(int(act.at.timestamp()))
        if act.what in ("gets", "reads"):
            status = status_of(act.about, {"to": who}, "delivered" if act.what == "gets" else "read", None)
            status["statuses"][0]["timestamp"] = at
            return [delivery(status)] if act.about else []
        number, spoken = speaker(act)
        wa_id = f"1555300{number}" if act.who.title is not None else who
        message = {"from": wa_id, "id": f"wamid.{name}", "timestamp": at, **self._said(act)}
        if act.who.title is not None:
            message["group_id"] = who
        contact = {"profile": {"name": spoken}, "wa_id": wa_id}
        said = delivery({"contacts": [contact], "messages": [message]})
        if act.who.title is None or who in self._met:
            return [said]
        self._met.add(who)
        made = {"type": "group_create", "group_id": who, "subject": act.who.title, "timestamp": at}
        return [delivery({"groups": [made]}, "group_lifecycle_update"), said]

    def _said(self, act: Act) -> dict[str, Any]:
        match act.what:
            case "photo":
                kept = self._fake.state.keep(portrait(f"parcel{act.who.number}"), "image/jpeg")
                return {"type": "image", "image": {"mime_type": "image/jpeg", "id": kept, "caption": act.text}}
            case "voice":
                return {"type": "audio", "audio": {"mime_type": "audio/ogg; codecs=opus", "id": "1", "voice": True}}
            case "place":
                return {"type": "location", "location": PLACE}
            case "reacts" if act.about:
                return {"type": "reaction", "reaction": {"message_id": act.about, "emoji": "❤️"}}
            case "taps" if act.about:
                reply = {"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes, please"}}
                context = {"from": DISPLAY_NUMBER, "id": act.about}
                return {"type": "interactive", "interactive": reply, "context": context}
        text = {"type": "text", "text": {"body": act.text or "👍"}}
        return text | {"referral": _CAME_BY} if act.what == "comes" else text

    def signed(self, told: Any, act: Act, channel: Channel) -> Delivery:
        """By the app's secret."""
        body = as_meta_writes(told)
        return Delivery(body, {SIGNATURE_HEADER: signature(channel.secrets["app_secret"], body)})
