"""One behaviour suite for the router's store: in memory, on motor, and on PyMongo's async client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.router.cases import CaseStore, Change, MongoCases, Wanted
from services.router.documents import BUCKETS, KeyKept, Stored, bucket_of, counted_under, news_of, opened
from services.router.listed import clock_row
from services.router.memory_cases import MemoryCases
from services.router.show_cases import listed_at
from services.router.visible import readers_of
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.domain import commands as cmd
from shaoyin.domain.counting import SAME
from shaoyin.domain.flow import decision
from shaoyin.domain.report import case_id_of
from tests.domain.town import DUTY, MORNING, a_blocked_drain, wulibao

ALL = range(BUCKETS)
DRAIN = "same_drain_90d"
KEPT = KeyKept("key-1", "p-jia-1", "hash", 6)


@pytest.fixture(params=["memory", "motor", "pymongo"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[CaseStore]:
    if request.param == "memory":
        yield MemoryCases()
        return
    url, name = request.getfixturevalue("mongo_url"), request.getfixturevalue("mongo_name")
    client = connect(Settings(mongo_url=url, driver=request.param))
    cases = MongoCases(client[f"{name}_router"])
    await cases.prepare()
    yield cases
    await close(client)


def new(report_id: str = "r1", at: datetime = MORNING) -> Stored:
    report = a_blocked_drain(received_at=at)
    command = cmd.OpenCase(at=at, report=report, case_id=case_id_of(report_id), number_if_accepted=f"N-{report_id}")
    return opened(decision(None, command, wulibao()), "run-1")


async def given(store: CaseStore, *stored: Stored) -> None:
    assert await store.insert([(each, wulibao()) for each in stored]) == set()


def signed(stored: Stored, key: KeyKept | None = None) -> Change:
    command = cmd.SignFor(at=MORNING + timedelta(minutes=5), person=DUTY[0], post=DUTY[1])
    return Change(stored, stored.after(decision(stored.case, command, wulibao())), wulibao(), key)


def ids(found: Sequence[Stored]) -> list[str]:
    return [each.case.case_id for each in found]


async def loaded(store: CaseStore, case_id: str) -> Stored:
    return (await store.load([case_id]))[case_id]


async def test_a_case_comes_back_as_it_was_written(store: CaseStore) -> None:
    stored = new()
    await given(store, stored)

    again = (await store.load(["c1"], explained=True))["c1"]

    assert (again.case, again.history, again.decisions) == (stored.case, stored.history, stored.decisions)


async def test_a_repeat_is_told_apart_from_what_is_new(store: CaseStore) -> None:
    await given(store, new("r1"))

    there = await store.insert([(new("r1"), wulibao()), (new("r2"), wulibao())])

    assert there == {"c1"}
    assert set(await store.load(["c1", "c2"])) == {"c1", "c2"}


async def test_of_two_changes_to_one_version_only_the_first_is_kept(store: CaseStore) -> None:
    stored = new()
    await given(store, stored)

    first, second = await store.append([signed(stored)]), await store.append([signed(stored)])

    assert (first, second) == ({"c1"}, set())
    assert (await loaded(store, "c1")).case.version == stored.case.version + 1


async def test_a_bulk_says_which_of_its_changes_won(store: CaseStore) -> None:
    one, two = new("r1"), new("r2")
    await given(store, one, two)
    await store.append([signed(one)])

    assert await store.append([signed(one), signed(two)]) == {"c2"}


async def test_a_key_is_kept_with_the_change_and_without_one(store: CaseStore) -> None:
    stored = new()
    await given(store, stored)

    await store.append([signed(stored, KEPT)])
    await store.keep_key("c1", KeyKept("key-2", "p-jia-1", "hash", 6, "not_now", {"state": "signed"}))

    assert [each.key for each in (await loaded(store, "c1")).keys] == ["key-1", "key-2"]
    assert (await loaded(store, "c1")).case.version == stored.case.version + 1


async def test_only_the_last_hundred_keys_are_kept(store: CaseStore) -> None:
    await given(store, new())
    for number in range(103):
        await store.keep_key("c1", KeyKept(f"key-{number}", "p", "h", 1))

    kept = (await loaded(store, "c1")).keys

    assert (len(kept), kept[0].key) == (100, "key-3")


async def test_what_is_due_comes_oldest_first_and_only_from_the_buckets_asked(store: CaseStore) -> None:
    await given(store, new("r1", MORNING + timedelta(minutes=2)), new("r2", MORNING), new("r3", MORNING))
    later = MORNING + timedelta(days=1)

    due = ids(await store.due(later, ALL, 10))

    assert due[-1] == "c1"
    assert set(due) == {"c1", "c2", "c3"}
    assert ids(await store.due(later, [each for each in ALL if each != bucket_of("c1")], 10)) == due[:-1]
    assert ids(await store.due(later, ALL, 10, ["c1"])) == due[:-1]
    assert ids(await store.due(MORNING, ALL, 10)) == []
    assert ids(await store.due(later, ALL, 1)) == due[:1]


async def test_the_next_due_time_of_all_is_known(store: CaseStore) -> None:
    assert await store.next_due() is None
    stored = new()
    await given(store, stored)

    assert await store.next_due() == stored.case.next_due_at
    assert await store.next_due([bucket_of("c1")]) == stored.case.next_due_at
    assert await store.next_due([each for each in ALL if each != bucket_of("c1")]) is None


async def test_an_opening_needs_no_outbox_mark_and_a_change_has_one_until_it_is_sent(store: CaseStore) -> None:
    stored = new()
    await given(store, stored)
    assert await store.unsent(10) == {}

    await store.append([signed(stored)])
    assert await store.unsent(10) == {"c1": stored.case.version + 1}

    await store.mark_sent({"c1": (stored.case.version + 1, stored.case.version + 1)})
    assert await store.unsent(10) == {}


async def test_a_case_that_moved_on_while_it_was_sent_stays_marked_from_the_next_event(store: CaseStore) -> None:
    stored = new()
    await given(store, stored)
    change = signed(stored)
    await store.append([change])
    start = cmd.Start(at=MORNING + timedelta(minutes=6), person=DUTY[0], post=DUTY[1])
    before = await loaded(store, "c1")
    await store.append([Change(before, before.after(decision(before.case, start, wulibao())), wulibao())])

    number = change.after.case.version
    await store.mark_sent({"c1": (number, number)})

    assert await store.unsent(10) == {"c1": change.after.case.version + 1}


async def test_an_event_that_a_killed_router_left_unsent_stays_marked_when_a_later_one_goes_out(
    store: CaseStore,
) -> None:
    stored = new()
    await given(store, stored)
    await store.append([signed(stored)])
    start = cmd.Start(at=MORNING + timedelta(minutes=6), person=DUTY[0], post=DUTY[1])
    before = await loaded(store, "c1")
    after = before.after(decision(before.case, start, wulibao()))
    await store.append([Change(before, after, wulibao())])

    await store.mark_sent({"c1": (after.case.version, after.case.version)})
    assert await store.unsent(10) == {"c1": stored.case.version + 1}

    await store.mark_sent({"c1": (stored.case.version + 1, after.case.version)})
    assert await store.unsent(10) == {}


async def test_a_mark_that_was_taken_away_meanwhile_does_not_come_back(store: CaseStore) -> None:
    stored = new()
    await given(store, stored)
    await store.append([signed(stored)])
    before = await loaded(store, "c1")
    await store.mark_sent({"c1": (stored.case.version + 1, stored.case.version + 1)})
    start = cmd.Start(at=MORNING + timedelta(minutes=6), person=DUTY[0], post=DUTY[1])

    await store.append([Change(before, before.after(decision(before.case, start, wulibao())), wulibao())])

    assert await store.unsent(10) == {"c1": stored.case.version + 2}


async def test_open_cases_of_one_place_and_category_are_alike(store: CaseStore) -> None:
    stored = new()
    await given(store, stored)
    key = f"{stored.case.area}|{stored.case.category}"

    assert await store.alike([key, "elsewhere|WAT.ponding"]) == {key: ["c1"]}


def count_of(stored: Stored, count: str) -> str:
    return next(each for each in counted_under(stored.case, wulibao()) if f"|{count}|" in each)


async def test_what_counts_under_a_name_is_found_as_far_back_as_that_name_looks(store: CaseStore) -> None:
    late, early = new("r1"), new("r2", MORNING - timedelta(days=8))
    await given(store, late, early)
    drain, same = count_of(late, DRAIN), count_of(late, SAME)

    found = await store.counted({drain: MORNING - timedelta(days=90), same: MORNING - timedelta(days=7), "no": MORNING})

    assert {name: each.cases for name, each in found.items()} == {drain: {"c1", "c2"}, same: {"c1"}}
    assert found[drain].open == {"c2": "N-r2", "c1": "N-r1"}
    assert await store.counted({}) == {}


async def test_a_post_answers_for_the_open_cases_it_owns(store: CaseStore) -> None:
    await given(store, new("r1"), new("r2"), new("r3"))
    owner = (await loaded(store, "c1")).case.owner.post

    assert owner is not None
    assert await store.loads([owner, "nobody"]) == {owner: 3}


async def test_a_list_shows_what_the_area_covers_or_the_post_holds(store: CaseStore) -> None:
    await given(store, new())

    async def seen(**wanted: object) -> list[str]:
        return [each.case.case_id for each in await store.find(Wanted(**wanted))]  # type: ignore[arg-type]

    assert await seen(paths=("wulibao-south",)) == ["c1"]
    assert await seen(holders=("duty",)) == ["c1"]
    assert await seen(paths=("estate-kangning",), holders=("centre",)) == []
    assert await seen(paths=("wulibao-south",), mine=True) == []
    assert await seen(paths=("wulibao-south",), states=("dispatched",), category="WAT.sewer_blocked") == ["c1"]
    assert await seen(paths=("wulibao-south",), states=("closed",), ended=True) == []
    assert await seen(paths=("wulibao-south",), number="N-r1") == ["c1"]
    assert await seen(paths=("wulibao-south",), area="courtyard-51") == ["c1"]
    assert await seen(paths=("wulibao-south",), holder="duty") == ["c1"]
    assert await seen(paths=("wulibao-south",), due_before=MORNING) == []


async def test_a_list_goes_on_where_its_page_ended(store: CaseStore) -> None:
    await given(store, *(new(f"r{number}", MORNING + timedelta(minutes=number)) for number in range(5)))
    first = await store.find(Wanted(paths=("wulibao-south",), most=3))
    last = first[-1].case
    due_at = min(each.deadline.due_at for each in last.clocks.values() if each.open)

    rest = await store.find(Wanted(paths=("wulibao-south",), after=(due_at, last.case_id)))

    assert [each.case.case_id for each in (*first, *rest)] == ["c0", "c1", "c2", "c3", "c4"]


async def test_the_lines_of_a_list_say_what_the_cases_say(store: CaseStore) -> None:
    await given(store, new("r1"), new("r2", MORNING + timedelta(minutes=1)))
    await store.append([signed(await loaded(store, "c1"))])
    wanted = Wanted(paths=("wulibao-south",))

    lines, cases = await store.rows(wanted), await store.find(wanted)

    assert [each.case_id for each in lines] == [each.case.case_id for each in cases] == ["c2", "c1"]
    for line, stored in zip(lines, cases, strict=True):
        case = stored.case
        assert line.readers == readers_of(case)
        assert line.view["state"] == case.state
        assert line.view["owner"] == {"post": "duty", "person": None, "org": "south-committee", "area": "wulibao-south"}
        assert line.view["clocks"] == [clock_row(each) for each in case.clocks.values()]
        assert line.listed_at == listed_at(stored)


async def test_a_case_that_an_earlier_version_wrote_is_listed_like_any_other(mongo_url: str, mongo_name: str) -> None:
    client = connect(Settings(mongo_url=mongo_url))
    cases = MongoCases(client[f"{mongo_name}_router"])
    await given(cases, new())
    wanted = Wanted(paths=("wulibao-south",))
    before = await cases.rows(wanted)
    await client[f"{mongo_name}_router"]["cases"].update_one({"_id": "c1"}, {"$unset": {"row": ""}})

    assert await cases.rows(wanted) == before
    await close(client)


async def test_cases_changed_since_an_instant_come_in_order(store: CaseStore) -> None:
    await given(store, new("r1"), new("r2", MORNING + timedelta(minutes=1)))

    later = await store.since(MORNING, "c1", 10)

    assert [each.case.case_id for each in later] == ["c2"]
    assert [each.case.case_id for each in await store.since(datetime(2026, 1, 1, tzinfo=UTC), "", 10)] == ["c1", "c2"]


async def test_the_news_of_a_stored_case_is_the_same_as_when_it_was_first_published(store: CaseStore) -> None:
    stored = new()
    change = signed(stored)
    await given(store, stored)
    await store.append([change])

    assert news_of(await loaded(store, "c1")) == news_of(change.after)


async def test_a_case_comes_with_the_way_through_the_rules_only_where_somebody_asks_why(store: CaseStore) -> None:
    stored = new()
    await given(store, stored)

    asked = (await store.load(["c1"], explained=True))["c1"]
    other = await loaded(store, "c1")

    assert asked == stored
    assert (other.case, news_of(other)) == (stored.case, news_of(stored))
    assert other.history != stored.history
