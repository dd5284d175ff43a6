"""Both drivers behave the same through mongo.py, on a real replica set, and say plainly when it is away."""

import asyncio
import linecache
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Literal

import pytest
from pymongo import ASCENDING, DESCENDING, IndexModel, InsertOne, ReturnDocument, UpdateOne
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    ExecutionTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from shaoyin.adapters.mongo import (
    Client,
    Collection,
    Database,
    IndexesWrong,
    StoreDown,
    aggregate,
    close,
    connect,
    ensure_indexes,
    list_indexes,
    local_reads,
    means_away,
    next_changes,
    ping,
    start_session,
    store_needed,
    watch,
)
from shaoyin.adapters.settings import Settings

pytestmark = pytest.mark.engines


@pytest.fixture(params=["motor", "pymongo"])
async def client(request: pytest.FixtureRequest, mongo_url: str, mongo_name: str) -> AsyncIterator[Client]:
    settings = Settings(mongo_url=mongo_url, driver=request.param)
    client = connect(settings)
    yield client
    await client.drop_database(f"{mongo_name}_{request.param}")
    await close(client)


@pytest.fixture
def database(client: Client, request: pytest.FixtureRequest, mongo_name: str) -> Database:
    return client[f"{mongo_name}_{request.node.callspec.params['client']}"]


@pytest.fixture
def cases(database: Database) -> Collection:
    return database["cases"]


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_to_connect_leaves_no_source_code_in_memory(mongo_url: str, driver: Literal["motor", "pymongo"]) -> None:
    client = connect(Settings(mongo_url=mongo_url, driver=driver))
    try:
        assert not [file for file in linecache.cache if "pymongo" in file]
    finally:
        await close(client)


async def test_what_was_stored_comes_back_with_its_time_zone(cases: Collection) -> None:
    at = datetime(2026, 9, 30, 10, 0, 0, 123000, tzinfo=UTC)

    await cases.insert_one({"_id": "a", "at": at})

    assert await cases.find_one({"_id": "a"}) == {"_id": "a", "at": at}
    assert await cases.find_one({"_id": "b"}) is None


async def test_a_cursor_sorts_limits_and_is_read_both_ways(cases: Collection) -> None:
    await cases.insert_many([{"_id": number, "due": 10 - number} for number in range(5)], ordered=False)

    listed = await cases.find({}, {"due": 0}).sort("due", ASCENDING).skip(1).limit(2).to_list(None)
    walked = [each["_id"] async for each in cases.find().sort([("_id", DESCENDING)]).batch_size(2)]

    assert listed == [{"_id": 3}, {"_id": 2}]
    assert walked == [4, 3, 2, 1, 0]


async def test_updates_replacements_and_deletions_tell_what_they_did(cases: Collection) -> None:
    await cases.insert_many([{"_id": 1, "version": 1}, {"_id": 2, "version": 1}])

    assert (await cases.update_one({"_id": 1, "version": 1}, {"$set": {"version": 2}})).modified_count == 1
    assert (await cases.update_one({"_id": 1, "version": 1}, {"$set": {"version": 2}})).matched_count == 0
    assert (await cases.update_many({}, {"$inc": {"version": 1}})).modified_count == 2
    assert (await cases.replace_one({"_id": 2}, {"version": 9}, upsert=True)).matched_count == 1
    assert await cases.distinct("version", {"_id": 2}) == [9]
    assert (await cases.delete_one({"_id": 2})).deleted_count == 1
    assert await cases.find_one_and_delete({"_id": 1}) == {"_id": 1, "version": 3}
    assert (await cases.delete_many({})).deleted_count == 0
    assert await cases.count_documents({}) == await cases.estimated_document_count() == 0


async def test_find_one_and_update_gives_the_document_as_it_is_after(cases: Collection) -> None:
    after = await cases.find_one_and_update(
        {"_id": "counter"}, {"$inc": {"next": 10}}, upsert=True, return_document=ReturnDocument.AFTER
    )

    assert after == {"_id": "counter", "next": 10}


async def test_a_bulk_tells_its_totals(cases: Collection) -> None:
    result = await cases.bulk_write(
        [InsertOne({"_id": 1}), InsertOne({"_id": 2}), UpdateOne({"_id": 3}, {"$set": {"a": 1}})], ordered=False
    )

    assert (result.inserted_count, result.matched_count) == (2, 0)


async def test_a_duplicate_is_a_fact_and_not_an_outage(cases: Collection) -> None:
    await cases.insert_one({"_id": 1})

    with pytest.raises(DuplicateKeyError):
        async with store_needed():
            await cases.insert_one({"_id": 1})
    with pytest.raises(BulkWriteError) as caught:
        async with store_needed():
            await cases.insert_many([{"_id": 1}, {"_id": 2}], ordered=False)
    assert [error["code"] for error in (caught.value.details or {})["writeErrors"]] == [11000]
    assert await cases.count_documents({}) == 2


async def test_an_aggregation_is_asked_the_same_way_of_both_drivers(cases: Collection) -> None:
    await cases.insert_many([{"area": "a", "n": 1}, {"area": "a", "n": 2}, {"area": "b", "n": 4}])
    pipeline: list[dict[str, object]] = [{"$group": {"_id": "$area", "n": {"$sum": "$n"}}}, {"$sort": {"_id": 1}}]

    listed = await (await aggregate(cases, pipeline, allowDiskUse=False)).to_list(None)
    walked = [each async for each in await aggregate(cases, pipeline)]

    assert listed == walked == [{"_id": "a", "n": 3}, {"_id": "b", "n": 4}]


async def test_indexes_are_built_once_and_listed(cases: Collection) -> None:
    specs = [
        IndexModel([("bucket", ASCENDING), ("next_due_at", ASCENDING)], name="due"),
        IndexModel([("until", ASCENDING)], name="kept_for", expireAfterSeconds=60),
    ]

    await ensure_indexes(cases, specs)
    await ensure_indexes(cases, specs)

    assert [index["name"] for index in await list_indexes(cases)] == ["_id_", "due", "kept_for"]


@pytest.mark.parametrize(
    "other",
    [
        IndexModel([("b", ASCENDING)], name="due"),
        IndexModel([("a", ASCENDING)], name="due", unique=True),
        IndexModel([("a", ASCENDING)], name="due", partialFilterExpression={"a": {"$type": "date"}}),
        IndexModel([("a", ASCENDING)], name="due", expireAfterSeconds=60),
    ],
    ids=["other keys", "unique", "partial", "expiring"],
)
async def test_an_index_that_changed_under_the_same_name_is_refused(cases: Collection, other: IndexModel) -> None:
    await ensure_indexes(cases, [IndexModel([("a", ASCENDING)], name="due")])

    with pytest.raises(IndexesWrong, match="due"):
        await ensure_indexes(cases, [other])


async def test_an_index_that_somebody_hid_is_refused_until_it_is_seen_again(
    cases: Collection, database: Database
) -> None:
    specs = [
        IndexModel([("a", ASCENDING), ("b", ASCENDING)], name="due", partialFilterExpression={"a": {"$type": "date"}}),
        IndexModel("until", name="kept_for", expireAfterSeconds=0),
        IndexModel("code", name="code", unique=True),
    ]
    await ensure_indexes(cases, specs)
    await database.command("collMod", cases.name, index={"name": "due", "hidden": True})

    with pytest.raises(IndexesWrong, match=r"due missing, hidden or another"):
        await ensure_indexes(cases, specs)

    await database.command("collMod", cases.name, index={"name": "due", "hidden": False})
    await ensure_indexes(cases, specs)


async def test_changes_are_watched_and_resumed(cases: Collection, database: Database) -> None:
    await cases.insert_one({"_id": 0})
    async with watch(cases, max_await_time_ms=100) as changes:
        assert await changes.try_next() is None
        await cases.insert_one({"_id": 1})
        first = await changes.next()
        token = changes.resume_token
    await cases.insert_one({"_id": 2})

    async with watch(database, [{"$match": {"operationType": "insert"}}], resume_after=token) as changes:
        second = await anext(aiter(changes))

    assert first["fullDocument"] == {"_id": 1}
    assert second["fullDocument"] == {"_id": 2}


async def test_changes_that_came_together_are_taken_together_and_in_order(cases: Collection) -> None:
    async with watch(cases, max_await_time_ms=100, batch_size=5) as changes:
        assert await next_changes(changes, 3) == []
        await cases.insert_many([{"_id": number} for number in range(12)])
        taken: list[list[object]] = []
        while sum(map(len, taken)) < 12:
            taken.append([each["fullDocument"]["_id"] for each in await next_changes(changes, 3)])

        assert await next_changes(changes, 3) == []

    assert [each for some in taken for each in some] == list(range(12))
    assert max(map(len, taken)) == 3


async def test_a_session_belongs_to_its_block(client: Client, cases: Collection) -> None:
    async with start_session(client, causal_consistency=True) as session:
        await cases.insert_one({"_id": 1}, session=session)
        assert await cases.find_one({"_id": 1}, session=session) == {"_id": 1}


async def test_every_write_waits_for_the_majority_and_the_journal(cases: Collection) -> None:
    concern = cases.write_concern.document  # type: ignore[attr-defined]  # both drivers have it, stores do not need it
    assert concern == {"w": "majority", "j": True, "wtimeout": 8000}
    assert cases.read_concern.level == "majority"  # type: ignore[attr-defined]  # as above
    assert local_reads(cases).read_concern.level == "local"  # type: ignore[attr-defined]  # as above


async def test_a_primary_that_answers_is_pinged(database: Database) -> None:
    await ping(database)

    assert await database.list_collection_names() == []


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_dead_store_is_said_to_be_down_within_seconds(driver: str) -> None:
    settings = Settings(mongo_url="mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=60000", driver=driver)
    client = connect(settings)

    with pytest.raises(StoreDown, match="ServerSelectionTimeoutError"):
        async with asyncio.timeout(20):
            await ping(client["any"])

    await close(client)


async def test_a_function_can_be_marked_as_needing_the_store() -> None:
    @store_needed()
    async def ask() -> None:
        raise AutoReconnect("connection closed")

    with pytest.raises(StoreDown, match="AutoReconnect"):
        await ask()


async def test_an_error_of_ours_passes_untouched() -> None:
    with pytest.raises(KeyError):
        async with store_needed():
            raise KeyError("ours")


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ServerSelectionTimeoutError("nobody"), True),
        (NotPrimaryError("stepped down"), True),
        (ExecutionTimeout("late", 50), True),
        (WriteConcernError("not confirmed", 64), True),
        (OperationFailure("going down", 11600), True),
        (BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}), True),
        (BulkWriteError({"writeErrors": [{"code": 11000}, {"code": 91}], "writeConcernErrors": []}), True),
        (BulkWriteError({"writeErrors": [{"code": 11000}], "writeConcernErrors": []}), False),
        (OperationFailure("bad pipeline", 40324), False),
        (DuplicateKeyError("again", 11000), False),
        (PyMongoError("a mistake of ours"), False),
    ],
)
def test_away_means_not_reachable_or_not_confirmed(error: PyMongoError, away: bool) -> None:
    assert means_away(error) is away
