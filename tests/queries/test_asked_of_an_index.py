"""No question of the product reads a whole collection: each is asked of a full store, and the profiler says how."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest
from pymongo import AsyncMongoClient, MongoClient

from shaoyin.adapters.mongo import OPTIONS, Client, close
from tests.queries import intake, notify, router
from tests.queries.copies import Ask
from tests.queries.watched import Asker, Askers, Look, Profiler, askers_in_source

SMALL: Mapping[str, str] = {
    "leases": "64 buckets and a line for each router",
    "done_before": "a line for each process of notify in the last hour",
    "packs_in_force": "a line for each community",
    "followed": "a line for each process of intake in the last hour",
}
"""May be read whole, for it never grows. Beside them the development clock, its takers and its key, in a database of
their own, and `counters`, `health` and `tidied`, which are only asked by id.
"""
PASSES_OVER: Mapping[str, str] = {
    "list of a category": "the open cases of its areas in their order, until a page of that category is full",
    "due but for some": "the cases it is told to leave out",
    "rates by channel": "every alert of the week is counted; what was counted is told for ten seconds",
    "sealed anew": "every report is walked past, whether it has a sealed code or not",
}
"""May look at more documents than it finds."""
TIMES, AT_LEAST = 10, 60
PATIENT = {"socketTimeoutMS": 120_000, "wTimeoutMS": 120_000}
"""Indexes of a full store take a while."""
SERVICES = ("router", "intake", "notify")


@dataclass(frozen=True)
class Answers:
    looks: list[Look]
    askers: set[Asker]


@pytest.fixture(scope="module")
async def answers(mongo_url: str) -> AsyncIterator[Answers]:
    prefix, askers = f"t{uuid.uuid4().hex[:12]}", Askers()
    driver: object = AsyncMongoClient(mongo_url, event_listeners=[askers], **{**OPTIONS, **PATIENT})
    client, plain = cast("Client", driver), cast("MongoClient[dict[str, Any]]", MongoClient(mongo_url))
    try:
        looks = await _looks(client, plain, prefix, askers)
        yield Answers(looks, askers.seen)
    finally:
        for name in SERVICES:
            plain.drop_database(f"{prefix}_{name}")
        plain.close()
        await close(client)


async def _looks(client: Client, plain: MongoClient[dict[str, Any]], prefix: str, askers: Askers) -> list[Look]:
    of_router, of_intake, of_notify = (client[f"{prefix}_{name}"] for name in SERVICES)
    await router.filled(of_router)
    await intake.filled(of_intake)
    await notify.filled(of_notify)
    askers.seen.clear()
    return [
        *await _asked(plain, of_router.name, router.questions(of_router)),
        *await _asked(plain, of_intake.name, await intake.questions(of_intake)),
        *await _asked(plain, of_notify.name, await notify.questions(of_notify)),
    ]


async def _asked(plain: MongoClient[dict[str, Any]], name: str, questions: Mapping[str, Ask]) -> list[Look]:
    profiler, looks = Profiler(plain, name), []
    for question, ask in questions.items():
        await ask()
        looks += profiler.looks(question)
    return looks


@pytest.mark.engines
def test_no_question_scans_a_collection_that_grows(answers: Answers) -> None:
    assert [str(look) for look in answers.looks if look.scans and look.collection not in SMALL] == []


@pytest.mark.engines
def test_no_question_looks_at_many_more_documents_than_it_finds(answers: Answers) -> None:
    wasteful = [
        str(look)
        for look in answers.looks
        if look.examined > max(TIMES * look.wanted, AT_LEAST) and look.question not in PASSES_OVER
    ]

    assert wasteful == []


@pytest.mark.engines
def test_every_function_that_asks_a_collection_was_asked(answers: Answers) -> None:
    """A new one goes into the table of questions of its service."""
    assert sorted(askers_in_source() - answers.askers) == []


@pytest.mark.engines
def test_what_may_be_scanned_still_is(answers: Answers) -> None:
    assert {look.collection for look in answers.looks if look.scans} == set(SMALL)
