"""A tap on a link through the whole product: the router takes it for the person's own, and believes nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import jwt
import pytest

from deploy.story import DUTY, Json, Town, town
from services.notify.act_links import ActLinks
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.identity import on_behalf_of
from shaoyin.adapters.settings import Settings
from tests.running import Program

DRAIN: Json = {
    "description": "下水道堵了,没法用水", "category": "WAT.sewer_blocked", "place": {"building": "courtyard-51-b1"},
}  # fmt: skip


@pytest.fixture
def running(mongo_url: str, mongo_name: str, tmp_path: Path) -> Iterator[Program]:
    environment = {
        "SHAOYIN_ENV": "test", "SHAOYIN_MONGO_URL": mongo_url, "SHAOYIN_DATABASE_PREFIX": mongo_name,
        "SHAOYIN_BUS": "memory", "SHAOYIN_LOCAL": str(tmp_path),
    }  # fmt: skip
    program = Program("services", environment, tmp_path / "product.log")
    program.environment["SHAOYIN_ROUTER_URL"] = program.origin
    program.start()
    try:
        yield program
    finally:
        program.stop()


@pytest.fixture
def here(running: Program) -> Iterator[Town]:
    with town(running.origin) as told:
        yield told


def wanted(here: Town) -> Json:
    def found() -> Json | None:
        return next((each for each in here.inbox(DUTY) if each["kind"] == "new_case"), None)

    alert: Json = here.soon("the alert", found)
    return alert


def test_one_tap_signs_for_the_case_in_the_persons_name(here: Town, running: Program, tmp_path: Path) -> None:
    settings = Settings.checked(env="test", local=tmp_path)
    here.report(**DRAIN)
    alert = wanted(here)
    link = ActLinks(settings.key("ticket_key"), running.origin).link(
        alert["alert_id"], SystemClock().now() + timedelta(hours=1)
    )
    before = here.case(DUTY, alert["case_id"])

    for _ in range(3):
        assert httpx.get(link).status_code == httpx.head(link).status_code == 200
    opened = here.case(DUTY, alert["case_id"])
    page = httpx.post(link, data={"confirm": "yes"})
    after = here.case(DUTY, alert["case_id"])
    again = httpx.post(link, data={"confirm": "yes"})

    assert (before["state"], opened["version"]) == ("dispatched", before["version"])
    assert (page.status_code, "已经办好" in page.text) == (200, True), page.text
    assert after["state"] == "signed"
    last = after["timeline"][-1]
    assert (last["event"], last["by"]["person"], last["by"]["post"]) == ("case.signed", DUTY, "duty")
    assert (again.status_code, here.case(DUTY, alert["case_id"])["version"]) == (409, after["version"])
    assert urlsplit(link).path.rpartition("/")[2] not in running.log.read_text("utf-8")


def test_the_router_believes_a_tap_in_its_own_call_alone(here: Town, running: Program, tmp_path: Path) -> None:
    settings = Settings.checked(env="test", local=tmp_path)
    here.report(**DRAIN)
    case_id = wanted(here)["case_id"]
    path = f"/api/cases/{case_id}/commands/sign_for"
    good = on_behalf_of(settings).sign(DUTY, f"POST {path}", "a1", SystemClock().now())
    forged = jwt.encode(jwt.decode(good, options={"verify_signature": False}), "x" * 32, "HS256", {"typ": "JWT"})

    def called(token: str, method: str, to: str) -> int:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return httpx.request(method, running.origin + to, headers=headers, content=b"{}").status_code

    for method, to in (
        ("GET", f"/api/cases/{case_id}"), ("GET", "/api/inbox"), ("GET", "/api/preferences"), ("GET", "/api/stream"),
        ("POST", f"/api/cases/{case_id}/commands/return_case"), ("POST", "/api/cases"), ("POST", "/api/stream/tickets"),
    ):  # fmt: skip
        assert called(good, method, to) == 401, to
    assert called(forged, "POST", path) == 401
    assert json.loads(httpx.get(f"{running.origin}/health/ready").text)
    assert called(good, "POST", path) == 200
