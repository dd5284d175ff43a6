"""One behaviour suite for the router's store of enrolments: in memory, on motor, and on PyMongo's async client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from services.router.documents import KeyKept
from services.router.memory_registrations import MemoryRegistrations
from services.router.registration_documents import StoredEnrolment, begun, news_of
from services.router.registrations import (
    EnrolmentChange,
    MongoRegistrations,
    RegistrationStore,
    WantedEnrolments,
)
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.domain import registration_commands as cmd
from shaoyin.domain.registration_commands import RegistrationCommand
from shaoyin.domain.registration_events import RegistrationApplied
from shaoyin.domain.registration_flow import decide
from tests.domain.town import MORNING, SECRETARY, at, wulibao

KEPT = KeyKept("key-1", "p-a", "hash", 1)


@pytest.fixture(params=["memory", "motor", "pymongo"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[RegistrationStore]:
    if request.param == "memory":
        yield MemoryRegistrations()
        return
    url, name = request.getfixturevalue("mongo_url"), request.getfixturevalue("mongo_name")
    client = connect(Settings(mongo_url=url, driver=request.param))
    registrations = MongoRegistrations(client[f"{name}_router"])
    await registrations.prepare()
    yield registrations
    await close(client)


def new(name: str = "a", when: datetime = MORNING, area: str = "wulibao-south", **said: object) -> StoredEnrolment:
    command = cmd.Apply(
        at=when, person=f"p-{name}", registration_id=f"reg-{name}", kind="member", who=f"p-{name}", area=area,
        **said,  # type: ignore[arg-type]
    )  # fmt: skip
    return begun(decide(None, command, wulibao()))


async def given(store: RegistrationStore, *stored: StoredEnrolment) -> None:
    assert [await store.insert(each, wulibao()) for each in stored] == ["new"] * len(stored)


def changed(before: StoredEnrolment, command: RegistrationCommand, key: KeyKept | None = None) -> EnrolmentChange:
    return EnrolmentChange(before, before.after(decide(before.enrolment, command, wulibao())), wulibao(), key)


def confirm(before: StoredEnrolment, key: KeyKept | None = None) -> EnrolmentChange:
    name = before.enrolment.registration_id
    command = cmd.Confirm(
        at=MORNING + timedelta(minutes=5), person=SECRETARY[0], post=SECRETARY[1], registration_id=name,
        vetting="minors", vetted_until=date(2027, 8, 31),
    )  # fmt: skip
    return changed(before, command, key)


def end(before: StoredEnrolment) -> EnrolmentChange:
    enrolment = before.enrolment
    return changed(
        before, cmd.End(at=enrolment.last_at, person=enrolment.who, registration_id=enrolment.registration_id)
    )


async def loaded(store: RegistrationStore, name: str = "a") -> StoredEnrolment:
    return (await store.load([f"reg-{name}"]))[f"reg-{name}"]


async def confirmed(store: RegistrationStore, *names: str) -> None:
    for name in names:
        assert await store.append(confirm(await loaded(store, name)))


def named(found: list[StoredEnrolment]) -> list[str]:
    return [each.enrolment.registration_id.removeprefix("reg-") for each in found]


async def test_an_enrolment_comes_back_as_it_was_written(store: RegistrationStore) -> None:
    stored = new(start=date(2026, 9, 1), skills=("修灯",), household="hh-1")
    await given(store, stored)
    change = confirm(stored)
    assert await store.append(change)

    again = await loaded(store)

    assert (again.enrolment, again.history, again.decisions) == (
        change.after.enrolment, change.after.history, change.after.decisions,
    )  # fmt: skip
    assert again.enrolment.vetted_until == date(2027, 8, 31)


async def test_a_repeat_of_an_id_is_told_from_a_second_open_enrolment(store: RegistrationStore) -> None:
    await given(store, new())
    first = new().history[0]
    assert isinstance(first, RegistrationApplied)
    other = begun([replace(first, registration_id="reg-b")])

    assert await store.insert(new(), wulibao()) == "there"
    assert await store.insert(other, wulibao()) == "open"
    assert await store.append(end(await loaded(store)))
    assert await store.insert(other, wulibao()) == "new"


async def test_of_two_changes_to_one_version_only_the_first_is_kept(store: RegistrationStore) -> None:
    stored = new()
    await given(store, stored)

    assert [await store.append(confirm(stored)), await store.append(end(stored))] == [True, False]
    assert (await loaded(store)).enrolment.state == "active"


async def test_keys_are_kept_with_the_application_with_a_change_and_without_one(store: RegistrationStore) -> None:
    await given(store, begun(new().history, keys=(KEPT,)))

    await store.append(confirm(await loaded(store), replace(KEPT, key="key-2")))
    await store.keep_key("reg-a", replace(KEPT, key="key-3", refused="not_now", params={"state": "active"}))

    kept = (await loaded(store)).keys
    assert [each.key for each in kept] == ["key-1", "key-2", "key-3"]
    assert kept[2].params == {"state": "active"}


async def test_only_the_last_hundred_keys_are_kept(store: RegistrationStore) -> None:
    await given(store, new())
    for number in range(103):
        await store.keep_key("reg-a", replace(KEPT, key=f"key-{number}"))

    kept = (await loaded(store)).keys

    assert (len(kept), kept[0].key) == (100, "key-3")


async def test_the_open_enrolments_of_one_and_the_same_are_found_in_their_community(store: RegistrationStore) -> None:
    await given(store, new("a", area="courtyard-51"), new("b"))

    assert named(await store.open_of("person:p-a", "wulibao")) == ["a"]
    assert named(await store.open_of("person:p-a", "elsewhere")) == []
    await store.append(end(await loaded(store)))
    assert named(await store.open_of("person:p-a", "wulibao")) == []


async def test_who_is_in_force_around_or_inside_a_place_is_found_the_longest_enrolled_first(
    store: RegistrationStore,
) -> None:
    later = MORNING + timedelta(minutes=1)
    await given(store, new("a", later), new("b", area="courtyard-51"), new("c", area="estate-kangning"), new("d"))
    await confirmed(store, "a", "b", "c")
    above = [f"wulibao/{each}" for each in wulibao().areas.path("courtyard-51")]

    assert named(await store.active_in(above, "wulibao/courtyard-51")) == ["b", "a"]
    whole = [f"wulibao/{each}" for each in wulibao().areas.path("wulibao-south")]
    assert named(await store.active_in(whole, "wulibao/wulibao-south")) == ["b", "c", "a"]
    assert named(await store.active_in(["elsewhere/courtyard-51"], "elsewhere/courtyard-51")) == []


async def test_a_list_shows_what_the_post_covers_or_what_is_ones_own(store: RegistrationStore) -> None:
    await given(store, new("a"), new("b", area="courtyard-51"), new("c", area="wulibao"))
    await confirmed(store, "b")
    south = ("wulibao/wulibao-south",)

    async def seen(**wanted: object) -> list[str]:
        return named(await store.find(WantedEnrolments(**wanted)))  # type: ignore[arg-type]

    assert await seen() == []
    assert await seen(covered=south) == ["a", "b"]
    assert await seen(covered=south, owners=("person:p-c",)) == ["a", "b", "c"]
    assert await seen(covered=south, owners=("person:p-c",), mine=True) == ["c"]
    assert await seen(covered=south, states=("active",)) == ["b"]
    assert await seen(covered=south, kind="volunteer") == []
    assert await seen(covered=south, area="courtyard-51") == ["b"]
    assert await seen(covered=("elsewhere/wulibao-south",)) == []


async def test_a_list_goes_on_where_its_page_ended_newest_first(store: RegistrationStore) -> None:
    minutes = {"a": 2, "b": 1, "c": 1, "d": 0}
    await given(store, *(new(name, MORNING + timedelta(minutes=each)) for name, each in minutes.items()))
    south = ("wulibao/wulibao-south",)

    first = await store.find(WantedEnrolments(covered=south, most=2))
    last = first[-1].enrolment
    rest = await store.find(WantedEnrolments(covered=south, after=(last.applied_at, last.registration_id)))

    assert named([*first, *rest]) == ["a", "b", "c", "d"]


async def test_a_start_date_is_due_once_it_has_come_and_not_after_the_end(store: RegistrationStore) -> None:
    await given(store, new("a", start=date(2026, 9, 21)), new("b", start=date(2026, 9, 20)), new("c"))
    assert await store.next_due() is None
    await confirmed(store, "a", "b", "c")

    assert await store.next_due() == at("2026-09-20 00:00")
    assert named(await store.due(at("2026-09-20 00:00"), 10)) == []
    assert named(await store.due(at("2026-09-21 00:01"), 10)) == ["b", "a"]
    assert named(await store.due(at("2026-09-21 00:01"), 1)) == ["b"]
    await store.append(end(await loaded(store, "b")))
    assert await store.next_due() == at("2026-09-21 00:00")


async def test_what_is_not_published_stays_marked_from_its_first_event_on(store: RegistrationStore) -> None:
    await given(store, new())
    assert [each.unsent_from for each in await store.unsent(10)] == [1]

    await store.mark_sent({"reg-a": 1})
    assert await store.unsent(10) == []
    await confirmed(store, "a")
    assert [each.unsent_from for each in await store.unsent(10)] == [2]
    await store.append(end(await loaded(store)))
    await store.mark_sent({"reg-a": 3})
    assert [each.unsent_from for each in await store.unsent(10)] == [4]
    await store.mark_sent({"reg-a": 4})
    assert await store.unsent(10) == []


async def test_an_end_waits_until_its_follow_up_is_done(store: RegistrationStore) -> None:
    await given(store, new("a"), new("b"))
    assert await store.to_free(10) == []

    await store.append(end(await loaded(store)))
    assert named(await store.to_free(10)) == ["a"]
    await store.mark_freed("reg-a")
    assert await store.to_free(10) == []


async def test_enrolments_changed_since_an_instant_come_in_order(store: RegistrationStore) -> None:
    await given(store, new("b"), new("a"), new("c", MORNING + timedelta(minutes=1)))

    assert named(await store.since(MORNING, "", 10)) == ["a", "b", "c"]
    assert named(await store.since(MORNING, "reg-a", 10)) == ["b", "c"]
    assert named(await store.since(MORNING, "", 1)) == ["a"]


async def test_the_news_of_a_stored_enrolment_is_the_same_as_when_it_was_first_published(
    store: RegistrationStore,
) -> None:
    stored = new(start=date(2026, 9, 1), free_times=("sat 09:00-12:00",))
    change = confirm(stored)
    await given(store, stored)
    await store.append(change)

    assert news_of(await loaded(store)) == news_of(change.after)
