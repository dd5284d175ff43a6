"""After the shooting: nothing half-written in any of the three databases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pymongo import MongoClient

from services.router import documents, registration_documents
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import case_id_of
from tests.fuzz.scene import PATIENCE, Scene

Database = Any


def half_written(client: MongoClient[dict[str, Any]], scene: Scene) -> list[str]:
    """Every sentence is something that is wrong; none, and all is whole."""
    intake, router, notify = (client[f"{scene.prefix}_{name}"] for name in ("intake", "router", "notify"))
    quiet = _becomes(lambda: not any(_on_the_way(intake, router, notify)))
    wrong = [] if quiet else [f"still on its way: {each}" for each in _on_the_way(intake, router, notify)]
    wrong += _reports(intake, router)
    wrong += _cases(router, scene.pack)
    wrong += _enrolments(router, scene.pack)
    return wrong + list(_alerts(notify, router))


def _becomes(true: Callable[[], bool]) -> bool:
    ends_at = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.1)
    return True


def _on_the_way(intake: Database, router: Database, notify: Database) -> Iterator[str]:
    """What the services still have to do by themselves."""
    waiting = {"$type": ["date", "int"]}
    for database, name, what in (
        (intake, "reports", "publish_at"), (intake, "requests", "publish_at"), (router, "cases", "unsent_from"),
        (router, "registrations", "unsent_from"), (notify, "alerts", "unpublished_at"),
    ):  # fmt: skip
        left = database[name].count_documents({what: waiting})
        if left:
            yield f"{left} of {name}"
    behind = sum(1 for _ in _behind(intake, router))
    if behind:
        yield f"{behind} progress pages"


def _behind(intake: Database, router: Database) -> Iterator[str]:
    versions = {each["_id"]: each["version"] for each in router["cases"].find({}, {"version": 1})}
    for report in intake["reports"].find({}, {"head": 1}):
        version = versions.get(case_id_of(report["_id"]))
        if version is not None and report.get("head", {}).get("version") != version:
            yield report["_id"]


def _reports(intake: Database, router: Database) -> Iterator[str]:
    """Every report that was taken has its case, and its entry in the vault where it names one."""
    cases, entries = set(router["cases"].distinct("_id")), set(intake["vault"].distinct("_id"))
    for report in intake["reports"].find():
        if case_id_of(report["_id"]) not in cases:
            yield f"report {report['_id']} was taken and has no case"
        if "vault" in report and report["vault"] not in entries:
            yield f"report {report['_id']} names an identity that is not in the vault"
        if report["report"]["secrecy"] == "anonymous" and "vault" in report:
            yield f"report {report['_id']} is anonymous and has an identity"
    for request in intake["requests"].find():
        if request["state"] not in ("accepted", "refused"):
            yield f"request {request['_id']} was never answered"


def _cases(router: Database, pack: Pack) -> Iterator[str]:
    """What lists and timers ask for is what the events add up to, and no number is missing."""
    for document in router["cases"].find():
        stored = documents.stored_from(document)
        yield from _numbered("case", document)
        yield from _same("case", document, documents.read_model(stored.case, pack))


def _enrolments(router: Database, pack: Pack) -> Iterator[str]:
    for document in router["registrations"].find():
        stored = registration_documents.stored_from(document)
        yield from _numbered("enrolment", document)
        yield from _same("enrolment", document, registration_documents.read_model(stored, pack))


def _numbered(what: str, document: Mapping[str, Any]) -> Iterator[str]:
    history, decisions = document["history"], document["decisions"]
    if not len(history) == document["version"] == decisions[-1] or decisions != sorted(set(decisions)):
        yield f"{what} {document['_id']} has {len(history)} events, version {document['version']}, ends {decisions}"


def _same(what: str, document: Mapping[str, Any], made: Mapping[str, object]) -> Iterator[str]:
    for name, value in made.items():
        if value != document.get(name):
            yield f"{what} {document['_id']}: {name} is {document.get(name)!r}, its events say {value!r}"


def _alerts(notify: Database, router: Database) -> Iterator[str]:
    """An alert is of an event that happened, and says what became of it."""
    versions = {
        each["_id"]: each["version"]
        for name in ("cases", "registrations")
        for each in router[name].find({}, {"version": 1})
    }
    for alert in notify["alerts"].find():
        about, _, number = alert["event_id"].rpartition(":")
        if int(number) > versions.get(about, 0):
            yield f"alert {alert['_id']} is of an event that never happened"
        if not alert["deliveries"] or not all(each["attempts"] for each in alert["deliveries"]):
            yield f"alert {alert['_id']} does not say what became of it"
