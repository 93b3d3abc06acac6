"""Every rule on outcomes, one line each."""

from datetime import timedelta

import pytest

from botfolk.channels.contract import Failed, Later, Outcome, Sent, Unknown
from botfolk.outbox.judge import LONGEST_WAIT, Tried, Verdict, judge, wait_before
from tests.outbox.world import LONG_AGO

NOW = LONG_AGO


def tried(*, kind: str = "message", parts_sent: int = 0, parts: int = 1, attempts: int = 1, **age: float) -> Tried:
    return Tried(kind=kind, parts_sent=parts_sent, parts=parts, attempts=attempts, created_at=NOW - timedelta(**age))


def judged(row: Tried, outcome: Outcome) -> Verdict:
    return judge(row, outcome, now=NOW, luck=0.5)


def test_a_message_of_one_part_is_sent() -> None:
    assert judged(tried(), Sent(external_id="7")) == Verdict(state="sent", parts_sent=1, external_id="7")


def test_the_next_part_waits_its_turn_in_the_queue() -> None:
    verdict = judged(tried(parts_sent=1, parts=3), Sent(external_id="7"))
    assert (verdict.state, verdict.parts_sent, verdict.next_at) == ("queued", 2, NOW)


def test_an_unknown_outcome_is_the_end_of_it() -> None:
    assert judged(tried(), Unknown(reason="broke")) == Verdict(state="unknown", parts_sent=0, error="broke")


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (11, 300)])
def test_waits_double_up_to_five_minutes(attempts: int, seconds: float) -> None:
    verdict = judged(tried(attempts=attempts), Later(reason="down"))
    assert (verdict.state, verdict.next_at) == ("queued", NOW + timedelta(seconds=seconds))


def test_luck_spreads_the_waits_by_a_quarter() -> None:
    assert (wait_before(1, 0.0), wait_before(1, 1.0)) == (1.5, 2.5)
    assert wait_before(10_000, 1.0) == LONGEST_WAIT * 1.25


def test_a_wait_the_service_names_is_kept_to_the_second() -> None:
    verdict = judged(tried(attempts=5), Later(reason="slow down", after=37))
    assert verdict.next_at == NOW + timedelta(seconds=37)
    assert verdict.channel_pause is None


def test_a_wait_for_everybody_pauses_the_channel() -> None:
    assert judged(tried(), Later(reason="slow down", after=37, whole_channel=True)).channel_pause == 37


def test_twelve_failures_are_enough() -> None:
    verdict = judged(tried(attempts=12), Later(reason="down"))
    assert (verdict.state, verdict.error) == ("failed", "It could not be sent after 12 attempts: down")


def test_a_service_that_names_its_waits_is_borne_with_for_a_day() -> None:
    assert judged(tried(attempts=50, hours=23), Later(reason="slow", after=9)).state == "queued"
    assert judged(tried(attempts=50, hours=24), Later(reason="slow", after=9)).state == "failed"


def test_a_message_that_waited_long_for_its_first_try_gets_a_second() -> None:
    assert judged(tried(attempts=1, hours=30), Later(reason="down")).state == "queued"


def test_a_tap_is_not_answered_after_a_minute() -> None:
    assert judged(tried(kind="tap", seconds=59), Later(reason="down")).state == "queued"
    assert judged(tried(kind="tap", seconds=60), Later(reason="down")) == Verdict(
        state="failed", parts_sent=0, error="too late"
    )


def test_a_refusal_is_the_end_of_it_and_may_say_that_the_person_is_gone() -> None:
    assert judged(tried(), Failed(reason="no")) == Verdict(state="failed", parts_sent=0, error="no")
    assert judged(tried(), Failed(reason="no", unreachable=True)).gone


def test_a_broken_channel_keeps_its_messages() -> None:
    verdict = judged(tried(), Failed(reason="bad token", channel_broken=True))
    assert (verdict.state, verdict.channel_error) == ("queued", "bad token")


def test_a_person_who_moves_for_ever_is_not_followed_for_ever() -> None:
    moved = Failed(reason="moved", moved_to="2")
    assert judged(tried(), moved).moved_to == "2"
    assert judged(tried(attempts=12), moved).state == "failed"
