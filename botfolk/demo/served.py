"""What the demo's kinds with a service of their own have in common: acts become signed deliveries to the webhook, and a
fake stands in for the service, with the photos that people of the demo send."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from itertools import count
from typing import Any

from msgspec import Struct

from botfolk.channels.contract import Channel
from botfolk.channels.fake_scripts import Script, Scripts
from botfolk.channels.faking import Handler, Reply
from botfolk.channels.faking import Request as Asked
from botfolk.channels.telegram.fake_portrait import portrait
from botfolk.demo.kinds import Request, Setup, Trouble
from botfolk.demo.script import Act, Dweller

PLACE = {"latitude": 3.139, "longitude": 101.6869}
SPEAKERS = ("Ann", "Ben", "Chloe", "Dan")
_PHOTOS = "/demo/"


class Delivery(Struct, frozen=True):
    """A request that the service makes."""

    body: bytes
    headers: Mapping[str, str]


class Served(ABC):
    """A kind of the demo; a subclass says how an act reads in the service's own words, and how it is signed."""

    kind: str
    share: int
    groups = False
    sends: str
    """the method by which the fake is asked to send"""

    def __init__(self, answer: Handler, scripts: Scripts) -> None:
        """`answer` is the fake's, `scripts` how its next calls go."""
        self._answer, self._scripts = answer, scripts
        self._url = ""
        self._numbers = count(1)

    @abstractmethod
    def setup(self) -> Setup:
        """Return what the channel is connected with."""

    @abstractmethod
    def external_id(self, who: Dweller) -> str:
        """Return a person's id on the channel."""

    @abstractmethod
    def block(self, who: Dweller) -> None:
        """Let the fake refuse what is sent to somebody."""

    @abstractmethod
    def told(self, act: Act, channel: Channel, name: str) -> list[Any]:
        """Return what the service delivers of an act; a new message is called `name`."""

    @abstractmethod
    def signed(self, told: Any, act: Act, channel: Channel) -> Delivery:
        """Return it as it is delivered."""

    def fake(self) -> Handler | None:
        """The fake of the service, with the photos."""
        return self._handle

    async def _handle(self, request: Asked) -> Reply:
        if request.path.startswith(_PHOTOS):
            return Reply(body=portrait(request.path.removeprefix(_PHOTOS)), content_type="image/jpeg")
        return await self._answer(request)

    def reached_at(self, url: str) -> dict[str, Any]:
        """Its address is that of the API."""
        self._url = url
        return {"api_base": url}

    async def deliver(self, act: Act, channel: Channel, request: Request) -> bool:
        """Deliver what an act comes to."""
        name = f"demo{act.who.number}-{next(self._numbers)}"
        taken = True
        for told in self.told(act, channel, name):
            delivery = self.signed(told, act, channel)
            status, _ = await request("POST", f"/hooks/{channel.id}", delivery.headers, delivery.body)
            taken = taken and 200 <= status < 300
        return taken

    def trouble(self, who: Dweller, what: Trouble) -> None:
        """Let the fake refuse, or lose its answer."""
        if what == "blocked":
            self.block(who)
        else:
            self._scripts.add(Script(method=self.sends, behaviour="drop", chat_id=self.external_id(who)))

    def photo(self, act: Act) -> str:
        """Return the address of a photo that somebody sends."""
        return f"{self._url}{_PHOTOS}parcel{act.who.number}"


def milliseconds(act: Act) -> int:
    """Return when an act happens."""
    return int(act.at.timestamp() * 1000)


def speaker(act: Act) -> tuple[int, str]:
    """Return the number and name of who speaks: in a group somebody else each time."""
    who = act.who
    if who.title is None:
        return who.number, f"{who.first_name} {who.last_name}"
    number = sum(map(ord, act.text)) % len(SPEAKERS)
    return 9000 + number, SPEAKERS[number]
