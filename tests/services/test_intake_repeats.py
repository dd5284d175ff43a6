"""The same report twice: an idempotency key gives the first answer again, in whatever order and however often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.intake.codes import Codes
from services.intake.group_commit import GroupCommit
from services.intake.receipt import Receipt
from services.intake.reports import KEY_LIVES
from services.intake.store_reports import Outcome, Told
from tests.services.intake_setup import Town, a_drain, problem, until
from tests.services.intake_setup import town as a_town

KEY = {"Idempotency-Key": "5e0c1b1e"}


@pytest.fixture
async def town(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path) as found:
        yield found


async def test_the_same_key_and_body_gives_the_first_receipt_again(town: Town) -> None:
    first = await town.report(a_drain(description="着火了"), KEY)
    town.clock.forward(timedelta(hours=3))
    again = await town.report(a_drain(description="着火了"), KEY)

    assert again.status_code == 202
    assert again.content == first.content
    assert await town.collection("reports").count_documents({}) == 1


async def test_the_order_of_fields_and_spaces_do_not_make_another_body(town: Town) -> None:
    first = await town.taken(a_drain(answers={"danger": "none", "inside_flat": True}), KEY)
    body = a_drain(answers={"inside_flat": True, "danger": "none"}, description="  下水道堵了，没法用水 ")

    assert await town.taken(dict(reversed(body.items())), KEY) == first


async def test_the_same_key_with_another_body_is_refused(town: Town) -> None:
    await town.taken(headers=KEY)

    refused = problem(await town.report(a_drain(description="另一件事"), KEY))

    assert refused == (422, "idempotency_key_reused", [("Idempotency-Key", "idempotency_key_reused")])
    assert await town.collection("reports").count_documents({}) == 1


async def test_a_key_of_another_community_is_another_key() -> None:
    codes = Codes(b"k" * 32)

    assert codes.report_id("wulibao", "k") != codes.report_id("nanmen", "k")
    assert codes.report_id("wulibao", "k") == codes.report_id("wulibao", "k")
    assert len(codes.report_id("wulibao", "k")) == 1 + 32


async def test_fifty_equal_requests_at_once_are_one_report_with_one_receipt(town: Town) -> None:
    answers = await asyncio.gather(*(town.report(headers=KEY) for _ in range(50)))

    assert {each.status_code for each in answers} == {202}
    assert len({each.content for each in answers}) == 1
    assert await town.collection("reports").count_documents({}) == 1


async def test_of_two_bodies_racing_under_one_key_exactly_one_is_taken(town: Town) -> None:
    bodies = [a_drain(description="甲"), a_drain(description="乙")] * 10
    answers = await asyncio.gather(*(town.report(body, KEY) for body in bodies))

    taken = [each for each in answers if each.status_code == 202]
    assert len(taken) == 10
    assert len({each.content for each in taken}) == 1
    assert {problem(each)[1] for each in answers if each not in taken} == {"idempotency_key_reused"}


async def test_another_process_gives_the_first_receipt_too(town: Town, mongo_url: str, tmp_path: Path) -> None:
    prefix = town.settings.database_prefix
    async with a_town(mongo_url, tmp_path, prefix=prefix, bus=town.bus) as other:
        answers = await asyncio.gather(*(each.report(headers=KEY) for each in (town, other) * 10))

    assert len({each.content for each in answers}) == 1
    assert await town.collection("reports").count_documents({}) == 1


async def test_after_seven_days_the_key_is_free_again_and_its_new_report_is_repeatable(town: Town) -> None:
    first = await town.taken(headers=KEY)
    town.clock.forward(KEY_LIVES)

    second = await town.taken(a_drain(description="另一件事"), KEY)
    again = await town.taken(a_drain(description="另一件事"), KEY)

    assert second["report_id"] != first["report_id"]
    assert again == second
    assert (await town.progress(first["query_code"]))["report_id"] == first["report_id"]


async def test_a_forgotten_key_is_free_as_well_and_nothing_of_its_body_is_kept(town: Town) -> None:
    first = await town.taken(headers=KEY)
    town.clock.forward(KEY_LIVES)
    assert await town.intake.reports.forget_keys(town.clock.now()) == 1

    document = (await town.intake.reports.by_id([first["report_id"]]))[first["report_id"]]
    assert not {"body", "sealed_code", "forget_at"} & set(document)
    assert (await town.taken(headers=KEY))["report_id"] != first["report_id"]


async def test_without_a_key_nothing_of_the_body_is_kept_and_every_report_is_its_own(town: Town) -> None:
    one, two = await town.taken(), await town.taken()

    assert one["report_id"] != two["report_id"]
    document = (await town.intake.reports.by_id([one["report_id"]]))[one["report_id"]]
    assert not {"body", "sealed_code", "forget_at"} & set(document)


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 201, "键"])
async def test_a_key_that_is_none_is_refused(town: Town, key: str) -> None:
    answer = await town.http.post("/api/reports", json=a_drain(), headers=[(b"Idempotency-Key", key.encode("utf-8"))])

    assert problem(answer)[:2] == (400, "invalid_header")


async def test_two_reports_with_the_same_query_code_get_different_ones(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(["AAAAAAAAAA", "AAAAAAAAAA", "BBBBBBBBBB"])
    monkeypatch.setattr("services.intake.take_report.new_query_code", lambda: next(codes))

    assert [(await town.taken())["query_code"] for _ in range(2)] == ["AAAAAAAAAA", "BBBBBBBBBB"]


async def test_a_query_code_is_never_stored_in_clear(town: Town) -> None:
    receipt = await town.taken(headers=KEY)

    document = (await town.intake.reports.by_id([receipt["report_id"]]))[receipt["report_id"]]
    assert receipt["query_code"].encode() not in repr(document).encode()
    assert all(receipt["query_code"] not in repr(each) for each in await town.on_topic())


async def test_a_hundred_requests_in_flight_share_few_writes(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[int] = []
    insert = town.intake.reports.insert

    async def counted(batch: list[object]) -> object:
        writes.append(len(batch))
        return await insert(batch)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(town.intake.reports, "insert", counted)
    answers = await asyncio.gather(*(town.report() for _ in range(100)))

    assert {each.status_code for each in answers} == {202}
    assert sum(writes) == 100
    assert len(writes) <= 10, writes
    assert max(writes) >= 30, writes


async def test_an_item_is_answered_by_its_own_outcome_and_what_the_write_raises_all_get() -> None:
    async def write(batch: list[int]) -> list[int]:
        if 13 in batch:
            raise ValueError("unlucky")
        return [each * 2 for each in batch]

    commit: GroupCommit[int, int] = GroupCommit(write, most=4)  # type: ignore[arg-type]  # a list is a sequence
    running = asyncio.create_task(commit.run())
    assert await asyncio.gather(*(commit.add(number) for number in range(10))) == [n * 2 for n in range(10)]

    unlucky = await asyncio.gather(commit.add(13), commit.add(14), return_exceptions=True)
    assert [type(each) for each in unlucky] == [ValueError, ValueError]
    assert await commit.add(15) == 30
    running.cancel()


async def _full(commit: GroupCommit[Told, Outcome]) -> bool:
    return commit.waiting == 3


async def test_a_queue_that_is_full_is_told_to_the_caller_with_a_time_to_come_back(town: Town) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def stuck(batch: list[Told]) -> list[Outcome]:
        started.set()
        await go_on.wait()
        return [Receipt(each.report_id, "AAAAAAAAAA", each.report.received_at) for each in batch]

    commit: GroupCommit[Told, Outcome] = GroupCommit(stuck, waiting_at_most=3)  # type: ignore[arg-type]  # as above
    object.__setattr__(town.intake.taking, "commit", commit)
    running = asyncio.create_task(commit.run())
    first = asyncio.create_task(town.report())
    await started.wait()
    waiting = [asyncio.create_task(town.report()) for _ in range(3)]
    await until(lambda: _full(commit))

    crowded = await town.report()

    assert problem(crowded)[:2] == (503, "too_many")
    assert int(crowded.headers["retry-after"]) > 0
    go_on.set()
    assert {each.status_code for each in await asyncio.gather(first, *waiting)} == {202}
    running.cancel()
