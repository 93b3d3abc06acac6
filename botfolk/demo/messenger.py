"""Messenger and Instagram in the demo: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events"""

from typing import Any

from botfolk.channels.contract import Channel
from botfolk.channels.instagram.fake import FakeInstagram
from botfolk.channels.messenger.fake import FakeMessenger
from botfolk.channels.messenger.fake_rules import Person
from botfolk.channels.meta.fake_graph import as_meta_writes
from botfolk.channels.meta.webhook import SIGNATURE_HEADER, signature
from botfolk.demo.kinds import Setup
from botfolk.demo.script import Act, Dweller
from botfolk.demo.served import PLACE, Delivery, Served, milliseconds


class DemoMessenger(Served):
    """People with a profile, some of whom followed a link of the shop's."""

    kind = "messenger"
    share = 8
    sends = "messages"
    shown = "Messenger"
    first_id = 7_100_000_000_000_000

    def __init__(self) -> None:
        self._fake = self.make()
        super().__init__(self._fake.handle, self._fake.scripts)
        self._fake.account.echoes = False

    def make(self) -> FakeMessenger:
        """Make the fake."""
        return _Page()

    def setup(self) -> Setup:
        """A page of nobody."""
        secrets = {"access_token": "the-demo-has-no-page", "app_secret": self._fake.hook.app_secret}
        return Setup(name=self.shown, secrets=secrets)

    def external_id(self, who: Dweller) -> str:
        """The id that the page knows them by."""
        return str(self.first_id + who.number)

    def block(self, who: Dweller) -> None:
        """They are not available to the page."""
        self._fake.people[self.external_id(who)].blocked = True

    def told(self, act: Act, channel: Channel, name: str) -> list[Any]:
        """An entry with what they did."""
        who = self._meet(act.who)
        if act.what in ("gets", "reads", "reacts", "taps") and not act.about:
            return []
        around = {"sender": {"id": who}, "recipient": {"id": self._fake.account.id}, "timestamp": milliseconds(act)}
        return [self._fake.entry([around | each]) for each in self._items(act, name)]

    def _meet(self, who: Dweller) -> str:
        person_id = self.external_id(who)
        if person_id not in self._fake.people:
            self._fake.people[person_id] = Person(
                id=person_id,
                first_name=who.first_name,
                last_name=who.last_name,
                name=f"{who.first_name} {who.last_name}",
                username=f"{who.first_name}.{who.number}".lower(),
            )
        return person_id

    def _items(self, act: Act, name: str) -> list[dict[str, Any]]:
        match act.what:
            case "gets":
                return [] if self.kind == "instagram" else [{"delivery": {"watermark": milliseconds(act)}}]
            case "reads":
                by_mid = self.kind == "instagram"
                return [{"read": {"mid": act.about} if by_mid else {"watermark": milliseconds(act)}}]
            case "reacts":
                return [{"reaction": {"mid": act.about, "action": "react", "emoji": "❤", "reaction": "love"}}]
        said = {"message": {"mid": f"m_{name}"} | self._said(act)}
        if act.what == "comes":
            came_by = {"ref": "spring-sale", "source": "SHORTLINK", "type": "OPEN_THREAD"}
            return [{"referral": came_by}, said]
        return [said]

    def _said(self, act: Act) -> dict[str, Any]:
        match act.what:
            case "photo":
                photo = {"attachments": [{"type": "image", "payload": {"url": self.photo(act)}}]}
                return photo | ({"text": act.text} if act.text else {})
            case "voice":
                return {"attachments": [{"type": "audio", "payload": {"url": f"{self._url}/files/voice.mp4"}}]}
            case "place" if self.kind == "messenger":
                where = {"lat": PLACE["latitude"], "long": PLACE["longitude"]}
                return {"attachments": [{"type": "location", "payload": {"coordinates": where}}]}
            case "taps":
                return {"text": "Yes, please", "quick_reply": {"payload": "yes"}}
        return {"text": act.text or "👍"}

    def signed(self, told: Any, act: Act, channel: Channel) -> Delivery:
        """By the app's secret."""
        body = as_meta_writes(told)
        return Delivery(body, {SIGNATURE_HEADER: signature(channel.secrets["app_secret"], body)})


class DemoInstagram(DemoMessenger):
    """People by their username."""

    kind = "instagram"
    share = 7
    shown = "Instagram"
    first_id = 8_200_000_000_000_000

    def make(self) -> FakeMessenger:
        """Make the fake."""
        fake = _Account()
        fake.account.id, fake.account.name = "17841400000000001", "Kopi & Co"
        return fake


class _Page(FakeMessenger):
    """It tells nothing of those it has not met, who would all be called the same: once the demo is looked at."""

    def person(self, person: str) -> Person:
        return self.people.get(person) or Person(id=person, profile=False)


class _Account(FakeInstagram):
    def person(self, person: str) -> Person:
        return self.people.get(person) or Person(id=person, profile=False)
