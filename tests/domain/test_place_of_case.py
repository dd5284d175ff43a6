"""The place of a case: what it was found by, who answers where nobody said it, and who managed it on that day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.hits import Hit, Hits
from shaoyin.domain.located import BY_PERSON, Located, located
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import AreaTree, ManagedFrom
from shaoyin.domain.report import PlaceGiven, Point, Report
from tests.domain.affairs import result
from tests.domain.lamp import LAMP, SERVICE_DESK
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, REPORTER, Story, a_blocked_drain, at, wulibao

HERE = PlaceGiven(point=Point(113.641, 34.721, "GCJ02"))
BORDER = (
    Hit("wls-micro-51-1", 0, "courtyard-51-b1", 27.0), Hit("wls-micro-51-2", 3, "courtyard-51-b3", 27.5)
)  # fmt: skip
NEARER = (Hit("wls-micro-51-1", 0, "courtyard-51-b1", 31), Hit("wls-micro-51-2", 3, "courtyard-51-b3", 12))


def placed(place: PlaceGiven, category: str | None = "WAT.sewer_blocked", hits: Hits = ()) -> Story:
    story = Story()
    story.report(replace(a_blocked_drain(category=category), place=place), hits=hits)
    return story


# What the event says


@pytest.mark.parametrize(
    ("hits", "area", "how", "seen"),
    [
        ((Hit("wls-micro-51-1", 0),), "wls-micro-51-1", "polygon", "wls-micro-51-1 0"),
        (NEARER, "wls-micro-51-2", "nearest_entrance", "courtyard-51-b1 31, courtyard-51-b3 12"),
        (BORDER, "courtyard-51", "border", "courtyard-51-b1 27, courtyard-51-b3 28"),
        ((Hit("mall-grid", 0),), "mall-grid", "dedicated_grid", "mall-grid 0"),
    ],
)
def test_a_point_becomes_an_area_and_the_case_says_how(hits: Hits, area: str, how: str, seen: str) -> None:
    """Rows 20 and 21 of the routing table."""
    story = placed(HERE, hits=hits)
    reported = story.only(ev.CaseReported)

    assert (reported.area, reported.place_how, reported.place_seen) == (area, how, seen)
    assert (story.open_case.area, story.open_case.place_how) == (area, how)


def test_a_point_in_no_polygon_is_left_to_a_person() -> None:
    story = placed(HERE)

    assert story.open_case.triage_because == ("place_unresolved",)
    assert story.open_case.area is None


def test_a_person_who_names_another_place_knows_it_himself() -> None:
    story = placed(PlaceGiven(point=HERE.point), category=None, hits=BORDER)
    story.give(DUTY, cmd.Accept, category=LAMP, area="courtyard-51-b1", urgency="normal", number="N1")

    assert (story.open_case.area, story.open_case.place_how) == ("courtyard-51-b1", None)
    assert located(story.history) == Located("courtyard-51-b1", BY_PERSON)


def test_a_person_who_confirms_the_place_leaves_it_as_it_was_found() -> None:
    story = placed(PlaceGiven(point=HERE.point), category=None, hits=BORDER)
    story.give(DUTY, cmd.Accept, category=LAMP, area="courtyard-51", urgency="normal", number="N1")

    assert story.open_case.place_how == "border"
    assert located(story.history).how == "border"


def test_an_answer_may_point_at_the_place_that_was_missing() -> None:
    """Row 5."""
    story = placed(PlaceGiven(text="不知道在哪儿"), category=None)
    story.give(DUTY, cmd.AskInfo, question="在哪里?")
    story.ask(cmd.SupplyInfo, text="在这里", place=HERE, hits=NEARER)
    supplied = story.only(ev.InfoSupplied)

    assert (supplied.area, supplied.place_how) == ("wls-micro-51-2", "nearest_entrance")
    assert supplied.place_seen == "courtyard-51-b1 31, courtyard-51-b3 12"
    assert (story.open_case.area, story.open_case.place_how) == ("wls-micro-51-2", "nearest_entrance")
    assert located(story.history) == Located("wls-micro-51-2", "nearest_entrance", str(supplied.place_seen))


def test_an_answer_that_says_no_place_leaves_it_as_it_was() -> None:
    """Row 5."""
    story = placed(PlaceGiven(text="不知道在哪儿"), category=None)
    story.give(DUTY, cmd.AskInfo, question="在哪里?")
    story.ask(cmd.SupplyInfo, text="说不清")

    assert located(story.history) == Located(None, "unresolved", "不知道在哪儿")


# What the rows make of it


def dispatched(hits: Hits, category: str = "SAN.exposed_waste") -> ev.CaseDispatched:
    return placed(HERE, category, hits).only(ev.CaseDispatched)


def test_a_matter_in_a_dedicated_grid_is_its_leads_the_community_knows_and_the_street_follows_up() -> None:
    """Routing row 20. SS-03. X6."""
    found = dispatched((Hit("mall-grid", 0),))

    assert (found.row, found.main.post, found.late) == (20, "mall-grid-lead", "street_section")
    assert "duty" in {each.post for each in found.informed}


def test_the_building_of_a_dedicated_grid_need_not_be_pointed_at() -> None:
    """Routing row 20."""
    story = placed(PlaceGiven(building="mall"), "SAN.exposed_waste")

    assert story.only(ev.CaseDispatched).main.post == "mall-grid-lead"


def test_two_entrances_equally_near_leave_it_to_the_community() -> None:
    """Routing row 21."""
    found = dispatched(BORDER)

    assert (found.row, found.main.post) == (21, "duty")
    assert "first_step" in {each.clock for each in found.deadlines}


def test_beside_the_nearer_entrance_the_matter_is_handled_as_anywhere_in_that_grid() -> None:
    """Routing row 21."""
    fire_door = "HAZ.fire_facility"
    at_the_border, inside = dispatched(NEARER, fire_door), dispatched((Hit("wls-micro-51-2", 0),), fire_door)

    assert (at_the_border.row, at_the_border.main) == (inside.row, inside.main)
    assert 21 in at_the_border.added_rows
    assert 21 not in inside.added_rows


# Row 22: nobody said where


def nowhere(category: str) -> Report:
    return replace(a_blocked_drain(category=category), place=PlaceGiven())


def opened(who: tuple[str, str], category: str) -> Story:
    story = Story()
    report = nowhere(category)
    story.give(who, cmd.OpenCase, report=report, case_id="c1", number_if_accepted="N1")
    return story


def test_without_a_place_a_matter_that_cannot_wait_is_the_communitys() -> None:
    """Routing row 22."""
    story = opened(("p-bing-1", "centre"), "WAT.burst_pipe")

    assert (story.open_case.area, story.open_case.place_how) == ("wulibao-south", "fallback")
    assert story.only(ev.CaseDispatched).main.post == "duty"
    assert "place_unresolved" not in story.open_case.triage_because


def test_what_is_told_at_a_service_desk_without_a_place_belongs_to_the_desks_area() -> None:
    """WS-06."""
    story = opened(SERVICE_DESK, LAMP)

    assert (story.open_case.area, story.open_case.place_how) == ("wulibao-south", "service_post")
    assert story.only(ev.CaseReported).place_seen == "service-desk"


def test_a_matter_that_can_wait_is_not_taken_without_a_place() -> None:
    """Row 4 of the flow: it is asked for."""
    story, report = Story(), nowhere(LAMP)

    assert story.refused(DUTY, cmd.OpenCase, report=report, case_id="c1", number_if_accepted="N1") == "place_missing"


# Who manages it, on the day of the dispatch

FROM = date(2026, 10, 12)


def handed_over(pack: Pack) -> Pack:
    """Courtyard 51, until now nobody's, is in the firm's care from Monday 12 October on (MG-03)."""
    courtyard = pack.areas.areas["courtyard-51"]
    modes = (ManagedFrom("none"), ManagedFrom("community_trustee", FROM, "kangning-property"))
    areas = {**pack.areas.areas, "courtyard-51": replace(courtyard, management=modes)}
    return replace(pack, areas=AreaTree(areas, pack.areas.root))


def reported_on(day: str) -> Story:
    story = Story(pack=handed_over(wulibao()), now=at(f"{day} 09:30"))
    story.report(a_blocked_drain(category="HAZ.fire_facility", received_at=story.now))
    return story


def seen_of_management(story: Story) -> set[object]:
    asked = story.all(ev.CaseDispatched)[-1].explanation
    return {row.seen for row in asked if row.lacking is not None and row.lacking.startswith("management ")}


def test_a_case_of_the_last_day_is_nobodys_and_of_the_first_day_the_trustees() -> None:
    """MG-03."""
    before, after = reported_on("2026-10-10"), reported_on("2026-10-12")

    assert "none" in seen_of_management(before)
    assert "community_trustee" in seen_of_management(after)
    assert [each.open_case.main and each.open_case.main.post for each in (before, after)] == [
        "duty", "kangning-property-duty",
    ]  # fmt: skip


def test_an_open_case_keeps_its_handler_over_the_day_of_the_handover() -> None:
    """MG-03."""
    story = reported_on("2026-10-10")
    handler = story.open_case.main
    story.wait_until(at("2026-10-12 09:00"))

    assert story.open_case.main == handler
    assert len(story.all(ev.CaseDispatched)) == 1


def test_a_case_that_is_taken_up_again_after_the_handover_goes_back_to_whoever_had_it() -> None:
    """MG-03. Decision 1.18."""
    story = reported_on("2026-10-10")
    handler = story.open_case.main
    assert handler is not None
    assert handler.post == "duty"
    for kind, fields in ((cmd.SignFor, {}), (cmd.Start, {}), (cmd.SubmitResult, result())):
        story.give(DUTY, kind, **fields)
    story.give(GRID_LEAD, cmd.PassCheck)
    story.give(CENTRE, cmd.RecordCallBack, reporter_ref=REPORTER, outcome="solved", note="", satisfaction="satisfied")
    story.wait_until(at("2026-10-12 10:00"))
    story.ask(cmd.Reopen, reason="又堵了")

    assert (story.open_case.state, story.open_case.main) == ("in_progress", handler)
    assert story.open_case.pack_version == story.all(ev.CaseDispatched)[-1].rules_version
