"""Until when a person may be written to."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from botfolk.channels.contract import Features
from botfolk.conversations.composing import compose
from botfolk.ids import new_id
from botfolk.outbox.queue import CannotSend, Load, Way, choose
from botfolk.outbox.window import OUTSIDE, OUTSIDE_WITHOUT_TEMPLATES, closed, closes_at

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, WEEK = timedelta(hours=24), timedelta(days=7)
WHATSAPP, MESSENGER = Features(window=DAY, templates=True), Features(window=DAY, member_window=WEEK)


@pytest.mark.parametrize(
    ("features", "hours", "by_member", "is_template", "why"),
    [
        (Features(), 10_000, False, False, None),
        (WHATSAPP, 23.99, True, False, None),
        (WHATSAPP, 24, True, False, OUTSIDE),
        (WHATSAPP, 24, True, True, None),
        (MESSENGER, 24, True, False, None),
        (MESSENGER, 24, False, False, OUTSIDE_WITHOUT_TEMPLATES),
        (MESSENGER, 24 * 7, True, False, OUTSIDE_WITHOUT_TEMPLATES),
        (MESSENGER, 24 * 7, True, True, OUTSIDE_WITHOUT_TEMPLATES),
    ],
)
def test_the_window_is_the_services(
    features: Features, hours: float, by_member: bool, is_template: bool, why: str | None
) -> None:
    heard_at = NOW - timedelta(hours=hours)
    assert closed(features, heard_at, NOW, by_member=by_member, is_template=is_template) == why


def test_who_never_wrote_can_only_be_sent_a_template() -> None:
    assert closed(WHATSAPP, None, NOW, by_member=True) == OUTSIDE
    assert closed(WHATSAPP, None, NOW, by_member=True, is_template=True) is None
    assert closes_at(WHATSAPP, None, by_member=True) is None


def a_way(kind: str, hours: float | None, state: str = "active") -> Way:
    """A way to somebody who wrote some hours ago."""
    return Way(
        identity_id=new_id(),
        channel_id=new_id(),
        channel_name=kind,
        channel_enabled=True,
        state=state,
        state_reason=None,
        kind=kind,
        heard_at=None if hours is None else NOW - timedelta(hours=hours),
    )


def test_of_what_twilio_carries_only_whatsapp_has_a_window() -> None:
    ways = [msgspec.structs.replace(a_way("twilio", 30), external_id=each) for each in ("whatsapp:+60123", "+60123")]
    with pytest.raises(CannotSend) as refused:
        choose(ways[:1], None, Load(), NOW)
    assert str(refused.value) == OUTSIDE
    assert choose(ways[:1], None, Load(is_template=True), NOW) == ways[0]
    assert choose(ways[1:], None, Load(), NOW) == ways[1]
    assert compose(ways, status="active", channel_id=ways[0].channel_id, now=NOW).obstacle == f"{OUTSIDE}."


def test_a_reply_takes_the_first_way_that_is_open() -> None:
    late, other = a_way("whatsapp", 30), a_way("telegram", 40)
    assert choose([late, other], None, Load(), NOW) == other
    assert choose([late, other], None, Load(is_template=True), NOW) == late
    with pytest.raises(CannotSend, match="too long ago"):
        choose([late, other], late.channel_id, Load(), NOW)
    with pytest.raises(CannotSend, match="has no templates"):
        choose([other], None, Load(is_template=True), NOW)


@pytest.mark.parametrize(("size", "words"), [(20_000_000, None), (20_000_001, "up to 20 MB")])
def test_a_file_larger_than_the_channel_takes_is_refused_at_once(size: int, words: str | None) -> None:
    way = a_way("telegram", 1)
    if words is None:
        assert choose([way], None, Load(largest_file=size), NOW) == way
        return
    with pytest.raises(CannotSend, match=words):
        choose([way], None, Load(largest_file=size), NOW)


def test_the_composer_counts_down_by_the_channel_the_reply_goes_to() -> None:
    soon, late, gone = a_way("whatsapp", 20.8), a_way("messenger", 30), a_way("telegram", 1, state="blocked")
    shown = compose([gone, soon, late], status="active", channel_id=None, now=NOW)
    assert shown.chosen is not None
    assert (shown.chosen.channel_id, shown.obstacle) == (soon.channel_id, None)
    assert shown.chosen.seconds_left == pytest.approx(3.2 * 3600)
    assert [way.obstacle is None for way in shown.ways] == [False, True, True]
    chosen = compose([gone, soon, late], status="active", channel_id=late.channel_id, now=NOW).chosen
    assert chosen is not None
    assert chosen.seconds_left == pytest.approx(138 * 3600)


def test_the_composer_says_why_nothing_can_be_written() -> None:
    late = a_way("whatsapp", 30)
    shown = compose([late], status="active", channel_id=None, now=NOW)
    assert shown.obstacle == f"{OUTSIDE}."
    assert shown.chosen is not None
    assert shown.chosen.has_templates
    assert shown.chosen.closes_at is None
    blocked = compose([late], status="blocked", channel_id=None, now=NOW)
    assert blocked.obstacle == "This user is blocked: nothing is sent to them."
    assert blocked.chosen is not None
    assert not blocked.chosen.has_templates
    assert compose([], status="active", channel_id=None, now=NOW).obstacle == "This user has no channel to answer on."
