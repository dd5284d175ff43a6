"""Whoever has the shift is told; whoever has none may act all the same, and is told next where the first is deaf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

from services.notify.who_is_told import tellings
from shaoyin.contracts.envelope import read_news
from shaoyin.domain import commands as cmd
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.shifts import Shift
from tests.domain.town import MORNING, wulibao
from tests.services.notify_setup import a_story, eventually, office
from tests.services.ringing_setup import AT_NIGHT, Ringing, a_telling, likes, ringing

DAY, NIGHT, DEPUTY, ABOVE = "p-jia-1", "p-jia-5", "p-jia-2", "p-jia-3"
SHIFTS = (Shift((DAY,), time(8), time(20)), Shift((NIGHT,), time(20), time(8)))


def town(stand_ins: Sequence[str] = (DEPUTY,), away: Sequence[str] = (), shifts: Sequence[Shift] = SHIFTS) -> Pack:
    pack = wulibao()
    known = pack.directory
    duty: Post = replace(known.posts["duty"], holders=(DAY, NIGHT), stand_ins=tuple(stand_ins), shifts=tuple(shifts))
    leave = (date(2026, 9, 1), date(2026, 9, 30))
    people = {**known.people, **{each: replace(known.people[each], away=(leave,)) for each in away}}
    return replace(pack, directory=replace(known, posts={**known.posts, "duty": duty}, people=people))


def packs(**more: Sequence[str]) -> Mapping[str, Pack]:
    return {"wulibao": town(**more)}  # type: ignore[arg-type]


async def told(pack: Pack, mongo_url: str, mongo_name: str, folder: Path) -> list[str]:
    """Who has the new case of the morning in his inbox."""
    async with office(mongo_url, mongo_name, folder, packs={"wulibao": pack}) as here:
        await a_story().send(here.bus)
        await here.all_raised()
        return [each for each in (DAY, NIGHT, DEPUTY) if "new_case" in await here.kinds(each)]


async def holds(here: Ringing, person: str) -> bool:
    return await here.office.kinds(person) == ["new_case"]


async def test_only_the_one_who_has_the_shift_is_told(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    assert await told(town(), mongo_url, mongo_name, tmp_path) == [DAY]


async def test_while_he_is_on_leave_his_deputy_is_told(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    assert await told(town(away=[DAY]), mongo_url, mongo_name, tmp_path) == [DEPUTY]


async def test_without_a_roster_all_holders_are_told(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    assert await told(town(shifts=[]), mongo_url, mongo_name, tmp_path) == [DAY, NIGHT]


async def test_whoever_has_no_shift_signs_all_the_same_and_frees_the_one_who_has(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with office(mongo_url, mongo_name, tmp_path, packs=packs()) as here:
        story = a_story()
        story.pack = town()
        await story.send(here.bus)
        story.give((NIGHT, "duty"), cmd.SignFor)
        await story.send(here.bus)
        await here.all_raised()

        assert story.open_case.state == "signed"
        assert (await here.alert(DAY, "new_case"))["act"] is None


def test_who_is_told_hangs_on_when_it_happened_and_not_on_when_it_is_read() -> None:
    story = a_story()
    first, again = ([read_news(each) for each in story.fresh] for _ in range(2))
    late = [each for news in first for each in tellings(news, town(), b"key")]

    assert late == [each for news in again for each in tellings(news, town(), b"key")]
    assert {each.person for each in late if each.post == "duty"} == {DAY}
    assert {each.at for each in late} == {MORNING}


async def test_a_critical_alert_that_the_one_on_duty_does_not_read_goes_to_the_deputy(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with ringing(mongo_url, mongo_name, tmp_path, AT_NIGHT, packs=packs()) as here:
        critical = a_telling(NIGHT, "critical")._replace(at=AT_NIGHT)
        await here.raised(critical)

        here.clock.forward(timedelta(minutes=5))

        await eventually(lambda: holds(here, DEPUTY))
        assert await here.office.inbox(DAY) == []


async def test_where_none_of_several_deputies_reads_it_either_the_post_above_is_told(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    both = (DEPUTY, "p-jia-4")
    async with ringing(mongo_url, mongo_name, tmp_path, AT_NIGHT, packs=packs(stand_ins=both)) as here:
        await here.raised(a_telling(NIGHT, "critical")._replace(at=AT_NIGHT))
        here.clock.forward(timedelta(minutes=5))
        for each in both:
            await eventually(lambda person=each: holds(here, person))  # type: ignore[misc]
        here.clock.forward(timedelta(minutes=5))

        await eventually(lambda: holds(here, ABOVE))


async def test_without_a_deputy_the_holder_off_duty_is_woken_before_anybody_above_and_only_once(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    nobody = [likes(each, addresses={}) for each in (DAY, NIGHT)]
    async with ringing(
        mongo_url, mongo_name, tmp_path, AT_NIGHT, packs=packs(stand_ins=()), preferences=nobody
    ) as here:
        critical = a_telling(NIGHT, "critical")._replace(at=AT_NIGHT)
        await here.raised(critical)
        here.clock.forward(timedelta(minutes=5))

        await eventually(lambda: holds(here, DAY))
        assert (await here.office.alert(DAY, "new_case"))["act"] == {"command": "sign_for", "fields": {}}
        assert await here.office.inbox(ABOVE) == []

        here.clock.forward(timedelta(minutes=5))
        await eventually(lambda: holds(here, ABOVE))
        assert (await here.office.alert(ABOVE, "new_case"))["act"] is None
