"""No question the router asks of its cases reads the whole collection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from bson.raw_bson import RawBSONDocument

from bench.seed import case_id, stamped
from services.router.cases import CaseStore, MongoCases, Wanted
from services.router.documents import BUCKETS
from shaoyin.adapters.mongo import Database, close, connect
from shaoyin.adapters.settings import Settings
from tests.domain.town import MORNING, wulibao

MINE = range(0, BUCKETS, 2)
LATER = MORNING + timedelta(days=30)
HERE, TRIAGE = ("wulibao-south",), ("duty",)
Question = Callable[[CaseStore], Awaitable[object]]
QUESTIONS: dict[str, Question] = {
    "load": lambda store: store.load([case_id(1), case_id(2)]),
    "due": lambda store: store.due(LATER, MINE, 10),
    "due but for some": lambda store: store.due(LATER, MINE, 10, [case_id(1)]),
    "next due": lambda store: store.next_due(),
    "next due of mine": lambda store: store.next_due(MINE),
    "unsent": lambda store: store.unsent(10),
    "mark sent": lambda store: store.mark_sent({case_id(1): (2, 9), case_id(2): (2, 9)}),
    "alike": lambda store: store.alike(["courtyard-51-b1|WAT.sewer_blocked", "nowhere|nothing"]),
    "of an area or a post": lambda store: store.find(Wanted(paths=HERE, holders=TRIAGE)),
    "ended": lambda store: store.find(Wanted(paths=HERE, holders=TRIAGE, ended=True)),
    "mine": lambda store: store.find(Wanted(holders=TRIAGE, mine=True)),
    "by number": lambda store: store.find(Wanted(paths=HERE, number="410103901001202609140000001")),
    "orders": lambda store: store.find(Wanted(paths=HERE, orders=True)),
    "since": lambda store: store.since(MORNING, "", 10),
    "provisional": lambda store: store.provisional("", 10),
}


async def scans(database: Database) -> int:
    status = await database.command("serverStatus")
    return int(status["metrics"]["queryExecutor"]["collectionScans"]["total"])


@pytest.mark.engines
async def test_every_question_is_answered_from_an_index(mongo_url: str, mongo_name: str) -> None:
    client = connect(Settings(mongo_url=mongo_url))
    database = client[f"{mongo_name}_router"]
    store = MongoCases(database)
    documents = [RawBSONDocument(each) for each in stamped(wulibao(), 500, open_share=0.5, at=MORNING)]
    await database["cases"].insert_many(documents)  # type: ignore[arg-type]  # as the driver takes them
    await store.prepare()
    scanned: list[str] = []
    for name, ask in QUESTIONS.items():
        before = await scans(database)
        await ask(store)
        if await scans(database) > before:
            scanned.append(name)
    await close(client)

    assert scanned == []
