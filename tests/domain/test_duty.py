"""Who of a post is told at an instant: by shift, by leave, and always somebody (decisions 2.25, SS-04)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shaoyin.domain.duty import off_duty, on_duty
from shaoyin.domain.org import Person, Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.shifts import Shift
from tests.domain.town import at, wulibao

MONDAY, NIGHT = at("2026-09-14 12:00"), at("2026-09-14 23:10")
LEAVE = (date(2026, 9, 14), date(2026, 9, 15))
POST = Post(
    "patrol", "patrol_duty", "south-committee", "wulibao-south", ("a", "b", "c"), ("s",),
    shifts=(Shift(("a",), time(8), time(20)), Shift(("b", "s"), time(20), time(8), days=("mon",))),
)  # fmt: skip


def with_people(*away: str) -> Pack:
    """Those who are away have leave from Monday to Tuesday."""
    pack = wulibao()
    people = {each: Person(each, each, (LEAVE,) if each in away else ()) for each in "abcs"}
    return replace(pack, directory=replace(pack.directory, people=people))


@cache
def nobody_away() -> Pack:
    return with_people()


def test_the_one_whose_shift_it_is_is_told_in_the_communitys_time() -> None:
    assert on_duty(POST, MONDAY, nobody_away()) == ("a",)
    assert on_duty(POST, NIGHT, nobody_away()) == ("b", "s")


def test_where_no_shift_runs_all_holders_are_told() -> None:
    assert on_duty(POST, at("2026-09-15 23:10"), nobody_away()) == ("a", "b", "c")
    assert on_duty(replace(POST, shifts=()), MONDAY, nobody_away()) == ("a", "b", "c")


def test_where_nobody_holds_it_the_stand_ins_are_told() -> None:
    assert on_duty(replace(POST, holders=()), MONDAY, nobody_away()) == ("s",)


def test_one_who_does_not_serve_in_it_any_more_has_no_shift() -> None:
    assert on_duty(replace(POST, holders=("b", "c")), MONDAY, nobody_away()) == ("b", "c")


@pytest.mark.parametrize(
    ("away", "told"),
    [
        ("a", ("s",)),
        ("as", ("b", "c")),
        ("asb", ("c",)),
        ("asbc", ("a",)),
        ("b", ("a",)),
    ],
)
def test_while_the_shifts_own_are_away_the_stand_in_is_told_then_the_other_holders(
    away: str, told: tuple[str, ...]
) -> None:
    assert on_duty(POST, MONDAY, with_people(*away)) == told


def test_of_several_on_a_shift_those_who_are_there_are_told() -> None:
    assert on_duty(POST, NIGHT, with_people("b")) == ("s",)


def test_leave_begins_and_ends_with_its_days() -> None:
    pack = with_people("a")
    days = [at(f"2026-09-{day} 08:00") for day in (13, 14, 15, 16)]

    assert [on_duty(POST, day, pack) for day in days] == [("a",), ("s",), ("s",), ("a",)]


def test_whoever_else_may_act_are_the_stand_ins_then_those_without_a_shift_and_not_who_is_away() -> None:
    alone = replace(POST, stand_ins=())

    assert off_duty(POST, MONDAY, nobody_away()) == ("s",)
    assert off_duty(POST, NIGHT, nobody_away()) == ("a", "c")
    assert off_duty(alone, MONDAY, nobody_away()) == ("b", "c")
    assert off_duty(alone, MONDAY, with_people("b")) == ("c",)
    assert off_duty(replace(alone, shifts=()), MONDAY, nobody_away()) == ()


def test_ss_04_on_leave_a_named_deputy_gets_the_work_of_all_three_grids() -> None:
    grids = [Post(f"grid-{n}", "city_officer", "south-committee", "wls-grid-1", ("a",), ("s",)) for n in range(3)]

    assert {on_duty(each, MONDAY, nobody_away()) for each in grids} == {("a",)}
    assert {on_duty(each, MONDAY, with_people("a")) for each in grids} == {("s",)}


TIMES = st.times().map(lambda each: each.replace(second=0, microsecond=0, tzinfo=None))
DATES = st.none() | st.dates(date(2026, 9, 1), date(2026, 9, 30))
PERSONS = st.lists(st.sampled_from("abcs"), unique=True, max_size=3).map(tuple)
SHIFTS = st.builds(
    Shift,
    st.lists(st.sampled_from("abcsx"), unique=True, min_size=1, max_size=2).map(tuple), TIMES, TIMES,
    st.lists(st.sampled_from(("mon", "sat", "workdays", "holidays")), unique=True, max_size=2).map(tuple), DATES, DATES,
)  # fmt: skip
INSTANTS = st.integers(0, 30 * 24 * 60).map(lambda minutes: at("2026-09-01 00:00") + timedelta(minutes=minutes))


@given(PERSONS, PERSONS, st.lists(SHIFTS, max_size=4).map(tuple), st.sets(st.sampled_from("abcs")), INSTANTS)
def test_somebody_of_the_post_is_always_told_and_nobody_else(
    holders: tuple[str, ...], stand_ins: tuple[str, ...], shifts: tuple[Shift, ...], away: set[str], when: datetime
) -> None:
    """However nonsensical the shifts are, and whoever is away."""
    post = replace(POST, holders=holders, stand_ins=stand_ins, shifts=shifts)
    told = on_duty(post, when, with_people(*away))

    assert bool(told) is post.filled
    assert all(post.held_by(person) for person in told)
    assert len(set(told)) == len(told)
    assert set(told).isdisjoint(off_duty(post, when, with_people(*away)))
