"""Who lives in the demo and what happens when: a list of acts in order of time, the same for the same seed."""

import random
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from botfolk.demo.stories import GROUP_TALK, GROUPS, TONGUES, Story, Tongue

_FIRST_ID = 700_000_000


class Dweller(Struct, frozen=True, kw_only=True):
    """A person or, with a title, a group."""

    chat_id: int
    first_name: str
    last_name: str
    language: str
    timezone: str
    title: str | None = None


class Act(Struct, frozen=True, kw_only=True):
    """Something that happens: what the person does, or what a member does about them."""

    at: datetime
    who: Dweller
    what: Literal["says", "photo", "sticker", "place", "edits", "reacts", "answer", "care", "infinite", "pause"]
    text: str = ""
    story: Story | None = None


def people(rng: random.Random, count: int) -> list[tuple[Dweller, Tongue]]:
    """Return so many people, and the groups, with the language they speak."""
    made: list[tuple[Dweller, Tongue]] = []
    for number in range(count):
        tongue = rng.choice(TONGUES)
        dweller = Dweller(
            chat_id=_FIRST_ID + number,
            first_name=rng.choice(tongue.first_names),
            last_name=rng.choice(tongue.last_names),
            language=tongue.language,
            timezone=rng.choice(tongue.timezones),
        )
        made.append((dweller, tongue))
    for number, title in enumerate(GROUPS[: max(1, count // 20)]):
        dweller = Dweller(
            chat_id=-(_FIRST_ID + number), first_name="", last_name="", language="en", timezone="UTC", title=title
        )
        made.append((dweller, TONGUES[0]))
    return made


def acts(seed: int, count: int, months: int, until: datetime) -> list[Act]:
    """Return everything that happens up to a moment, oldest first."""
    rng = random.Random(seed)  # noqa: S311 - a story, not a secret
    begin = until - timedelta(days=30 * months)
    found: list[Act] = []
    for dweller, tongue in people(rng, count):
        start = begin + (until - begin) * (rng.random() ** 0.6) * 0.97
        found += _group(rng, dweller, start) if dweller.title else _life(rng, dweller, tongue, start, until)
    return sorted((act for act in found if act.at < until), key=lambda act: act.at)


def _life(rng: random.Random, who: Dweller, tongue: Tongue, start: datetime, until: datetime) -> list[Act]:
    found = [Act(at=start, who=who, what="says", text=rng.choice(("/start", *tongue.small_talk)))]
    at = start
    for number in range(rng.randint(1, 4)):
        story = rng.choice(tongue.stories) if number % 2 == 0 else Story(tuple(rng.sample(tongue.small_talk, 2)))
        at += timedelta(minutes=rng.randint(1, 30))
        for line in story.lines:
            answer = line.startswith("> ")
            found.append(Act(at=at, who=who, what="answer" if answer else "says", text=line.removeprefix("> ")))
            at += timedelta(seconds=rng.randint(15, 400))
        if len(story.lines) > 2 and rng.random() < 0.8:
            found.append(Act(at=at, who=who, what="answer", text="😊"))
            at += timedelta(seconds=20)
        if story.tags or story.note:
            found.append(Act(at=at, who=who, what="care", story=story))
        extra = rng.choice(("photo", "sticker", "place", "edits", "reacts", "", ""))
        if extra:
            found.append(Act(at=at + timedelta(seconds=40), who=who, what=extra, text=tongue.small_talk[0]))  # type: ignore[arg-type]
        at += (until - at) * rng.random() * 0.8
    if rng.random() < 0.1:
        found.append(Act(at=at, who=who, what="infinite"))
    if rng.random() < 0.15:
        found.append(
            Act(at=until - timedelta(minutes=rng.randint(1, 8)), who=who, what="says", text=tongue.small_talk[-1])
        )
        found.append(Act(at=until - timedelta(seconds=rng.randint(5, 50)), who=who, what="pause"))
    return found


def _group(rng: random.Random, who: Dweller, start: datetime) -> list[Act]:
    return [
        Act(at=start + timedelta(minutes=7 * number), who=who, what="says", text=rng.choice(GROUP_TALK))
        for number in range(rng.randint(6, 14))
    ]
