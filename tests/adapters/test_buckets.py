"""A bucket lets a burst through, refills at its rate, says how long to wait, and forgets whom it saw least lately."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shaoyin.adapters.buckets import Buckets
from shaoyin.adapters.limits import Rate


def test_a_burst_is_let_through_and_then_one_after_another() -> None:
    buckets = Buckets(Rate(3, 60))

    assert [buckets.take("a", 100.0) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a", 100.0) == pytest.approx(20)
    assert buckets.take("a", 119.9) == pytest.approx(0.1)
    assert buckets.take("a", 120.0) == 0
    assert buckets.take("a", 120.0) == pytest.approx(20)


def test_who_waits_as_long_as_he_was_told_is_let_through() -> None:
    buckets, now = Buckets(Rate(7, 600)), 5.0
    while (wait := buckets.take("a", now)) == 0:
        now += 1.0

    assert buckets.take("a", now + wait) == 0


def test_one_key_costs_another_nothing_and_asking_takes_nothing() -> None:
    buckets = Buckets(Rate(1, 10))

    assert buckets.take("a", 0.0) == 0
    assert buckets.wait("a", 0.0) == pytest.approx(10)
    assert [buckets.wait("b", 0.0) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("b", 0.0) == 0


def test_what_is_kept_is_bounded_and_the_last_seen_stay() -> None:
    buckets = Buckets(Rate(1, 1000), keys_at_most=2)
    for key in ("a", "b", "c"):
        assert buckets.take(key, 0.0) == 0

    assert len(buckets) == 2
    assert buckets.wait("c", 0.0) > 0
    assert buckets.wait("a", 0.0) == 0


@given(st.lists(st.floats(0, 30), max_size=80), st.integers(1, 20), st.integers(1, 60))
def test_no_stretch_of_time_has_more_than_the_burst_and_what_refilled(
    gaps: list[float], calls: int, seconds: int
) -> None:
    buckets, now, let_through = Buckets(Rate(calls, seconds)), 0.0, []
    for gap in gaps:
        now += gap
        if buckets.take("a", now) == 0:
            let_through.append(now)

    for first, start in enumerate(let_through):
        within = [each for each in let_through[first:] if each <= start + seconds]
        assert len(within) <= 2 * calls
