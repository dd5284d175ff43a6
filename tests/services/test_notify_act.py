"""Acting from an alert: the offered command goes to the router as the person himself, and its answer comes back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.notify.act import RouterAddress
from shaoyin.domain import commands as cmd
from tests.domain.town import DUTY, MORNING, SECRETARY, members
from tests.services.notify_setup import Office, a_story, no_router, office

PROBLEM: dict[str, object] = {"code": "not_now", "rule": "not_now", "allowed": ["start"], "detail": "已经签收"}


@dataclass
class Router:
    """Notes what it was asked, and answers as it is told."""

    status: int = 200
    body: dict[str, object] = field(default_factory=lambda: {"case_id": "c1", "version": 6})
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        kind = "application/json" if self.status == 200 else "application/problem+json"
        return httpx.Response(self.status, json=self.body, headers={"content-type": kind, "etag": '"6"', "server": "x"})


@pytest.fixture
def router() -> Router:
    return Router()


@pytest.fixture
async def here(router: Router, mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(mongo_url, mongo_name, tmp_path, router=httpx.MockTransport(router)) as found:
        yield found


async def asked_to_sign(here: Office) -> str:
    await a_story().send(here.bus)
    await here.all_raised()
    return str((await here.alert("p-jia-1", "new_case"))["alert_id"])


async def test_the_offered_command_is_given_under_the_callers_own_token(here: Office, router: Router) -> None:
    alert_id = await asked_to_sign(here)
    headers = await here.as_person("p-jia-1")

    answer = await here.http.post(f"/api/inbox/{alert_id}/act", headers=headers, json={"as": "duty"})

    (asked,) = router.asked
    assert (asked.method, asked.url.path) == ("POST", "/api/cases/c1/commands/sign_for")
    assert asked.headers["authorization"] == headers["authorization"]
    assert asked.headers["idempotency-key"].startswith(f"alert-{alert_id}-")
    assert json.loads(asked.content) == {"as": "duty"}
    assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, router.body, '"6"')


async def test_whoever_acted_has_read_the_alert(here: Office) -> None:
    alert_id = await asked_to_sign(here)

    await here.post("p-jia-1", f"/api/inbox/{alert_id}/act")

    assert (await here.alert("p-jia-1", "new_case"))["read_at"] == "2026-09-14T01:30:00Z"


async def test_a_refusal_comes_back_as_the_router_said_it(here: Office, router: Router) -> None:
    alert_id = await asked_to_sign(here)
    router.status, router.body = 409, PROBLEM

    answer = await here.post("p-jia-1", f"/api/inbox/{alert_id}/act")

    assert (answer.status_code, answer.json()) == (409, PROBLEM)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await here.alert("p-jia-1", "new_case"))["read_at"] is not None


async def test_after_a_refusal_the_next_press_is_asked_anew(here: Office, router: Router) -> None:
    alert_id = await asked_to_sign(here)
    router.status, router.body = 409, PROBLEM
    await here.post("p-jia-1", f"/api/inbox/{alert_id}/act")
    router.status = 200

    answer = await here.post("p-jia-1", f"/api/inbox/{alert_id}/act")

    first, second = (asked.headers["idempotency-key"] for asked in router.asked)
    assert first != second
    assert answer.status_code == 200


async def test_a_caller_that_repeats_one_press_says_so_with_its_own_key(here: Office, router: Router) -> None:
    alert_id = await asked_to_sign(here)
    headers = {**await here.as_person("p-jia-1"), "idempotency-key": "press-1"}

    for _ in range(2):
        await here.http.post(f"/api/inbox/{alert_id}/act", headers=headers, json={})

    assert [asked.headers["idempotency-key"] for asked in router.asked] == ["press-1", "press-1"]


async def test_what_needs_mending_leaves_the_alert_unread(here: Office, router: Router) -> None:
    alert_id = await asked_to_sign(here)
    router.status, router.body = 422, {"code": "invalid_fields"}

    answer = await here.post("p-jia-1", f"/api/inbox/{alert_id}/act")

    assert (answer.status_code, answer.json()) == (422, {"code": "invalid_fields"})
    assert (await here.alert("p-jia-1", "new_case"))["read_at"] is None


async def test_the_whistle_an_alert_is_about_is_merged_into_the_fields(here: Office, router: Router) -> None:
    story = a_story()
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="c1-w2", starts_at=MORNING + timedelta(hours=5))
    await story.send(here.bus)
    await here.all_raised()
    one = members(story.pack)[0]
    alert_id = (await here.alert(one, "member_called"))["alert_id"]

    await here.post(one, f"/api/inbox/{alert_id}/act")
    another = await here.post(one, f"/api/inbox/{alert_id}/act", {"whistle_id": "c1-w1"})

    assert [json.loads(each.content) for each in router.asked] == [{"whistle_id": "c1-w2"}]
    assert router.asked[0].url.path == "/api/cases/c1/commands/acknowledge"
    assert (another.status_code, another.json()["errors"][0]["field"]) == (422, "whistle_id")


async def test_whoever_presses_after_another_was_faster_hears_it_from_the_router(here: Office, router: Router) -> None:
    story = a_story()
    story.give(DUTY, cmd.SignFor)
    await story.send(here.bus)
    await here.all_raised()
    alert = await here.alert("p-jia-1", "new_case")
    router.status, router.body = 409, PROBLEM

    answer = await here.post("p-jia-1", f"/api/inbox/{alert['alert_id']}/act")

    assert alert["act"] is None
    assert (answer.status_code, answer.json()) == (409, PROBLEM)


async def test_an_alert_that_asks_for_nothing_cannot_be_acted_on(here: Office, router: Router) -> None:
    await a_story().send(here.bus)
    await here.all_raised()
    alert_id = (await here.alert("p-yi-1", "informed"))["alert_id"]

    answer = await here.post("p-yi-1", f"/api/inbox/{alert_id}/act")

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_act_on")
    assert "N1" in answer.json()["detail"]
    assert router.asked == []


async def test_a_router_that_does_not_answer_is_said_to_be_away(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with office(mongo_url, mongo_name, tmp_path, router=httpx.MockTransport(no_router)) as here:
        alert_id = await asked_to_sign(here)

        answer = await here.post("p-jia-1", f"/api/inbox/{alert_id}/act")

        assert (answer.status_code, answer.json()["code"]) == (503, "engine_away")
        assert (await here.alert("p-jia-1", "new_case"))["read_at"] is None


async def test_a_body_that_is_no_json_object_is_refused_before_anything_is_asked(here: Office, router: Router) -> None:
    alert_id = await asked_to_sign(here)

    answer = await here.http.post(f"/api/inbox/{alert_id}/act", headers=await here.as_person("p-jia-1"), content=b"[1]")
    listed = await here.http.post(f"/api/inbox/{alert_id}/act", headers=await here.as_person("p-jia-1"), json=[1])

    assert (answer.status_code, listed.status_code) == (415, 422)
    assert router.asked == []


def test_where_the_router_is_the_operator_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert RouterAddress().router_url == "http://127.0.0.1:8000"

    monkeypatch.setenv("SHAOYIN_ROUTER_URL", "http://router:8000")

    assert RouterAddress().router_url == "http://router:8000"
