"""The times of a pack: what may wait, what comes first, and how far the calendar must reach when it is published."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from shaoyin.adapters.pack_check import check
from shaoyin.adapters.packs import Located, load
from shaoyin.domain.calendar import Within
from shaoyin.domain.pack import LIMITED, MAY_WAIT
from tests.packs.conftest import SHIPPED, Copy

CATEGORIES, PACK = "base/categories.yaml", "base/pack.yaml"
COLLAPSE = ", met_by: measure}\n  check_required: true\n  evidence: photo_before_after"
TODAY = date(2026, 11, 10)
YEAR_2027 = (
    "years:\n  - year: 2027\n    status: official\n    source: 通知\n"
    "    holidays: {元旦: 2027-01-01..2027-01-03, 春节: 2027-02-05..2027-02-11}\n    workdays: [2027-01-31]\n"
)


def stands(packs: Copy, located: Located) -> str:
    page = Path(located.file).read_text(encoding="utf-8").splitlines()
    return page[located.row - 1][located.column - 1 :]


def cut(packs: Copy, year: int) -> Copy:
    page = packs.folder / "base/calendar.yaml"
    page.write_text(page.read_text(encoding="utf-8").split(f"  - year: {year}")[0], encoding="utf-8")
    return packs


# Limits by urgency


@pytest.mark.parametrize("clock", LIMITED)
def test_a_clock_that_no_page_limits_is_missed(packs: Copy, clock: str) -> None:
    page = packs.folder / PACK
    kept = [line for line in page.read_text(encoding="utf-8").splitlines() if not line.startswith(f"  {clock}: ")]
    page.write_text("\n".join(kept) + "\n", encoding="utf-8")

    missed = [f"neither this pack nor what it extends says clocks.{clock}.{each}" for each in
              ("critical", "elevated", "normal", "urgent")]  # fmt: skip
    assert sorted(each.en for each in packs.problems()) == missed


@pytest.mark.parametrize("clock", [clock for clock in LIMITED if clock not in MAY_WAIT])
def test_a_clock_of_a_critical_matter_never_waits_for_the_morning(packs: Copy, clock: str) -> None:
    found = packs.add("wulibao/pack.yaml", f"clocks:\n  {clock}: {{critical: 1 wd}}\n").problem()

    assert (found.code, stands(packs, found)) == ("critical_waits", "1 wd}")


@pytest.mark.parametrize("clock", MAY_WAIT)
def test_a_clock_that_runs_when_the_work_is_done_may_count_in_days(packs: Copy, clock: str) -> None:
    pack = packs.add("wulibao/pack.yaml", f"clocks:\n  {clock}: 8 d\n").pack()

    assert {str(pack.limit(clock, urgency)) for urgency in ("normal", "elevated", "urgent", "critical")} == {"8 d"}


def test_a_community_shortens_one_suspension_and_keeps_the_other_six(packs: Copy) -> None:
    inherited = packs.pack().suspensions
    own = packs.add("wulibao/pack.yaml", "suspensions: {season_bound: 90 d}\n").pack().suspensions

    assert own == {**inherited, "season_bound": Within(90, "d")}
    assert tuple(own) == tuple(inherited)


def test_a_reason_to_rest_without_a_limit_and_one_that_does_not_exist_are_told(packs: Copy) -> None:
    missed = packs.change(PACK, "  evidence_pending: 10 wd ", "  # ").problem()
    assert missed.en == "neither this pack nor what it extends says suspensions.evidence_pending"

    unknown = packs.add("wulibao/pack.yaml", "suspensions: {no_time: 3 d}\n").problem()
    assert (unknown.code, stands(packs, unknown)) == ("not_one_of", "no_time: 3 d}")


def test_identities_are_kept_for_days_and_not_for_working_days(packs: Copy) -> None:
    found = packs.change(PACK, "  identity_open: 180 d", "  identity_open: 180 wd").problem()
    assert (found.code, stands(packs, found)[:6]) == ("not_days_kept", "180 wd")

    missed = packs.change(PACK, "  identity_open: 180 wd ", "  # ").problem()
    assert missed.en == "neither this pack nor what it extends says retention.identity_open"


# What comes before the result


@pytest.mark.parametrize(
    ("old", "new", "code", "at"),
    [
        ("{within: 5 wd, met_by: plan}", "{within: 5, met_by: plan}", "not_within", "5, "),
        ("{within: 5 wd, met_by: plan}", "{within: 5 wd}", "field_missing", "first_step: "),
        ("{within: 5 wd, met_by: plan}", "{within: 5 wd, met_by: visit}", "not_one_of", "visit}"),
        ("{within: 5 wd, met_by: plan}", "{within: 30 d, met_by: plan}", "step_after_result", "30 d, "),
        (f"{{within: 30 min{COLLAPSE}", f"{{within: 120 min{COLLAPSE}", "step_after_result", "120 min"),
        (f"{{within: 30 min{COLLAPSE}", f"{{within: 1 wh{COLLAPSE}", "critical_waits", "1 wh"),
    ],
)
def test_a_first_step_that_is_none_is_shown_where_it_stands(
    packs: Copy, old: str, new: str, code: str, at: str
) -> None:
    found = packs.change(CATEGORIES, old, new).problem()

    assert (found.code, stands(packs, found)[: len(at)]) == (code, at)


def test_a_step_in_working_time_is_not_measured_against_one_by_the_wall_clock(packs: Copy) -> None:
    packs.change(CATEGORIES, "{within: 5 wd, met_by: plan}", "{within: 900 h, met_by: plan}").pack()


def test_a_category_without_a_figure_takes_that_of_its_urgency(packs: Copy) -> None:
    packs.add("wulibao/pack.yaml", "default_result: {critical: 90 min}\n")

    assert str(packs.pack().categories["HAZ.wire"].result) == "90 min"


def test_a_row_that_makes_a_matter_critical_does_not_wait_for_the_morning_either(packs: Copy) -> None:
    old = "    urgency: urgent\n    first_step: {within: 2 h, met_by: measure}"
    found = packs.change("base/rules.yaml", old, old.replace("urgent", "critical").replace("2 h", "2 wh")).problem()

    assert (found.code, stands(packs, found)) == ("critical_waits", "first_step: {within: 2 wh, met_by: measure}")


# How far the calendar reaches


def test_the_shipped_calendar_reaches_as_far_as_a_suspension_of_a_year() -> None:
    assert check(SHIPPED / "wulibao", TODAY).problems == ()


def test_a_pack_cut_to_this_year_is_not_published_and_the_deadline_that_reaches_further_is_named(packs: Copy) -> None:
    (found,) = check(cut(packs, 2027).own, TODAY).problems

    assert (found.code, stands(packs, found)) == ("calendar_too_short", "years:")
    assert found.en == (
        "the calendar lacks 2027, where a deadline begun today would end"
        " (pack.yaml suspensions.third_party_legal_process: 365 d): add it, if only provisional"
    )
    assert "2027 年" in found.zh


def test_a_pack_that_was_published_goes_on_being_loaded_when_the_year_ends(packs: Copy) -> None:
    assert load(cut(packs, 2027).own).problems == ()


def test_where_no_deadline_reaches_the_next_year_it_may_be_missing(packs: Copy) -> None:
    packs.add("wulibao/pack.yaml", "suspensions: {engineering_lead_time: 30 d, season_bound: 30 d}\n")
    page = packs.own / "pack.yaml"
    page.write_text(
        page.read_text(encoding="utf-8").replace("season_bound: 30 d", "season_bound: 30 d, "
        "third_party_legal_process: 60 d"), encoding="utf-8",
    )  # fmt: skip
    cut(packs, 2027)
    for scenarios in packs.own.glob("scenarios*.yaml"):
        scenarios.unlink()  # a holiday of 2027 stands in one of them

    assert check(packs.own, date(2026, 6, 30)).problems == ()
    assert [each.code for each in check(packs.own, date(2026, 11, 2)).problems] == ["calendar_too_short"]


def test_last_year_must_be_there_too_for_what_began_in_it(packs: Copy) -> None:
    (found,) = check(packs.own, date(2025, 3, 3)).problems

    assert (found.code, found.en) == ("year_missing", "the working calendar lacks the year 2024")


def test_a_year_left_out_between_two_is_missed_whenever_the_pack_is_read(packs: Copy) -> None:
    packs.change("base/calendar.yaml", "  - year: 2027\n", "  - year: 2028\n")
    page = packs.folder / "base/calendar.yaml"
    head, tail = page.read_text(encoding="utf-8").split("  - year: 2028\n")
    page.write_text(head + "  - year: 2028\n" + tail.replace("2027-", "2028-"), encoding="utf-8")

    assert packs.problem().en == "the working calendar lacks the year 2027"


def test_a_provisional_year_is_replaced_by_the_official_one(packs: Copy) -> None:
    before = packs.pack()
    after = packs.add("wulibao/calendar.yaml", YEAR_2027).pack()
    start, week = datetime(2027, 1, 28, 2, tzinfo=UTC), Within(5, "wd")

    assert before.due(start, week).provisional
    assert before.due(start, week).calendar == "2027 provisional"
    assert after.due(start, week) == (datetime(2027, 2, 3, 10, tzinfo=UTC), False, "2027 official")
    assert before.due(start, week).due_at == datetime(2027, 2, 4, 10, tzinfo=UTC)
    assert after.version != before.version
    assert check(packs.own, TODAY).problems == ()
