"""Teams in the demo, by Bot Framework activities."""

import time
from typing import Any

import msgspec

from botfolk.channels.botframework.fake import FakeBotFramework
from botfolk.channels.botframework.fake_activities import React, Read, Say, Tap
from botfolk.channels.botframework.fake_state import APP_ID, Person, State
from botfolk.channels.contract import Channel
from botfolk.demo.kinds import Setup
from botfolk.demo.script import Act, Dweller
from botfolk.demo.served import PLACE, Delivery, Served, speaker

_ISSUER = "https://api.botframework.com"


class DemoTeams(Served):
    """Colleagues of a customer: their organisation knows name and email, their app the timezone; and group chats."""

    kind = "botframework"
    share = 8
    groups = True
    sends = "send"

    def __init__(self) -> None:
        self._fake = FakeBotFramework(state=_State())
        super().__init__(self._fake.handle, self._fake.state.scripts)

    def reached_at(self, url: str) -> dict[str, Any]:
        """It is the service, its sign-in, and where its keys and files are."""
        self._url = url
        return {
            "metadata_url": f"{url}/v1/.well-known/openidconfiguration",
            "token_url": f"{url}/{{tenant}}/oauth2/v2.0/token",
            "service_hosts": [url],
            "file_hosts": [url],
        }

    def setup(self) -> Setup:
        """An app of nobody."""
        return Setup(name="Teams", config={"app_id": APP_ID}, secrets={"password": "the-demo-has-no-app"})

    def external_id(self, who: Dweller) -> str:
        """The person's id with the app, or that of the group chat."""
        return f"19:demo{who.number}@thread.v2" if who.title is not None else f"29:demo{who.number}"

    def block(self, who: Dweller) -> None:
        """They took the app away."""
        self._fake.state.people[self.external_id(who)].blocked = True

    def told(self, act: Act, channel: Channel, name: str) -> list[Any]:
        """An activity."""
        number, spoken = speaker(act)
        is_group = act.who.title is not None
        user = f"29:demo{number}" if is_group else self._meet(act.who)
        who: dict[str, Any] = {"user": user, "name": spoken, "at": act.at.isoformat()}
        if is_group:
            who |= {"group": self.external_id(act.who), "title": act.who.title}
        else:
            who |= {"timezone": act.who.timezone, "locale": act.who.language}
        made = self._activity(act, who)
        return [] if made is None else [made | {"serviceUrl": f"{self._url}/amer/"}]

    def _meet(self, who: Dweller) -> str:
        user = self.external_id(who)
        if user not in self._fake.state.people:
            self._fake.state.people[user] = Person(
                id=user,
                name=f"{who.first_name} {who.last_name}",
                given_name=who.first_name,
                surname=who.last_name,
                email=who.email,
            )
        return user

    def _activity(self, act: Act, who: dict[str, Any]) -> dict[str, Any] | None:
        state, number = self._fake.state, act.about.rpartition(":")[2]
        match act.what:
            case "gets":
                return None
            case "reads":
                return Read(number=number, **who).activity(state) if number else None
            case "reacts" if number:
                return React(number=number, added=["heart"], **who).activity(state)
            case "taps" if number:
                value = {"data": "yes", "title": "Yes, please"}
                return Tap(value=value, number=number, **who).activity(state) | {"text": "Yes, please"}
            case "photo":
                photo = {"contentType": "image/jpeg", "contentUrl": self.photo(act), "name": "photo.jpg"}
                return Say(text=act.text, attachments=[photo], **who).activity(state)
            case "place":
                place = {"type": "Place", "geo": {"type": "GeoCoordinates", **PLACE}}
                return Say(**who).activity(state) | {"entities": [place]}
        return Say(text=act.text or "👍", **who).activity(state)

    def signed(self, told: Any, act: Act, channel: Channel) -> Delivery:
        """By a token of the service's, which was good then and is good now."""
        claims = {"iss": _ISSUER, "aud": APP_ID, "serviceurl": told["serviceUrl"]}
        times = {"nbf": int(act.at.timestamp()), "exp": int(time.time()) + 3600}
        token = self._fake.state.signer.token(claims | times)
        return Delivery(msgspec.json.encode(told), {"authorization": f"Bearer {token}"})


class _State(State):
    """It tells nothing of those it has not met, who would all be called the same: once the demo is looked at."""

    def person(self, user_id: str) -> Person:
        return self.people.get(user_id) or Person(
            id=user_id, name="", given_name=None, surname=None, email=None, principal=None
        )
