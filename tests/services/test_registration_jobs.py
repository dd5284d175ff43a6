"""The jobs around enrolments: the first people of a pack, start dates, news, replays, and who may be called."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from services.router.app import running
from services.router.keep_registrations import activate_due
from services.router.members import member_in, members_of
from services.router.publish_registrations import publish_registrations_since, sweep_registrations
from services.router.seed_registrations import seed_registrations
from shaoyin.adapters.bus import BusDown, Received
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.contracts.members import MemberNews, read_member_news
from shaoyin.contracts.topics import MEMBERS
from tests.domain.town import MORNING, at, wulibao
from tests.services.registration_setup import Office, TokensAreNames, office

SOON = timedelta(milliseconds=200)


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as found:
        yield found


async def raw(here: Office, group: str = "checks") -> Sequence[Received]:
    async with here.bus.reader(group, [MEMBERS.name]) as reader:
        return await reader.batch(1000, SOON)


async def news(here: Office) -> list[MemberNews]:
    return [read_member_news(each) for each in await raw(here)]


async def state(here: Office, registration_id: str) -> str:
    return (await here.desk.registrations.load([registration_id]))[registration_id].enrolment.state


async def persons(here: Office, area: str) -> list[str]:
    return [each.person for each in await members_of(here.desk, area, here.clock.now())]


# The first people of a pack


async def test_the_people_of_a_pack_are_read_once(here: Office) -> None:
    assert await seed_registrations(here.desk) == 16
    assert await seed_registrations(here.desk) == 0
    assert [await state(here, each) for each in ("reg-01", "reg-15", "reg-16")] == ["active", "paused", "ended"]


async def test_who_left_does_not_come_back_with_the_next_start(here: Office) -> None:
    await seed_registrations(here.desk)
    assert (await here.command("p-gui-9", "reg-09", "end")).status_code == 200

    await seed_registrations(here.desk)

    assert await state(here, "reg-09") == "ended"
    assert "p-gui-9" not in await persons(here, "courtyard-51")


async def test_who_enrolled_before_the_pack_named_him_stays_as_he_is(here: Office) -> None:
    own = await here.active("p-gui-9")

    assert await seed_registrations(here.desk) == 15
    assert (await here.desk.registrations.load(["reg-09", own])).keys() == {own}


# Start dates


async def test_a_start_date_brings_an_enrolment_into_force_once(here: Office) -> None:
    registration_id = await here.active(start="2026-09-20")
    assert await state(here, registration_id) == "confirmed"
    assert await activate_due(here.desk) == 0

    here.clock.forward(at("2026-09-20 00:01") - MORNING)

    assert [await activate_due(here.desk), await activate_due(here.desk)] == [1, 0]
    assert await state(here, registration_id) == "active"


# News


async def test_each_decision_is_published_under_its_id_with_the_facts_after_it(here: Office) -> None:
    registration_id = await here.active()

    assert [await sweep_registrations(here.desk), await sweep_registrations(here.desk)] == [1, 0]

    told = await news(here)
    assert [(each.event_id, each.event.type, each.header.state) for each in told] == [
        (f"{registration_id}:1", "registration.applied", "applied"),
        (f"{registration_id}:2", "registration.confirmed", "active"),
        (f"{registration_id}:3", "registration.activated", "active"),
    ]
    assert {message.key for message in await raw(here, "keys")} == {registration_id.encode()}


async def test_what_is_about_the_person_never_travels(here: Office) -> None:
    registration_id = await here.active(
        skills=["修灯"], household="hh-7", free_times=["sat 09:00-12:00"], at_home_only=True,
        area_limits=["courtyard-51"],
    )  # fmt: skip
    await here.command("p-new", registration_id, "end", reason="身体不好")
    await sweep_registrations(here.desk)

    told = [json.loads(each.value)["data"] for each in await raw(here)]

    assert set().union(*told) == {
        "at", "by", "registration_id", "community", "kind", "who", "area", "start", "on_behalf", "activates_at",
    }  # fmt: skip


async def test_while_the_broker_is_away_nothing_is_marked_and_nothing_is_lost(here: Office) -> None:
    await here.applied()
    here.bus.down = True
    with pytest.raises(BusDown):
        await sweep_registrations(here.desk)
    here.bus.down = False

    assert await sweep_registrations(here.desk) == 1
    assert [each.seq for each in await news(here)] == [1]


async def test_a_reader_that_lost_the_broker_gets_everything_since_again(here: Office) -> None:
    first = str((await here.applied("p-one"))["registration_id"])
    here.clock.forward(timedelta(hours=1))
    since = here.clock.now()
    second = await here.active("p-two")
    await here.command("p-jia-3", first, "confirm")

    assert await publish_registrations_since(here.desk, since) == 5
    assert sorted(each.event_id for each in await news(here)) == sorted(
        [f"{first}:2", f"{first}:3", f"{second}:1", f"{second}:2", f"{second}:3"]
    )


# Who may be called


async def test_the_members_of_a_place_are_those_in_force_with_what_the_core_needs_to_know(here: Office) -> None:
    await seed_registrations(here.desk)

    found = {each.person: each for each in await members_of(here.desk, "courtyard-51-b1", here.clock.now())}

    assert len(found) == 14
    assert found.keys().isdisjoint({"p-gui-13", "p-gui-14"})
    assert (found["p-gui-1"].household, found["p-gui-2"].household) == ("hh-51-2", "hh-51-2")
    assert [found[each].vetting for each in ("p-gui-1", "p-gui-3", "p-ren-1")] == ["basic", "minors", "none"]
    assert all(each.may_be_alerted for each in found.values())


async def test_an_expired_vetting_counts_as_none(here: Office) -> None:
    await seed_registrations(here.desk)
    here.clock.forward(at("2027-09-01 00:00") - MORNING)

    assert {each.vetting for each in await members_of(here.desk, "courtyard-51", here.clock.now())} == {"none"}


async def test_limits_free_times_and_working_at_home_are_kept(here: Office) -> None:
    await here.active("p-limited", area_limits=["estate-kangning"])
    await here.active("p-busy", free_times=["sat 09:00-12:00"])
    await here.active("p-home", at_home_only=True)
    await here.active("p-part", area="courtyard-51")

    assert set(await persons(here, "courtyard-51")) == {"p-busy", "p-home", "p-part"}
    assert set(await persons(here, "estate-kangning")) == {"p-limited", "p-busy", "p-home"}
    alerted = [each.person for each in await members_of(here.desk, "courtyard-51", MORNING) if each.may_be_alerted]
    assert alerted == ["p-part"]


async def test_one_person_is_asked_for_in_a_place(here: Office) -> None:
    await here.active("p-part", area="courtyard-51")

    found = await member_in(here.desk, "p-part", "courtyard-51-b1", MORNING)

    assert found is not None
    assert await member_in(here.desk, "p-part", "estate-kangning", MORNING) is None
    assert await member_in(here.desk, "p-part", "courtyard-51", MORNING, community="elsewhere") is None


# The whole router


async def test_a_router_that_starts_reads_the_people_and_tells_of_them(mongo_url: str, mongo_name: str) -> None:
    settings = Settings.checked(env="test", mongo_url=mongo_url, database_prefix=mongo_name, partitions=2)
    bus, client = MemoryBus(), connect(settings)
    clock, packs = FakeClock(MORNING), {"wulibao": wulibao()}
    try:
        for start in (1, 2):
            async with running(settings, clock, bus, client, packs, TokensAreNames(), None) as router:
                async with asyncio.timeout(20), bus.reader(f"checks-{start}", [MEMBERS.name]) as reader:
                    told: list[MemberNews] = []
                    while len({each.header.registration_id for each in told}) < 16:
                        told += [read_member_news(each) for each in await reader.batch(1000, SOON)]
                assert len(await members_of(router.desk, "courtyard-51", clock.now())) == 14
                assert router.jobs.failing == {}
            assert [each.event_id for each in told].count("reg-01:1") == 1
    finally:
        await close(client)
