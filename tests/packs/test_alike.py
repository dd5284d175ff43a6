"""A mutant is left out of the count only where no report can tell it: each rule, and where it ends."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from shaoyin.domain.conditions import Condition
from shaoyin.domain.pack import Pack
from shaoyin.domain.rules import RuleRow, Then
from tests.packs.alike import Table
from tests.packs.conftest import shipped
from tests.packs.rule_mutants import mutants
from tests.packs.unread import unread


@cache
def pack() -> Pack:
    return shipped("wulibao")


@cache
def table() -> Table:
    return Table.of(pack())


def row(line: str) -> RuleRow:
    return pack().rules.by_line[line]


def without(*lines: str) -> Table:
    return replace(table(), rows=tuple(each for each in table().rows if each.line not in lines))


def left_out(says: str, changed: Pack | None = None) -> str | None:
    return next(each.alike for each in mutants(changed or pack()) if each.says == says)


def test_a_row_for_the_firm_stands_back_only_where_there_may_be_none() -> None:
    assert not table().tells_whether_it_stops(row("27"))
    assert not table().tells_whether_it_stops(row("51"))
    assert table().tells_whether_it_stops(row("44"))
    assert table().tells_whether_it_stops(row("99b"))


def test_what_a_group_adds_after_its_last_row_was_asked_is_not_heard() -> None:
    assert not table().tells_whether_it_stops(row("60"))
    assert table().tells_whether_it_stops(row("7b"))
    assert not table().tells_whether_it_stops(row("8"))


def test_a_row_that_ends_the_walk_for_the_place_silences_the_more_exact_one() -> None:
    assert table().tells_whether_it_stops(row("79"))


def test_a_row_before_which_another_steps_back_is_alike_where_the_walk_ended_before_that() -> None:
    assert not table().tells_whether_it_stops(row("81"))
    assert without("12").tells_whether_it_stops(row("81"))


def test_a_row_that_stops_ends_the_walk_unless_one_that_decides_may_have_ended_its_group() -> None:
    about = RuleRow(0, "category", "decides", row("15a").when, Then(), "")
    rows = (*table().rows, about)
    assert replace(table(), rows=rows).ended_before(about)
    decides = replace(row("19"), effect="decides")
    changed = tuple(decides if each.line == "19" else each for each in rows)
    assert not replace(table(), rows=changed).ended_before(about)


def test_two_rows_are_beaten_together_only_while_the_row_before_them_ends_their_group() -> None:
    assert left_out("18b and 18c swapped") == "beaten"
    assert not without("18a").ended_before(row("18b"), row("18c"))
    unsure = replace(row("18a"), then=replace(row("18a").then, yields_to=("48",)))
    rows = tuple(unsure if each.line == "18a" else each for each in table().rows)
    assert not replace(table(), rows=rows).ended_before(row("18b"), row("18c"))


def test_an_urgency_is_outdone_only_by_a_row_that_is_always_met_with_it() -> None:
    assert table().outdone(row("3b"), "urgent")
    assert not without("3c").outdone(row("3b"), "urgent")
    assert not table().outdone(row("3c"), "urgent")


def test_a_row_that_lays_a_matter_aside_covers_nothing_once_it_is_accepted() -> None:
    assert not table().covers(row("9"), replace(row("9"), then=Then()))


def test_of_several_dangers_at_once_one_does_not_stand_for_another() -> None:
    said = RuleRow(0, "emergency", "adds", (Condition("danger", "is", "fire"),), Then(), "")
    other = replace(said, when=(Condition("danger", "is", "crime"),))
    assert table().meet(said, other)
    assert not table().covers(replace(said, when=(Condition("danger", "is", "illness"),)), said, other)
    assert table().covers(said, said, other)


def test_a_report_may_answer_what_its_category_does_not_ask() -> None:
    assert table().meet(row("15a"), row("18a"))


def test_who_takes_over_is_not_read_from_the_load_but_who_adjudicates_is() -> None:
    assert {"main", "mode"} <= unread(row("73"), pack())
    assert "late" not in unread(row("73"), pack())
    assert "main" not in unread(row("77"), pack())
    assert {"mode", "late", "informed"} <= unread(row("77"), pack())


def test_of_what_waits_for_the_morning_nobody_else_is_told_but_of_a_proposal_they_are() -> None:
    assert "informed" in unread(row("74"), pack())
    assert "informed" not in unread(row("31"), pack())


def test_a_body_outside_is_read_only_where_its_number_is_not_shown_without_the_row() -> None:
    assert "main" in unread(row("1"), pack())
    assert "co" in unread(row("5a"), pack())
    assert "co" not in unread(row("2b"), pack())
    silent = replace(row("1"), when=(Condition("major", "is", True),))
    assert "main" not in unread(silent, pack())


def test_rows_of_the_load_that_name_another_late_path_are_no_longer_alike_when_swapped() -> None:
    assert left_out("16 and 73 swapped") == "summed"
    rows = tuple(
        replace(each, then=replace(each.then, late="street")) if each.line == "73" else each for each in table().rows
    )
    changed = replace(pack(), rules=replace(pack().rules, rows=rows))
    assert left_out("16 and 73 swapped", changed) is None
