"""The pace of channels and people."""

from hypothesis import given
from hypothesis import strategies as st

from botfolk.ids import new_id
from botfolk.outbox.pace import Pace, People


def test_after_a_rest_a_burst_may_leave_and_then_the_pace_holds() -> None:
    pace = Pace(interval=1.0, burst=3)
    assert pace.available(100.0) == 3
    for _ in range(3):
        pace.take(100.0)
    assert pace.available(100.0) == 0
    assert pace.wait(100.0) == 1.0
    assert pace.available(101.0) == 1
    assert pace.available(103.0) == 3
    assert pace.available(1000.0) == 3


def test_without_an_interval_there_is_no_limit() -> None:
    pace = Pace(interval=0, burst=1)
    for _ in range(100):
        pace.take(1.0)
    assert pace.available(1.0) > 1000
    assert pace.wait(1.0) == 0


@given(
    st.floats(0.01, 10),
    st.integers(1, 5),
    st.lists(st.floats(0, 20), max_size=60),
)
def test_no_span_of_time_ever_sees_more_than_burst_and_rate_allow(
    interval: float, burst: int, pauses: list[float]
) -> None:
    pace, now, left = Pace(interval, burst), 0.0, []
    for pause in pauses:
        now += pause
        while pace.available(now):
            pace.take(now)
            left.append(now)
    for first in range(len(left)):
        for last in range(first, len(left)):
            assert last - first + 1 <= burst + (left[last] - left[first]) / interval + 0.01


@given(st.floats(0.01, 10), st.integers(1, 5), st.integers(1, 20))
def test_whoever_waits_as_told_may_go(interval: float, burst: int, taken: int) -> None:
    pace = Pace(interval, burst)
    for _ in range(taken):
        pace.take(5.0)
    assert pace.available(5.0 + pace.wait(5.0)) >= 1


def test_a_group_waits_longer_than_a_person_and_who_rested_is_forgotten() -> None:
    people = People(person_seconds=1, group_seconds=3)
    ann, group = new_id(), new_id()
    for _ in range(3):
        people.take(ann, is_group=False, now=10.0)
        people.take(group, is_group=True, now=10.0)
    assert people.busy(10.0) == {ann: 1.0, group: 3.0}
    assert people.busy(11.5) == {group: 1.5}
    assert people.busy(100.0) == {}
