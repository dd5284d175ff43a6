"""Shifts and leave in a pack: read as they are written, refused where they make no sense, and told to the clerk."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from shaoyin.domain.duty import on_duty
from shaoyin.domain.shifts import Shift
from tests.domain.town import at
from tests.packs.conftest import Copy

ORGS, PEOPLE = "wulibao/orgs.yaml", "wulibao/people.yaml"
POST = "    holders: [p-jia-1]\n    stand_ins: [p-jia-2]\n"


def with_shifts(packs: Copy, *rows: str, holders: str = "p-jia-1, p-jia-4") -> Copy:
    shifts = "".join(f"      - {each}\n" for each in rows)
    return packs.change(ORGS, POST, f"    holders: [{holders}]\n    stand_ins: [p-jia-2]\n    shifts:\n{shifts}")


def test_shifts_and_leave_are_read_as_they_are_written(packs: Copy) -> None:
    with_shifts(
        packs, "{who: p-jia-1, time: 08:00-20:00, days: workdays}",
        "{who: [p-jia-4, p-jia-2], time: 20:00-08:00, days: [mon, sat], since: 2026-10-01, until: 2026-12-31}",
    )  # fmt: skip
    packs.change(
        PEOPLE,
        "{id: p-jia-1, name: 示例·甲一}",
        "{id: p-jia-1, name: 示例·甲一, away: [2026-09-14, 2026-10-01..2027-03-31]}",
    )
    pack = packs.pack()

    assert pack.directory.posts["duty"].shifts == (
        Shift(("p-jia-1",), time(8), time(20), ("workdays",)),
        Shift(("p-jia-4", "p-jia-2"), time(20), time(8), ("mon", "sat"), date(2026, 10, 1), date(2026, 12, 31)),
    )  # fmt: skip
    assert pack.directory.people["p-jia-1"].away == (
        (date(2026, 9, 14), date(2026, 9, 14)),
        (date(2026, 10, 1), date(2027, 3, 31)),
    )
    told = [on_duty(pack.directory.posts["duty"], at(when), pack) for when in ("2026-09-14 12:00", "2026-09-15 12:00")]
    assert told == [("p-jia-2",), ("p-jia-1",)]


@pytest.mark.parametrize(
    ("row", "code", "said"),
    [
        ("{who: p-jia-9, time: 08:00-20:00}", "unknown_person", "没有这个人:p-jia-9"),
        ("{who: p-jia-3, time: 08:00-20:00}", "not_of_the_post", "“p-jia-3”不是这个岗位的任职人或替班人"),
        ("{who: [], time: 08:00-20:00}", "empty_text", ""),
        ("{who: [p-jia-1, p-jia-1], time: 08:00-20:00}", "said_twice", "p-jia-1"),
        ("{who: p-jia-1}", "field_missing", "time"),
        ("{who: p-jia-1, time: 8:00-20:00}", "not_a_span", "09:00-12:00"),
        ("{who: p-jia-1, time: 08:00-24:00}", "not_a_span", "09:00-12:00"),
        ("{who: p-jia-1, time: 08:00-20:00, days: [monday]}", "not_one_of", "workdays"),
        ("{who: p-jia-1, time: 08:00-20:00, days: []}", "empty_text", ""),
        ("{who: p-jia-1, time: 08:00-20:00, weekdays: [mon]}", "unknown_field", "days"),
        ("{who: p-jia-1, time: 08:00-20:00, since: 2026-10-02, until: 2026-10-01}", "days_backwards", "2026-10-02"),
        (
            "{who: p-jia-1, time: 08:00-20:00, days: sun, since: 2026-09-14, until: 2026-09-19}",
            "shift_never_begins",
            "",
        ),
        ("{who: p-jia-4, time: 19:00-08:00, days: fri}", "shifts_overlap", "08:00-20:00 (p-jia-1)"),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused_on_its_line(packs: Copy, row: str, code: str, said: str) -> None:
    with_shifts(packs, "{who: p-jia-1, time: 08:00-20:00, days: [mon, tue, wed, thu, fri]}" if "fri" in row
                else "{who: p-jia-4, time: 20:00-08:00}", row)  # fmt: skip

    problem = packs.problem()

    assert (problem.code, problem.row) == (code, packs.row_of(ORGS, row))
    assert Path(problem.file) == packs.folder / ORGS
    assert said in problem.zh


def test_an_overlap_names_the_first_day_and_the_other_shift_in_both_languages(packs: Copy) -> None:
    with_shifts(packs, "{who: p-jia-1, time: 08:00-20:00}", "{who: p-jia-4, time: 19:30-08:00}")

    problem = packs.problem()

    assert problem.zh.startswith("2025-01-01 这一班和 08:00-20:00 (p-jia-1) 那一班时间重叠")
    assert problem.en.startswith("on 2025-01-01 this shift runs at the same time as 08:00-20:00 (p-jia-1)")


@pytest.mark.parametrize("away", ["2026-10-07..2026-10-01", "国庆节", "2026-10-01..", "2026-10-01/2026-10-07"])
def test_leave_that_is_no_span_of_days_is_refused(packs: Copy, away: str) -> None:
    packs.change(PEOPLE, "{id: p-jia-1, name: 示例·甲一}", f"{{id: p-jia-1, name: 示例·甲一, away: [{away}]}}")

    assert packs.problem().code == "not_days"


def test_hours_without_a_shift_are_no_fault(packs: Copy) -> None:
    with_shifts(packs, "{who: p-jia-4, time: 09:00-12:00, days: wed}")

    post = packs.pack().directory.posts["duty"]
    assert on_duty(post, at("2026-09-14 12:00"), packs.pack()) == ("p-jia-1", "p-jia-4")
