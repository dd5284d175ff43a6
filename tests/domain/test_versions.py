"""What an earlier version dispatched is led by that version's rules, in the town as it is today (mechanics 18)."""

from __future__ import annotations

from dataclasses import fields, replace

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.calendar import Within
from shaoyin.domain.pack import Pack
from shaoyin.domain.rule_table import RuleTable
from shaoyin.domain.versions import as_dispatched, at_triage, with_triage
from tests.domain.town import DUTY, Story, a_blocked_drain, wulibao

DRAIN = "WAT.sewer_blocked"


def version(name: str, hours: int, **changes: object) -> Pack:
    """The town's pack with another time to the result of a blocked drain, and whatever else."""
    pack = wulibao()
    drain = replace(pack.categories[DRAIN], result=Within(hours, "h"))
    return replace(pack, version=name, categories={**pack.categories, DRAIN: drain}, **changes)  # type: ignore[arg-type]


def without(pack: Pack, post: str) -> Pack:
    directory = pack.directory
    posts = {name: each for name, each in directory.posts.items() if name != post}
    return replace(pack, directory=replace(directory, posts=posts))


def test_rows_categories_and_limits_are_those_of_the_dispatch_and_the_town_is_todays() -> None:
    earlier = version("1", 24)
    texts = {**earlier.texts, "state.closed": {"zh-CN": "办完了", "en": "done"}}
    newest = version("2", 48, rules=RuleTable(earlier.rules.rows[:-1]), texts=texts)

    mixed = as_dispatched(earlier, newest)

    assert mixed.version == "1"
    assert mixed.rules is earlier.rules
    assert mixed.categories[DRAIN].result == Within(24, "h")
    assert mixed.text("state.closed", "en") == "done"
    assert (mixed.calendar, mixed.directory, mixed.areas) == (newest.calendar, newest.directory, newest.areas)


FROM_THE_DISPATCH = {
    "version", "rules", "limits", "default_result", "suspensions", "categories", "questions", "whistle_types",
    "counts", "catalogue", "elsewhere",
}  # fmt: skip
TODAYS = {
    "name", "names", "areas", "directory", "calendar", "retention", "standing", "profile", "chain", "emergencies",
    "texts", "root", "department_tier", "own_work_by", "tellings", "unsaid", "writing", "coordinates", "tolerance",
    "polygons", "emergency_modes",
}  # fmt: skip


def test_of_every_part_of_a_pack_it_is_said_whose_it_is() -> None:
    """A new one needs its place here, and in `as_dispatched` where the dispatch decides it."""
    assert {each.name for each in fields(Pack) if each.init} == FROM_THE_DISPATCH | TODAYS

    earlier = version("1", 24)
    mixed = as_dispatched(earlier, version("2", 48))
    assert {name for name in FROM_THE_DISPATCH if getattr(mixed, name) == getattr(earlier, name)} == FROM_THE_DISPATCH


def test_a_case_nobody_handles_is_decided_by_the_newest() -> None:
    mixed = at_triage(version("1", 24), version("2", 48))

    assert (mixed.version, mixed.categories[DRAIN].result) == ("2", Within(48, "h"))


def test_a_category_that_the_newest_brings_can_be_named_and_one_it_dropped_is_still_known() -> None:
    pack = wulibao()
    only_new = replace(pack.categories[DRAIN], code="WAT.new")
    rest = {code: each for code, each in pack.categories.items() if code != DRAIN}
    newest = replace(pack, version="2", categories={**rest, "WAT.new": only_new})

    for mixed in (as_dispatched(pack, newest), at_triage(pack, newest)):
        assert {DRAIN, "WAT.new"} <= mixed.categories.keys()


def test_a_place_that_is_gone_still_contains_its_cases() -> None:
    earlier = version("1", 24)
    areas = {name: each for name, each in earlier.areas.areas.items() if name != "courtyard-51-b1"}
    newest = replace(earlier, version="2", areas=replace(earlier.areas, areas=areas))

    mixed = as_dispatched(earlier, newest)

    assert mixed.areas.path("courtyard-51-b1")[0] == mixed.areas.path("wulibao")[0]
    assert "courtyard-51-b1" not in newest.areas.areas


def test_a_post_that_is_gone_is_held_by_nobody() -> None:
    earlier = version("1", 24)
    newest = without(version("2", 24), "municipal-duty")

    mixed = as_dispatched(earlier, newest)

    assert not mixed.directory.posts["municipal-duty"].filled
    assert mixed.directory.posts_of("p-wu-1") == newest.directory.posts_of("p-wu-1")


def test_what_lies_with_triage_waits_for_its_dispatch_and_what_was_dispatched_does_not() -> None:
    story = Story()
    story.report(a_blocked_drain(category=None, description="请来看看"))
    assert with_triage(story.open_case)

    story.report(a_blocked_drain())
    assert story.open_case.state == "dispatched"
    assert not with_triage(story.open_case)


def test_a_dispatch_names_the_version_of_the_rows_that_decided_it() -> None:
    story = Story(pack=version("1", 24))
    story.report(a_blocked_drain())
    first = story.open_case.pack_version

    story.pack = as_dispatched(version("1", 24), version("2", 48))
    story.give(DUTY, cmd.SignFor)

    assert (first, story.open_case.pack_version) == ("1", "1")
    assert story.only(ev.CaseDispatched).rules_version == "1"
