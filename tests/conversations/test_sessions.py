"""Sessions and time spent, as values."""

from datetime import datetime, timedelta
from itertools import permutations
from uuid import UUID

from botfolk.conversations.sessions import EARLIEST, Activity, Rules, Session, divide, judged_at
from tests.telling import MINUTE, NOON, at

TEN = Rules([(EARLIEST, 600)])


def activity(minutes: float, *, is_message: bool = True) -> Activity:
    when = at(minutes)
    return Activity(
        UUID(int=int(minutes * 60_000) + 10**9), when, judged_at(when, NOON + timedelta(days=99)), is_message
    )


def runs(minutes: list[float], rules: Rules = TEN) -> list[tuple[int, float]]:
    """(activities, minutes spent) of each session."""
    sessions = divide([activity(m) for m in minutes], rules)
    return [(session.activities, session.time_spent / 60e6) for session in sessions]


def test_a_person_who_writes_once_has_one_session_of_no_time() -> None:
    assert runs([0]) == [(1, 0)]


def test_exactly_the_session_length_still_continues() -> None:
    assert runs([0, 10]) == [(2, 10)]


def test_a_moment_more_than_the_session_length_opens_a_new_session() -> None:
    assert runs([0, 10 + 1e-4]) == [(1, 0), (1, 0)]


def test_order_of_arrival_does_not_matter() -> None:
    results = {str(runs(list(order))) for order in permutations([0, 4, 13, 30, 45])}
    assert results == {str([(3, 13.0), (1, 0.0), (1, 0.0)])}


def test_an_infinite_session_continues_whatever_the_gap_but_nights_do_not_count() -> None:
    rules = Rules([(EARLIEST, 600)], [(at(5), True)])
    assert runs([0, 8, 3000], rules) == [(3, 18)]


def test_turned_off_it_is_judged_as_usual() -> None:
    rules = Rules([(EARLIEST, 600)], [(at(5), True), (at(100), False)])
    assert runs([0, 50, 105], rules) == [(2, 10), (1, 0)]


def test_a_changed_length_judges_activities_from_then_on() -> None:
    rules = Rules([(EARLIEST, 600), (at(60), 3600)])
    assert runs([0, 20, 70, 120], rules) == [(1, 0), (3, 100)]


def test_a_recount_judges_all_before_it_by_the_length_of_that_moment() -> None:
    rules = Rules([(EARLIEST, 600), (at(60), 3600)], recounted_at=at(65))
    assert runs([0, 20, 70, 120], rules) == [(4, 120)]


def test_clicks_are_activities_but_not_messages() -> None:
    session: Session = divide([activity(0), activity(3, is_message=False)], TEN)[0]
    assert (session.activities, session.messages, session.time_spent) == (2, 1, 180_000_000)


def test_a_time_in_whole_seconds_means_any_moment_of_that_second() -> None:
    received: datetime = NOON + timedelta(milliseconds=700)
    assert judged_at(NOON, received) == received
    assert judged_at(NOON, NOON + MINUTE) == NOON + timedelta(microseconds=999_999)


def test_a_clock_ahead_of_ours_is_judged_when_received() -> None:
    assert judged_at(NOON + MINUTE, NOON) == NOON
