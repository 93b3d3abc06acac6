"""Whose value stays when two profiles become one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from botfolk.users import edits as e
from botfolk.users.merge_rules import Held, Pair, default_of, edits_of
from botfolk.users.part_profile import edits_back
from botfolk.users.plan import Profile

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("this", "other", "stays"),
    [
        (("channel", NOON), ("channel", LATER), "this"),
        (("channel", LATER), ("member", NOON), "other"),
        (("member", NOON), ("channel", LATER), "this"),
        (("member", NOON), ("member", LATER), "other"),
        (("member", LATER), ("member", NOON), "this"),
        (("member", NOON), ("member", NOON), "this"),
        (("member", None), ("member", LATER), "this"),
        (("api", NOON), ("import", LATER), "this"),
    ],
)
def test_the_newer_of_what_members_set_stays_else_the_value_of_who_stays(
    this: tuple[str, datetime], other: tuple[str, datetime], stays: str
) -> None:
    assert default_of(Held("a", *this), Held("b", *other)) == stays


def pair(this: Profile, other: Profile) -> Pair:
    return Pair(this, other, {}, {})


def test_what_one_lacks_the_other_gives() -> None:
    this = Profile(fields={"email": None}, attributes={"plan": "gold"}, tags={"vip": "VIP"})
    picture = UUID(int=7)
    other = Profile(
        fields={"email": "a@b.co"}, attributes={"size": 4}, tags={"vip": "vip", "new": "New"}, picture_id=picture
    )
    assert edits_of(pair(this, other), {}, NOON) == [
        e.SetField("email", "a@b.co"), e.SetPicture(picture), e.SetAttribute("size", 4), e.AddTag("New")
    ]  # fmt: skip


def test_only_what_differs_is_asked() -> None:
    this = Profile(fields={"email": "a@b.co", "phone": "+1"}, attributes={"plan": 1})
    other = Profile(fields={"email": "a@b.co", "last_name": "Lee"}, attributes={"plan": True}, infinite_session=True)
    assert [question.field for question in pair(this, other).questions()] == ["attributes.plan", "infinite_session"]


def test_a_choice_wins_over_the_rule() -> None:
    this = Profile(fields={"email": "a@b.co"}, attributes={"plan": "gold"}, sources={"email": "member"})
    other = Profile(fields={"email": "c@d.co"}, attributes={"plan": "free"})
    choices = {"email": "other", "attributes.Plan": "other"}
    assert edits_of(pair(this, other), choices, NOON) == [  # type: ignore[arg-type]
        e.SetField("email", "c@d.co"), e.SetAttribute("plan", "free")
    ]  # fmt: skip


def test_a_choice_never_throws_away_what_only_one_has() -> None:
    this, other = Profile(fields={"email": None}), Profile(fields={"email": "c@d.co"})
    assert edits_of(pair(this, other), {"email": "this"}, NOON) == [e.SetField("email", "c@d.co")]


def test_choices_that_cannot_be_made_are_named() -> None:
    this, other = Profile(fields={"email": "a@b.co"}), Profile(fields={"email": "c@d.co"})
    with pytest.raises(e.InvalidEdit) as caught:
        edits_of(pair(this, other), {"emial": "this", "email": "mine"}, NOON)  # type: ignore[dict-item]
    assert set(caught.value.errors) == {"choices.emial", "choices.email"}


@pytest.mark.parametrize(
    ("ours", "theirs", "until"),
    [(None, LATER, LATER), (LATER, NOON + timedelta(minutes=1), None), (NOON, LATER, LATER), (None, NOON, None),
     (LATER, e.FOREVER, e.FOREVER)],
)  # fmt: skip
def test_the_longer_pause_goes_on(ours: datetime | None, theirs: datetime | None, until: datetime | None) -> None:
    edits = edits_of(pair(Profile(paused_until=ours), Profile(paused_until=theirs, pause_reason="talk")), {}, NOON)
    assert [edit.reason for edit in edits if isinstance(edit, e.PauseBot)] == (["talk"] if until else [])
    if until == e.FOREVER:
        assert isinstance(edits[0], e.PauseBot)
        assert edits[0].forever


def test_a_field_comes_back_unless_it_was_edited_since() -> None:
    merged = Profile(fields={"email": "c@d.co"}, attributes={"plan": "free"}, tags={"vip": "vip", "old": "old"})
    assert edits_back(merged, "email", None, "c@d.co", NOON) == [e.SetField("email", None)]
    assert edits_back(merged, "email", None, "x@y.co", NOON) == []
    assert edits_back(merged, "attributes.plan", "gold", "free", NOON) == [e.SetAttribute("plan", "gold")]
    assert edits_back(merged, "attributes.plan", None, "free", NOON) == [e.RemoveAttribute("plan")]
    assert edits_back(merged, "tags", ["old"], ["old", "new", "vip"], NOON) == [e.RemoveTag("vip")]
