"""What one case does to another, on the in-memory twins: merged, split off, behind an emergency, by a standing rule."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.router.app import topic_specs
from services.router.blow_standing import blow_standing
from services.router.change_case import Asked, change_case
from services.router.desk import Desk
from services.router.memory_cases import MemoryCases
from services.router.merge_cases import attach_to_lead
from services.router.numbers import MemoryNumbers
from services.router.publish_events import sweep
from services.router.recompute_clocks import recompute_clocks
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.domain import commands as cmd
from shaoyin.domain.calendar import Year
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Report, Request
from tests.domain.town import DUTY, MORNING, at, wulibao
from tests.services.test_router_jobs import message, routed


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    bus = MemoryBus()
    await bus.start()
    await bus.ensure_topics(topic_specs(4))
    yield Desk(MemoryCases(), bus, MemoryNumbers(), FakeClock(MORNING), {"wulibao": wulibao()})  # type: ignore[arg-type]
    await bus.stop()


def a_report(number: int, category: str | None = None, **more: object) -> Report:
    return Report(
        report_id=f"r{number}", community="wulibao", pack_version="1", description="楼道灯不亮",
        place=PlaceGiven(building="courtyard-51-b1"), received_at=MORNING, reporter_ref=f"ref{number}",
        category=category, **more,  # type: ignore[arg-type]
    )  # fmt: skip


async def case(desk: Desk, case_id: str) -> Case:
    return (await desk.store.load([case_id]))[case_id].case


async def give(desk: Desk, case_id: str, kind: type[cmd.Command], **fields: object) -> None:
    command = kind(at=desk.clock.now(), person=DUTY[0], post=DUTY[1], **fields)  # type: ignore[arg-type]
    await change_case(desk, Asked(case_id, command))


async def merge(desk: Desk, case_id: str, lead: str) -> None:
    stored = (await desk.store.load([case_id]))[case_id]
    command = cmd.MergeInto(at=desk.clock.now(), person=DUTY[0], post=DUTY[1], lead=lead)
    await attach_to_lead(desk, stored, command)
    await change_case(desk, Asked(case_id, command))


async def two_alike(desk: Desk) -> None:
    await routed(desk, message(a_report(1, "LIG.lamp_out")))
    await routed(desk, message(a_report(2, "LIG.lamp_out")))
    assert (await case(desk, "c2")).state == "reported"


async def test_a_merged_reporter_goes_to_the_lead_before_the_case_is_merged(desk: Desk) -> None:
    """Row 11.

    Row a13.
    Decision 1.34.
    """
    await two_alike(desk)

    await merge(desk, "c2", "c1")

    lead, merged = await case(desk, "c1"), await case(desk, "c2")
    assert (merged.state, merged.merged_into) == ("merged", "c1")
    assert [(each.ref, each.from_case) for each in lead.reporters] == [("ref1", None), ("ref2", "c2")]
    assert merged.reporters[0].replies == 1


async def test_merging_again_after_a_cut_attaches_nobody_twice(desk: Desk) -> None:
    await two_alike(desk)
    stored = (await desk.store.load(["c2"]))["c2"]
    command = cmd.MergeInto(at=desk.clock.now(), person=DUTY[0], post=DUTY[1], lead="c1")
    await attach_to_lead(desk, stored, command)

    await merge(desk, "c2", "c1")

    assert [each.ref for each in (await case(desk, "c1")).reporters] == ["ref1", "ref2"]


async def test_merging_into_a_lead_that_ended_is_refused_and_attaches_nobody(desk: Desk) -> None:
    await two_alike(desk)
    await give(
        desk,
        "c1",
        cmd.TransferOut,
        receiver="供电公司",
        receipt_number="A-1",
        how_to_follow="95598",
        public_reply="已转",
    )

    with pytest.raises(Refused, match="lead_ended"):
        await merge(desk, "c2", "c1")

    assert (await case(desk, "c2")).state == "reported"
    assert len((await case(desk, "c1")).reporters) == 1


async def test_merging_into_a_merged_case_goes_to_its_lead(desk: Desk) -> None:
    """Decision 1.34."""
    await two_alike(desk)
    await merge(desk, "c2", "c1")
    await routed(desk, message(a_report(3, "LIG.lamp_out")))

    await merge(desk, "c3", "c2")

    assert (await case(desk, "c3")).merged_into == "c1"
    assert [each.ref for each in (await case(desk, "c1")).reporters] == ["ref1", "ref2", "ref3"]


async def test_a_request_of_a_merged_reporter_is_heard_by_the_lead(desk: Desk) -> None:
    """Decision 1.11."""
    from services.router.hear_residents import hear

    await two_alike(desk)
    await merge(desk, "c2", "c1")

    assert await hear(desk, Request("q1", "r2", "urge", MORNING, "ref2")) is None

    lead = await case(desk, "c1")
    assert [each.who for each in lead.urges] == ["ref2"]
    assert "q1" in lead.requests


async def test_splitting_opens_the_second_matter_once_with_the_same_reporter(desk: Desk) -> None:
    """Row a12.

    Decision 1.33.
    """
    await routed(desk, message(a_report(1, "LIG.lamp_out")))

    await give(desk, "c1", cmd.SplitOff, description="下水道也堵了", category="WAT.sewer_blocked", accepted=True)
    await sweep(desk)
    await sweep(desk)

    cases = await desk.store.since(MORNING - timedelta(days=1), "", 10)
    (new,) = [each.case for each in cases if each.case.case_id != "c1"]
    assert (new.origin, new.state, new.category) == ("derived", "dispatched", "WAT.sewer_blocked")
    assert [each.ref for each in new.reporters] == ["ref1"]
    assert new.clocks["result"].deadline.from_at == desk.clock.now()


async def test_a_matter_split_off_by_a_handler_waits_for_triage(desk: Desk) -> None:
    await routed(desk, message(a_report(1, "LIG.lamp_out")))

    await give(desk, "c1", cmd.SplitOff, description="楼道堆物", category="SAN.dead_corner")
    await sweep(desk)

    cases = await desk.store.since(MORNING - timedelta(days=1), "", 10)
    (new,) = [each.case for each in cases if each.case.case_id != "c1"]
    assert (new.state, new.triage_because) == ("reported", ("to_triage",))


async def test_behind_an_emergency_an_ordinary_case_carries_the_matter(desk: Desk) -> None:
    """Row 3.

    Decisions 1.31, 2.5.
    """
    danger = a_report(1, "WAT.sewer_blocked", answers={"danger": "gas_smell"})

    await routed(desk, message(danger))
    await routed(desk, message(danger))

    shadow = await case(desk, "c1")
    cases = await desk.store.since(MORNING - timedelta(days=1), "", 10)
    (behind,) = [each.case for each in cases if each.case.case_id != "c1"]
    assert shadow.state == "transferred_out"
    assert shadow.reporters[0].replies == 1
    assert (behind.origin, behind.category, behind.state) == ("derived", "WAT.sewer_blocked", "dispatched")


async def test_a_date_of_a_standing_rule_is_blown_once_in_a_case_of_its_own(desk: Desk) -> None:
    """Row a20.

    Decisions 2.6, 2.30.
    """
    clock = desk.clock
    assert isinstance(clock, FakeClock)
    clock.forward(at("2026-11-12 08:59") - clock.now())
    assert await blow_standing(desk) == 0

    clock.forward(at("2026-11-12 09:00") - clock.now())
    assert await blow_standing(desk) == 1
    assert await blow_standing(desk) == 0

    (stored,) = await desk.store.since(MORNING, "", 10)
    (whistle,) = stored.case.whistles.values()
    assert stored.case.origin == "campaign"
    assert (whistle.state, whistle.blocking, list(whistle.responders)) == ("blown", False, ["school-duty"])
    assert whistle.starts_at == at("2026-11-13 15:00")


async def test_an_assumed_year_that_became_official_moves_the_dates_that_rest_on_it(desk: Desk) -> None:
    """Row a40.

    Decision 1.42.
    """
    clock = desk.clock
    assert isinstance(clock, FakeClock)
    clock.forward(at("2026-12-30 15:00") - clock.now())
    await routed(desk, message(replace(a_report(1, "LIG.lamp_out"), received_at=clock.now())))
    before = (await case(desk, "c1")).clocks["result"].deadline
    assert before.provisional
    assert await recompute_clocks(desk) == 0

    official = replace(desk, packs={"wulibao": with_official_2027(wulibao())})
    assert await recompute_clocks(official) == 1
    assert await recompute_clocks(official) == 0

    after = (await case(desk, "c1")).clocks["result"].deadline
    assert not after.provisional
    assert after.due_at > before.due_at


def with_official_2027(pack: Pack) -> Pack:
    """An invented notice: the first four days of January are off."""
    off = frozenset(date(2027, 1, day) for day in (1, 2, 3, 4, 5))
    years = {**pack.calendar.years, 2027: Year(2027, "official", "an invented notice", off)}
    return replace(pack, calendar=replace(pack.calendar, years=years))
