"""What a published version decides, in every router: the next case, and none that was dispatched before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from ruamel.yaml import YAML

from services.router import versions as versions_module
from services.router.change_case import Asked, change_case
from services.router.documents import Stored
from services.router.memory_cases import MemoryCases
from services.router.memory_pack_versions import MemoryPackVersions
from services.router.open_cases import open_cases
from services.router.publish_packs import after_publications, send_publications, settle
from services.router.show_cases import explain_case
from shaoyin.adapters.bus import BusDown, Message
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.adapters.mongo import StoreDown
from shaoyin.contracts.envelope import write_report
from shaoyin.contracts.packs import PackPublished, read_pack
from shaoyin.contracts.topics import PACKS as TOPIC
from shaoyin.contracts.topics import REPORTS
from shaoyin.domain import commands as cmd
from shaoyin.domain.report import Report
from tests.domain.town import CENTRE, DUTY, MORNING, PACKS, at, wulibao
from tests.services.intake_setup import until
from tests.services.publication_setup import (
    DRAIN,
    Office,
    a_drain,
    another_limit,
    another_row,
    changes,
    office,
    one_more_category,
)

SOON = timedelta(milliseconds=200)


@asynccontextmanager
async def two_routers() -> AsyncIterator[tuple[Office, Office]]:
    store, cases, bus = MemoryPackVersions(), MemoryCases(), MemoryBus()
    async with office(store, cases, bus) as one, office(store, cases, bus) as other:
        yield one, other


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as found:
        yield found


async def routed(here: Office, *reports: Report) -> None:
    messages = [write_report(each) for each in reports]
    await here.bus.send([Message(REPORTS.name, each.key, each.value, each.headers) for each in messages])
    async with here.bus.reader("router", [REPORTS.name]) as reader:
        batch = await reader.batch(1000, SOON)
        await open_cases(here.desk, batch)
        await reader.commit(batch)


async def case(here: Office, number: int) -> Stored:
    return (await here.desk.store.load([f"c{number}"]))[f"c{number}"]


def result_within(stored: Stored) -> str:
    return str(stored.case.clocks["result"].deadline.within)


async def on_topic(here: Office) -> list[PackPublished]:
    return [read_pack(each) async for batch in here.bus.kept(TOPIC.name) for each in batch]


async def test_the_next_case_is_decided_by_the_new_version_in_every_router() -> None:
    async with two_routers() as (one, other):
        await routed(one, a_drain(1))
        await one.publishes(another_limit("7 h"))
        await routed(one, a_drain(2, building="kangning-b1"))
        await other.versions.look()
        await routed(other, a_drain(3, building="kangning-b2"))

        old, new, elsewhere = [await case(one, each) for each in (1, 2, 3)]

        assert result_within(old) != "7 h"
        assert [result_within(each) for each in (new, elsewhere)] == ["7 h", "7 h"]
        versions = {each.case.pack_version for each in (new, elsewhere)}
        assert versions == {(await one.in_force())["version"]}
        assert old.case.pack_version == wulibao().version


async def test_a_row_that_was_changed_decides_the_next_case_and_the_explanation_says_by_which_number(
    here: Office,
) -> None:
    await routed(here, a_drain(1))
    row = (await case(here, 1)).case.row
    assert row is not None
    await here.publishes(another_row(row, result_within="5 h"))
    await routed(here, a_drain(2, building="courtyard-51-b2"))

    assert result_within(await case(here, 2)) == "5 h"
    assert (await case(here, 2)).case.row == row
    told = [await explain_case(here.desk, DUTY[0], f"c{each}", "en") for each in (1, 2)]
    assert [each["number"] for each in told] == [1, 2]


async def test_what_was_dispatched_before_keeps_its_version_and_its_limits(here: Office) -> None:
    await routed(here, a_drain(1))
    before = await case(here, 1)
    limits = {"normal": "3 wd", "elevated": "3 wd", "urgent": "3 d", "critical": "9 h"}
    page = (PACKS / "wulibao" / "pack.yaml").read_text("utf-8")
    assert "clocks:" not in page
    clocks = "\n".join(f"    {urgency}: {within}" for urgency, within in limits.items())
    await here.publishes({**changes(), "pack.yaml": f"{page}\nclocks:\n  check:\n{clocks}\n"})

    for command in (
        cmd.SignFor(at=MORNING, person=DUTY[0], post=DUTY[1]),
        cmd.Start(at=MORNING, person=DUTY[0], post=DUTY[1]),
    ):
        await change_case(here.desk, Asked("c1", command))
    after = await case(here, 1)

    assert after.case.pack_version == before.case.pack_version == wulibao().version
    assert after.case.clocks["result"].deadline == before.case.clocks["result"].deadline
    assert here.desk.pack_for(after.case).limits["check"] == wulibao().limits["check"]
    assert str(here.desk.packs["wulibao"].limits["check"]["critical"]) == "9 h"


async def test_what_waits_for_triage_is_dispatched_by_the_version_in_force_then(here: Office) -> None:
    report = replace(a_drain(1), category=None, description="请来看看")
    await routed(here, report)
    assert (await case(here, 1)).case.state == "reported"
    await here.publishes(another_limit("7 h"))

    accept = cmd.Accept(
        at=MORNING, person=DUTY[0], post=DUTY[1], category=DRAIN, urgency="urgent", area="courtyard-51-b1", number="N1"
    )
    await change_case(here.desk, Asked("c1", accept))
    await change_case(here.desk, Asked("c1", cmd.Dispatch(at=MORNING, person=DUTY[0], post=DUTY[1])))
    after = await case(here, 1)

    assert (after.case.state, result_within(after)) == ("dispatched", "7 h")
    assert after.case.pack_version == (await here.in_force())["version"]


async def test_an_earlier_version_is_fetched_from_the_store_when_one_of_its_cases_comes() -> None:
    async with two_routers() as (one, other):
        await routed(one, a_drain(1))
        await one.publishes(another_limit("7 h"))
        await one.publishes(another_limit("8 h"))
        await other.versions.look()
        stored = await case(one, 1)
        assert other.desk.pack_for(stored.case).version == wulibao().version, "it was in force here a moment ago"

    store = one.versions.store
    assert isinstance(store, MemoryPackVersions)
    async with office(store, settled=False) as new:
        await settle(new.desk, new.versions, PACKS, follow_folder=False)
        assert new.desk.packs["wulibao"].version != wulibao().version
        await new.desk.versions_for([stored.case])

        assert new.desk.pack_for(stored.case).version == wulibao().version
        assert new.desk.pack_for(stored.case).categories[DRAIN] == wulibao().categories[DRAIN]


async def test_few_earlier_versions_are_kept_and_a_batch_that_needs_more_has_them(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions_module, "EARLIER_AT_MOST", 2)
    await routed(here, a_drain(0))
    of = [(await case(here, 0)).case]
    for hours in range(2, 6):
        await here.publishes(another_limit(f"{hours} h"))
        of.append(replace(of[0], pack_version=here.desk.packs["wulibao"].version))

    await here.desk.versions_for(of)
    together = [str(here.desk.pack_for(each).categories[DRAIN].result) for each in of[1:]]
    await here.desk.versions_for(of[:1])
    kept = [here.desk.pack_for(each).version == each.pack_version for each in of]

    assert together == ["2 h", "3 h", "4 h", "5 h"]
    assert kept[0], "the one that was just asked for"
    assert sum(kept) <= 3


async def test_a_version_that_nobody_stored_leaves_its_cases_to_the_newest(here: Office) -> None:
    await routed(here, a_drain(1))
    stranger = replace((await case(here, 1)).case, pack_version="nobody-knows")

    await here.desk.versions_for([stranger])

    assert here.desk.pack_for(stranger) is here.desk.packs["wulibao"]


async def test_a_report_names_a_version_that_this_router_has_not_heard_of_and_it_looks() -> None:
    async with two_routers() as (one, other):
        await one.publishes(one_more_category())
        version = str((await one.in_force())["version"])

        await routed(other, replace(a_drain(1, version), category="WAT.invented"))

        found = await case(other, 1)
        assert (found.case.state, found.case.category) == ("dispatched", "WAT.invented")
        assert found.case.pack_version == version


async def test_a_version_that_never_comes_is_waited_for_once_and_then_the_newest_decides(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions_module, "WAITS", timedelta(milliseconds=50))
    monkeypatch.setattr(versions_module, "LOOK_AGAIN", timedelta(milliseconds=5))
    counted: list[str] = []
    monkeypatch.setattr(here.versions, "_noticed", lambda what, _many: counted.append(what))

    await routed(here, a_drain(1, "nobody-knows"))
    await routed(here, a_drain(2, "nobody-knows"))

    assert (await case(here, 1)).case.pack_version == wulibao().version
    assert counted == ["versions_unknown"]


async def test_nothing_is_decided_before_it_is_known_what_is_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions_module, "SETTLES_WITHIN", timedelta(milliseconds=20))
    async with office(settled=False) as here:
        with pytest.raises(StoreDown):
            await routed(here, a_drain(1))
        await settle(here.desk, here.versions, PACKS, follow_folder=False)
        await routed(here, a_drain(1))

        assert (await case(here, 1)).case.state == "dispatched"


async def test_the_other_services_are_told_once_and_again_in_a_new_cluster(here: Office) -> None:
    await here.publishes(another_limit("7 h"))
    await here.versions.look()

    assert await send_publications(here.desk, here.versions) == 1
    await here.versions.look()
    assert await send_publications(here.desk, here.versions) == 0
    (published,) = await on_topic(here)
    assert (published.pack, published.publication, published.number) == ("wulibao", 2, 2)

    here.bus.wiped()
    assert await send_publications(here.desk, here.versions) == 1
    assert await on_topic(here) == [published]


async def test_while_kafka_is_away_an_approval_counts_here_and_is_told_later(here: Office) -> None:
    here.bus.down = True
    await here.publishes(another_limit("7 h"))
    with pytest.raises(BusDown):
        await send_publications(here.desk, here.versions)
    here.bus.down = False
    await routed(here, a_drain(1))

    assert result_within(await case(here, 1)) == "7 h"
    assert await send_publications(here.desk, here.versions) == 1


async def test_a_router_killed_between_the_approval_and_the_news_leaves_it_to_the_next() -> None:
    async with two_routers() as (killed, other):
        await killed.publishes(another_limit("7 h"))

        await other.versions.look()
        await send_publications(other.desk, other.versions)

        assert [each.publication for each in await on_topic(other)] == [2]


async def test_a_case_in_a_place_that_is_gone_is_shown_decided_and_passed_on(here: Office) -> None:
    await routed(here, a_drain(1))
    areas = YAML(typ="safe").load((PACKS / "wulibao" / "areas.yaml").read_text("utf-8"))
    files = changes(areas=[each for each in areas if each["id"] != "courtyard-51-b1"])
    await here.publishes({**files, "areas.geojson": None})
    assert "courtyard-51-b1" not in here.desk.packs["wulibao"].areas.areas

    await change_case(here.desk, Asked("c1", cmd.SignFor(at=MORNING, person=DUTY[0], post=DUTY[1])))
    listed = await here.http.get("/api/cases", headers={"authorization": f"Bearer {DUTY[0]}"})
    shown = await here.http.get("/api/cases/c1", headers={"authorization": f"Bearer {CENTRE[0]}"})

    assert (await case(here, 1)).case.state == "signed"
    assert [each["case_id"] for each in listed.json()["items"]] == ["c1"]
    assert shown.json()["area"] == "courtyard-51-b1"


async def test_dates_that_rest_on_an_assumed_year_are_counted_anew_when_its_notice_is_published(here: Office) -> None:
    clock = here.desk.clock
    assert isinstance(clock, FakeClock)
    clock.forward(at("2026-12-30 10:00") - clock.now())
    await routed(here, replace(a_drain(1), category="LIG.lamp_out", received_at=clock.now()))
    assumed = (await case(here, 1)).case.clocks["result"].deadline
    notice = {"year": 2027, "status": "official", "source": "示例通知", "workdays": []}
    await here.publishes(changes(calendar={"years": [{**notice, "holidays": {"元旦": "2027-01-01..2027-01-05"}}]}))

    counting = asyncio.create_task(after_publications(here.desk, here.versions))

    async def counted() -> bool:
        return not (await case(here, 1)).case.clocks["result"].deadline.provisional

    await until(counted)
    counting.cancel()
    official = (await case(here, 1)).case.clocks["result"].deadline
    assert assumed.provisional
    assert official.due_at > assumed.due_at
    assert (await case(here, 1)).case.pack_version == wulibao().version
