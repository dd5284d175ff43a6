"""A reporter's word on the result: asked for in time, kept, sent once the report is home, answered in the progress."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.intake.requests import AT_MOST
from shaoyin.domain.report import Request
from tests.services.intake_setup import Body, Routed, Town, a_drain, problem, routed, until, with_a_result
from tests.services.intake_setup import town as a_town

WASTE = a_drain(
    category="SAN.exposed_waste", description="垃圾没人清", reporter={"name": "欧阳晓明", "phone": "13800138000"}
)
SOLVED: Body = {"solved": "solved", "satisfaction": "satisfied"}


@pytest.fixture
async def town(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path) as found:
        yield found


async def rate(town: Town, code: str, body: Body = SOLVED, key: str | None = None) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await town.http.post(f"/api/reports/{code}/rating", json=body, headers=headers)


async def a_result(town: Town) -> tuple[str, Routed]:
    """A query code whose case waits for its reporter's word."""
    receipt = await town.taken(WASTE)
    return receipt["query_code"], await with_a_result(town, receipt["report_id"])


async def travels(town: Town) -> bool:
    return bool(await requests(town))


async def requests(town: Town) -> list[Request]:
    return [each for each in await town.published() if isinstance(each, Request)]


async def test_a_rating_is_pending_until_the_router_has_heard_it_and_then_answered(town: Town) -> None:
    code, story = await a_result(town)
    assert "rating" in (await town.progress(code))["may"]  # type: ignore[operator]  # a list

    answer = await rate(town, code, {**SOLVED, "text": "谢谢，清得很干净"})

    assert answer.status_code == 202
    request_id = answer.json()["request_id"]
    pending = (await town.progress(code))["requests"]
    assert pending == [
        {"request_id": request_id, "asked": "rate", "state": "pending", "text": "已收到，正在办理。",
         "at": "2026-09-14T09:30:00+08:00"}
    ]  # fmt: skip
    await until(lambda: travels(town))
    [request] = await requests(town)
    assert (request.request_id, request.asked, request.solved, request.satisfaction, request.text) == (
        request_id, "rate", "solved", "satisfied", "谢谢，清得很干净",
    )  # fmt: skip
    story.hear(request)
    await town.told(story.news)
    progress = await town.progress(code)
    assert progress["state"] == "closed"
    assert [each["state"] for each in progress["requests"]] == ["accepted"]  # type: ignore[attr-defined]  # a list


async def test_before_there_is_a_result_a_rating_is_refused_at_once_with_the_state_in_words(town: Town) -> None:
    code = (await town.taken(WASTE))["query_code"]

    answer = await rate(town, code)

    assert problem(answer)[:2] == (409, "not_now")
    assert answer.json()["rule"] == "rating_not_now"
    assert "已收到,正在看" in answer.json()["detail"]
    assert await town.collection("requests").count_documents({}) == 0


async def test_what_the_router_refuses_is_told_with_its_reason(town: Town) -> None:
    code, story = await a_result(town)
    await rate(town, code)
    await until(lambda: travels(town))
    [request] = await requests(town)
    story.rated_elsewhere("unsolved")
    story.hear(request)
    await town.told(story.news)

    shown = (await town.progress(code))["requests"]

    assert isinstance(shown, list)
    assert [(each["state"], each["text"]) for each in shown] == [
        ("refused", "现在这个阶段不能这样做;案件页上列着现在可以做的。")
    ]


async def test_the_same_key_rates_once_even_when_rating_is_over_by_then(town: Town) -> None:
    code, story = await a_result(town)
    first = await rate(town, code, key="k1")
    story.rated_elsewhere("unsolved")
    await town.told(story.news)
    assert "rating" not in (await town.progress(code))["may"]  # type: ignore[operator]  # a list
    assert (await rate(town, code, key="k1")).json() == first.json()
    assert problem(await rate(town, code, {"solved": "unsolved"}, key="k1"))[:2] == (422, "idempotency_key_reused")
    assert await town.collection("requests").count_documents({}) == 1


async def test_a_rating_names_nobody_once_it_travels(town: Town) -> None:
    code, _ = await a_result(town)
    await rate(town, code, {"solved": "unsolved", "text": "欧阳晓明说：没解决，打13911112222或13800138000"})
    await until(lambda: travels(town))

    [request] = await requests(town)

    assert request.text is not None
    assert "没解决" in request.text
    for named in ("欧阳晓明", "13911112222", "13800138000"):
        assert named not in request.text
        assert named not in repr(await town.collection("requests").find().to_list())


async def test_a_rating_that_stays_unanswered_is_sent_again_and_an_answered_one_is_not(town: Town) -> None:
    code, story = await a_result(town)
    await rate(town, code)
    await until(lambda: travels(town))
    await town.router_read()
    town.clock.forward(timedelta(seconds=31))
    assert await town.intake.again[1].look(town.clock.now()) == 1
    await until(lambda: sent(town, 2))

    [request, again] = await requests(town)
    assert request == again
    story.hear(request)
    await town.told(story.news)
    await town.router_read()
    town.clock.forward(timedelta(days=1))
    assert await town.intake.again[1].look(town.clock.now()) == 0


async def sent(town: Town, count: int) -> bool:
    return len(await requests(town)) == count


async def test_a_request_waits_until_its_report_is_home(town: Town) -> None:
    receipt = await town.taken(WASTE)
    report = await town.travelled(receipt["report_id"])
    request = Request("q1", receipt["report_id"], "rate", town.clock.now(), "p1", solved="solved")
    await town.intake.requests.keep(request, receipt["report_id"], b"x")
    town.clock.forward(timedelta(minutes=1))
    assert await town.intake.again[1].look(town.clock.now()) == 0

    await town.told(routed(report).news)
    town.clock.forward(timedelta(minutes=5))
    assert await town.intake.again[1].look(town.clock.now()) == 1


WRONG: list[tuple[Body, str, str]] = [
    ({}, "solved", "missing"),
    ({"solved": "perhaps"}, "solved", "wrong_value"),
    ({**SOLVED, "satisfaction": "5"}, "satisfaction", "wrong_value"),
    ({**SOLVED, "text": ""}, "text", "too_short"),
    ({**SOLVED, "text": "x" * 1001}, "text", "too_long"),
    ({**SOLVED, "stars": 5}, "stars", "unknown_field"),
]


async def test_a_rating_that_is_none_is_refused_with_its_field(town: Town) -> None:
    code, _ = await a_result(town)
    for body, field, wrong in WRONG:
        assert problem(await rate(town, code, body)) == (422, "invalid_fields", [(field, wrong)]), body
    answer = await town.http.post(f"/api/reports/{code}/rating", content=b"solved=solved")
    assert problem(answer)[:2] == (415, "unsupported_media_type")
    assert problem(await rate(town, "AAAAAAAAAA"))[:2] == (404, "not_found")
    assert await town.collection("requests").count_documents({}) == 0


async def test_nobody_can_ask_without_end(town: Town) -> None:
    code, _ = await a_result(town)
    for _ in range(AT_MOST["rate"]):
        assert (await rate(town, code)).status_code == 202

    assert problem(await rate(town, code))[:2] == (429, "too_many_requests")
