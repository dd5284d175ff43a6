"""What the router asks of its cases, enrolments, counters and leases; with a full store to ask it of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cache

from bench.seed import case_id, fill, grown
from services.router.backlog import Backlog
from services.router.cases import Change, MongoCases, Wanted
from services.router.documents import BUCKETS
from services.router.leases import Leases
from services.router.numbers import Numbers
from services.router.pack_versions import Draft, MongoPackVersions, Officer, Version
from services.router.past_cases import PastCases
from services.router.registration_documents import document_of
from services.router.registrations import EnrolmentChange, MongoRegistrations, WantedEnrolments
from shaoyin.adapters.clock import FakeClock, SystemClock
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import Database
from shaoyin.domain.pack import Pack
from tests.domain.town import MORNING, wulibao
from tests.queries.copies import Ask, copied
from tests.services.test_registration_store import KEPT, confirm, new

CASES, ENROLMENTS, VERSIONS = 100_000, 5_000, 2_000
OFFICER = Officer("p-ren-2", "rules-officer", MORNING)
SOON, LATER = MORNING + timedelta(minutes=1), MORNING + timedelta(days=30)
MINE = range(0, BUCKETS, 2)
HERE, TRIAGE = ("wulibao-south",), ("duty",)
COUNTED = ("wulibao|same_drain_90d|seed-00-00001", "wulibao|same_reporter|ref|WAT.sewer_blocked|seed-00-00001")
NUMBER = "410103901001202609140000001"


@cache
def town() -> Pack:
    return grown(wulibao())


async def filled(database: Database) -> None:
    await fill(database, town(), CASES, at=MORNING)
    await MongoRegistrations(database).prepare()
    await copied(database["registrations"], document_of(new(), wulibao()), ENROLMENTS, _own_enrolment)
    await MongoPackVersions(database).prepare()
    await copied(database["pack_versions"], _a_version(), VERSIONS, _own_version)
    some = [case_id(number) for number in range(0, 600, 2)]
    await database["cases"].update_many({"_id": {"$in": some}}, {"$set": {"unsent_from": 2}})


def _own_enrolment(number: int) -> Mapping[str, object]:
    who = f"p-{number}"
    return {
        "_id": f"reg-{number}", "owner": f"person:{who}", "open_as": f"person:{who}|wulibao/wulibao-south",
        "state": "active" if number % 2 else "applied", "applied_at": MORNING - timedelta(minutes=number),
        "last_at": MORNING - timedelta(minutes=number), "area_key": f"wulibao/area-{number % 200}",
        "area_keys": ["wulibao/wulibao", f"wulibao/area-{number % 200}"],
        "unsent_from": 1 if number < 20 else None, "to_free": True if number < 10 else None,
        "next_due_at": LATER if number % 50 == 0 else None,
    }  # fmt: skip


def _a_version() -> Mapping[str, object]:
    return {"pack": "wulibao", "handed_in": asdict(OFFICER), "note": "", "based_on": None, "pages": "", "cells": ""}


def _own_version(number: int) -> Mapping[str, object]:
    return {"_id": f"wulibao:{number}", "number": number, "version": f"hash-{number}"}


def questions(database: Database) -> Mapping[str, Ask]:
    return {
        **_of_cases(MongoCases(database), PastCases(database)), **_of_enrolments(MongoRegistrations(database)),
        **_of_packs(MongoPackVersions(database)), **_of_others(database),
    }  # fmt: skip


def _of_cases(store: MongoCases, past: PastCases) -> Mapping[str, Ask]:
    return {
        "a case": lambda: store.load([case_id(1)]),
        "cases": lambda: store.load([case_id(1), case_id(2)]),
        "a case explained": lambda: store.load([case_id(1)], explained=True),
        "append": lambda: _append(store, 1, lost=False),
        "append after somebody else": lambda: _append(store, 2, lost=True),
        "keep a key": lambda: store.keep_key(case_id(1), KEPT),
        "due": lambda: store.due(LATER, MINE, 10),
        "due but for some": lambda: store.due(LATER, MINE, 10, [case_id(1)]),
        "next due": lambda: store.next_due(),
        "next due of mine": lambda: store.next_due(MINE),
        "unsent": lambda: store.unsent(10),
        "mark sent": lambda: store.mark_sent({case_id(1): (2, 9), case_id(2): (2, 9)}),
        "alike": lambda: store.alike(["seed-00-00001|WAT.sewer_blocked", "nowhere|nothing"]),
        "counted": lambda: store.counted(dict.fromkeys(COUNTED, MORNING - timedelta(days=30))),
        "loads": lambda: store.loads(["duty", "grid-1"]),
        **{f"list {name}": _list(store, wanted) for name, wanted in LISTS.items()},
        "rows": lambda: store.rows(Wanted(paths=HERE, holders=TRIAGE)),
        "since": lambda: store.since(MORNING - timedelta(days=9), "", 10),
        "provisional": lambda: store.provisional("", 10),
        "past cases": lambda: _past(past, MORNING - timedelta(days=30), 10),
        "past cases of the second page": lambda: _past(past, MORNING - timedelta(days=30), 600),
        "insert": lambda: _insert(store),
    }


LISTS = {
    "of an area or a post": Wanted(paths=HERE, holders=TRIAGE),
    "of a state": Wanted(paths=HERE, holders=TRIAGE, states=("dispatched", "signed")),
    "of a category": Wanted(paths=HERE, holders=TRIAGE, category="WAT.sewer_blocked"),
    "of a holder": Wanted(paths=HERE, holders=TRIAGE, holder="duty"),
    "due before": Wanted(paths=HERE, holders=TRIAGE, due_before=LATER),
    "the second page": Wanted(paths=HERE, holders=TRIAGE, after=(MORNING, "c")),
    "ended": Wanted(paths=HERE, holders=TRIAGE, ended=True),
    "the second page of ended": Wanted(paths=HERE, holders=TRIAGE, ended=True, after=(MORNING, "c")),
    "mine": Wanted(holders=TRIAGE, mine=True),
    "mine ended": Wanted(holders=TRIAGE, mine=True, ended=True),
    "by number": Wanted(paths=HERE, number=NUMBER),
    "by number ended": Wanted(paths=HERE, number=NUMBER, ended=True),
    "orders": Wanted(paths=HERE, orders=True),
}


def _list(store: MongoCases, wanted: Wanted) -> Ask:
    return lambda: store.find(wanted)


async def _past(past: PastCases, since: datetime, most: int) -> None:
    assert [len(page.cases) async for page in past.since("wulibao", since, most)] != []


async def _append(store: MongoCases, number: int, *, lost: bool) -> None:
    stored = (await store.load([case_id(number)]))[case_id(number)]
    version = 999 if lost else stored.case.version
    before = replace(stored, case=replace(stored.case, version=version))
    await store.append([Change(before, before, town(), KEPT)])


async def _insert(store: MongoCases) -> None:
    stored = (await store.load([case_id(3)], explained=True))[case_id(3)]
    assert await store.insert([(stored, town())]) == {case_id(3)}


def _of_enrolments(store: MongoRegistrations) -> Mapping[str, Ask]:
    def found(**said: object) -> Ask:
        return lambda: store.find(WantedEnrolments(**said))  # type: ignore[arg-type]  # the table below says what

    lists: Mapping[str, Mapping[str, object]] = {
        "covered": {"covered": ("wulibao/area-1",), "owners": ("person:p-1",)}, "own": {"owners": ("person:p-1",)},
        "mine": {"owners": ("person:p-1",), "mine": True},
        "members": {"covered": ("wulibao/wulibao",), "kind": "member"},
        "of a state": {"covered": ("wulibao/wulibao",), "states": ("active",)},
        "next page": {"covered": ("wulibao/wulibao",), "after": (MORNING - timedelta(hours=9), "reg")},
    }  # fmt: skip
    return {
        **{f"enrolments {name}": found(**said) for name, said in lists.items()},
        "enrol": lambda: store.insert(new("another", area="courtyard-51"), wulibao()),
        "enrolments": lambda: store.load(["reg-1", "reg-2"]),
        "change an enrolment": lambda: _confirm(store),
        "keep a key of an enrolment": lambda: store.keep_key("reg-2", KEPT),
        "open of": lambda: store.open_of("person:p-1", "wulibao"),
        "active in": lambda: store.active_in(["wulibao/area-1", "wulibao/area-2"], "wulibao/area-1"),
        "enrolments due": lambda: store.due(LATER + timedelta(days=1), 10),
        "next enrolment due": lambda: store.next_due(),
        "enrolments unsent": lambda: store.unsent(10),
        "enrolments sent": lambda: store.mark_sent({"reg-1": 1, "reg-2": 9}),
        "to free": lambda: store.to_free(10),
        "freed": lambda: store.mark_freed("reg-1"),
        "enrolments since": lambda: store.since(MORNING - timedelta(hours=1), "", 10),
    }


async def _confirm(store: MongoRegistrations) -> None:
    change = confirm(new("another", area="courtyard-51"))
    await store.append(EnrolmentChange(change.before, change.after, wulibao(), KEPT))


def _of_packs(store: MongoPackVersions) -> Mapping[str, Ask]:
    version = Version("wulibao", 7, "hash-7", OFFICER)
    return {
        "hand in": lambda: store.keep(Draft("wulibao", "new", {}, "", OFFICER)),
        "hand in again": lambda: store.keep(Draft("wulibao", "hash-7", {}, "", OFFICER)),
        "a version": lambda: store.find("wulibao", 7),
        "versions": lambda: store.history("elsewhere"),
        "numbers of versions": store.numbers,
        "cells of a version": lambda: store.cells("wulibao", "hash-7"),
        "pages of a version": lambda: store.pages("wulibao", 7),
        "put in force first": lambda: store.put_in_force(version, OFFICER, 0, "folder"),
        "put in force": lambda: store.put_in_force(version, OFFICER, 1, None),
        "in force": store.in_force,
        "publications": lambda: store.publications("wulibao"),
        "folder seen": lambda: store.see_folder("wulibao", "folder"),
        "publication sent": lambda: store.mark_sent("wulibao", 2, "cluster"),
    }


def _of_others(database: Database) -> Mapping[str, Ask]:
    backlog, numbers = Backlog(database, FakeClock(LATER), Metrics("router")), Numbers(database)
    leases = Leases(database, "router-1", SystemClock())
    return {
        "unsent counted": backlog.measure_outboxes,
        "overdue counted": backlog.measure_overdue,
        "a number": lambda: numbers.take("410103901001", MORNING.date()),
        "leases": leases.hold,
        "leases renewed": leases.hold,
        "leases given back": leases.give_back,
    }
