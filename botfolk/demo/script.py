"""Who lives in the demo and what happens when: a list of acts in order of time, the same for the same seed."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct, structs

from botfolk.demo.stories import GROUP_TALK, GROUPS, TONGUES, Story, Tongue

What = Literal[
    "says", "comes", "photo", "voice", "sticker", "place", "edits", "reacts", "gives", "taps", "gets", "reads",
    "opens", "answer", "asks", "offers", "care", "infinite", "pause", "blocked", "lost",
]  # fmt: skip
OF_THE_TEAM = frozenset({"answer", "asks", "offers", "care", "infinite", "pause", "blocked", "lost"})
ABOUT_OURS = frozenset({"taps", "reacts", "gets", "reads"})
STOP = "STOP"
_PAGES = ("menu", "delivery", "beans")
"""of the shop, to which the team sends links"""
_READ_FOR = (1, 15)
"""Seconds after which who opens a link does so, the most eager twice."""
_TWINS = (("whatsapp", "twilio"), ("webchat", "botframework"))


class Dweller(Struct, frozen=True, kw_only=True):
    """A person or, with a title, a group, on a kind of channel. `known`: a web chat's host page vouches for them."""

    number: int
    kind: str
    first_name: str
    last_name: str
    language: str
    timezone: str
    title: str | None = None
    known: bool = False
    nth: int = 0
    """how many others of the kind there are before them"""
    twin: int | None = None
    """the number of whom they are on another channel, too"""

    @property
    def email(self) -> str:
        """Where they could be written to, if there were such a place."""
        return f"{self.language}.{self._contact}@people.example"

    @property
    def phone(self) -> str:
        """Their number, in an area that has none."""
        return f"+1555{2_000_000 + self._contact}"

    @property
    def _contact(self) -> int:
        return self.number if self.twin is None else self.twin


class Act(Struct, frozen=True, kw_only=True):
    """Something that happens: what the person does, or what a member does about them.

    comes: by a link or an advertisement. gives: their email, when asked; taps: the button "Yes, please"; gets, reads:
    what was last said to them; opens: the last link they were sent. asks, offers: a member's text with a button that
    asks for an email, or with two to choose from. blocked, lost: what a member writes meets trouble on its way.
    """

    at: datetime
    who: Dweller
    what: What
    text: str = ""
    story: Story | None = None
    about: str = ""
    """the service's name of what was last said to them, for what is `ABOUT_OURS`"""


def is_served(who: Dweller) -> bool:
    """Say whether their channel tells what arrives and is read, and answers only who wrote of late."""
    return who.kind not in ("telegram", "webchat")


def people(
    rng: random.Random, count: int, shares: Mapping[str, int], grouping: Sequence[str]
) -> list[tuple[Dweller, Tongue]]:
    """Return so many people, and the groups (of the kinds `grouping`), with the language they speak. `shares`: how many
    of a hundred use which kind; of each there are some at least."""
    made: list[tuple[Dweller, Tongue]] = []
    seen: Counter[str] = Counter()
    some = [*shares] * 2
    for number in range(count):
        tongue = rng.choice(TONGUES)
        kind = some[number] if number < len(some) else rng.choices([*shares], [*shares.values()])[0]
        dweller = Dweller(
            number=number,
            kind=kind,
            nth=seen[kind],
            first_name=rng.choice(tongue.first_names),
            last_name=rng.choice(tongue.last_names),
            language=tongue.language,
            timezone=rng.choice(tongue.timezones),
            known=rng.random() < 0.4,
        )
        seen[kind] += 1
        made.append((dweller, tongue))
    _pair(made)
    for number, title in enumerate(GROUPS[: max(len(grouping), count // 20)]):
        kind = grouping[number % len(grouping)]
        dweller = Dweller(
            number=number, kind=kind, first_name="", last_name="", language="en", timezone="UTC", title=title
        )
        made.append((dweller, TONGUES[0]))
    return made


def _pair(made: list[tuple[Dweller, Tongue]]) -> None:
    """Let some be one person on two channels, with the same phone and email on both."""
    first = {who.kind: who for who, _ in made if who.nth == 0}
    for one, other in ((first.get(one), first.get(other)) for one, other in _TWINS):
        if one is None or other is None:
            continue
        tongue = made[one.number][1]
        one = structs.replace(one, known=True)
        made[one.number] = one, tongue
        made[other.number] = structs.replace(one, number=other.number, kind=other.kind, twin=one.number), tongue


def acts(
    seed: int, count: int, months: int, until: datetime, shares: Mapping[str, int], grouping: Sequence[str]
) -> list[Act]:
    """Return everything that happens up to a moment, oldest first."""
    rng = random.Random(seed)  # noqa: S311 - a story, not a secret
    begin = until - timedelta(days=30 * months)
    found: list[Act] = []
    for dweller, tongue in people(rng, count, shares, grouping):
        start = begin + (until - begin) * (rng.random() ** 0.6) * 0.97
        found += _group(rng, dweller, start) if dweller.title else _life(rng, dweller, tongue, start, until)
    return sorted((act for act in found if act.at < until), key=lambda act: act.at)


def _life(rng: random.Random, who: Dweller, tongue: Tongue, start: datetime, until: datetime) -> list[Act]:
    begins = "/start" if who.kind == "telegram" and rng.random() < 0.5 else rng.choice(tongue.small_talk)
    found = [Act(at=start, who=who, what="comes" if who.nth == 0 else "says", text=begins)]
    at = start
    for number in range(rng.randint(1, 4)):
        story = rng.choice(tongue.stories) if number % 2 == 0 else Story(tuple(rng.sample(tongue.small_talk, 2)))
        at += timedelta(minutes=rng.randint(1, 30))
        told = list(_told(rng, who, tongue, story, at, is_first=number == 0))
        found += told
        at = told[-1].at + (until - told[-1].at) * rng.random() * 0.8
    if rng.random() < 0.1:
        found.append(Act(at=at, who=who, what="infinite"))
    return found + list(_end(rng, who, tongue, at, until))


def _told(
    rng: random.Random, who: Dweller, tongue: Tongue, story: Story, at: datetime, *, is_first: bool
) -> Iterator[Act]:
    """One conversation, and what comes of it."""
    for line in story.lines:
        answer = line.startswith("> ")
        yield Act(at=at, who=who, what="answer" if answer else "says", text=line.removeprefix("> "))
        at += timedelta(seconds=rng.randint(15, 400))
    if who.kind != "telegram" and len(story.lines) > 2:
        for what in ("asks", "gives") if who.kind == "webchat" and rng.random() < 0.6 else ("offers", "taps"):
            yield Act(at=at, who=who, what=what, text=tongue.asks if what == "asks" else tongue.offers)
            at += timedelta(seconds=rng.randint(10, 60))
    if len(story.lines) > 2 and rng.random() < 0.8:
        linked = who.number % 2 == 0
        text = f"https://kopi.example/{_PAGES[who.number % len(_PAGES)]} 😊" if linked else "😊"
        yield Act(at=at, who=who, what="answer", text=text)
        at += timedelta(seconds=20)
        for seconds in (_READ_FOR if linked else ())[who.number % 3 :]:
            yield Act(at=at + timedelta(seconds=seconds), who=who, what="opens")
    if story.tags or story.note:
        yield Act(at=at, who=who, what="care", story=story)
    if is_served(who):
        yield Act(at=at + timedelta(seconds=25), who=who, what="reads" if is_first or rng.random() < 0.5 else "gets")
    extra = rng.choice(("photo", "voice" if is_served(who) else "sticker", "place", "edits", "reacts", "", ""))
    if is_served(who) and is_first and who.nth < 2:
        extra = ("photo", "voice")[who.nth]
    yield Act(at=at + timedelta(seconds=40), who=who, what=extra or "says", text=rng.choice(tongue.small_talk))  # type: ignore[arg-type]


def _end(rng: random.Random, who: Dweller, tongue: Tongue, at: datetime, until: datetime) -> Iterator[Act]:
    """How it stands with some at last: they wait for a human, or what was written to them did not arrive."""
    # Of each service one at least has blocked the bot, and to one something was lost.
    chance = rng.random() if who.nth != 1 else 0.2 if is_served(who) else 0.25
    now = until - timedelta(minutes=rng.randint(1, 8))
    if chance < 0.15:
        yield Act(at=now, who=who, what="says", text=tongue.small_talk[-1])
        yield Act(at=now + timedelta(seconds=rng.randint(5, 30)), who=who, what="pause")
        later = now + timedelta(seconds=rng.randint(35, 58))
        yield Act(at=later, who=who, what="says", text=rng.choice(tongue.small_talk))
    elif chance < 0.28 and who.kind != "webchat":
        trouble: What = "blocked" if chance < 0.22 else "lost"
        late = until - (until - at) * rng.random() * 0.5
        if is_served(who):
            # Services answer nobody who has not written of late.
            words = STOP if who.kind == "twilio" and who.nth == 1 else tongue.small_talk[0]
            yield Act(at=late - timedelta(minutes=5), who=who, what="says", text=words)
        yield Act(at=late, who=who, what=trouble, text=tongue.offers)


def _group(rng: random.Random, who: Dweller, start: datetime) -> list[Act]:
    return [
        Act(at=start + timedelta(minutes=7 * number), who=who, what="says", text=rng.choice(GROUP_TALK))
        for number in range(rng.randint(6, 14))
    ]
