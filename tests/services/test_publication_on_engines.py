"""Publication as an operator sees it: two routers and intake as programs, on a Kafka and a MongoDB of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from deploy.local import Engines
from tests.engines import own_engines
from tests.running import Program, environment
from tests.services.publication_setup import APPROVER, DRAIN, OFFICER, Files, another_limit, one_more_category

pytestmark = pytest.mark.engines
DUTY = "p-jia-1"
EVERYWHERE_WITHIN = 5.0
"""Seconds from the approval on, until every service goes by it; usually one and a half."""


@dataclass
class Town:
    engines: Engines
    routers: tuple[Program, Program]
    intake: Program

    def call(self, at: Program, method: str, path: str, person: str | None = None, body: object = None) -> Any:
        headers = {} if person is None else {"authorization": f"Bearer {self.token(person)}"}
        answer = httpx.request(method, f"{at.origin}{path}", headers=headers, json=body, timeout=20)
        assert answer.is_success, answer.text
        return answer.json()

    def token(self, person: str) -> str:
        at = next(each for each in self.routers if runs(each))
        signed_in = httpx.post(f"{at.origin}/api/dev/sign-in", json={"person": person}, timeout=20)
        return str(signed_in.json()["token"])

    def hands_in(self, at: Program, files: Files) -> int:
        return int(self.call(at, "POST", "/api/packs/wulibao/versions", OFFICER, {"files": files})["number"])

    def approves(self, at: Program, number: int) -> None:
        self.call(at, "POST", f"/api/packs/wulibao/versions/{number}/approve", APPROVER)

    def in_force(self, at: Program) -> int:
        """As this router says by itself."""
        return int(self.call(at, "GET", "/api/packs/wulibao", OFFICER)["number"])

    def opens(self, at: Program, building: str) -> dict[str, Any]:
        """A case that staff open: decided by the router that is asked. Its explanation."""
        body = {"community": "wulibao", "category": DRAIN, "place": {"building": building}, "description": "堵了"}
        case: dict[str, Any] = self.call(at, "POST", "/api/cases", DUTY, {**body, "origin": "discovered"})
        told: dict[str, Any] = self.call(at, "GET", f"/api/cases/{case['case_id']}/explanation", DUTY)
        return told

    def offered(self) -> set[str]:
        form = self.call(self.intake, "GET", "/api/communities/wulibao/form")
        return {each["category"] for group in form["groups"] for each in group["categories"]}


def runs(program: Program) -> bool:
    return program.process is not None and program.process.poll() is None


def until(true: Callable[[], bool], within: float = EVERYWHERE_WITHIN) -> None:
    ends_at = time.monotonic() + within
    while not true():
        assert time.monotonic() < ends_at, "it did not come true in time"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("publication")
    with own_engines(folder / "engines") as engines:
        engines.start()
        around = environment(engines.kafka_address, engines.mongo_url, "publication", folder)
        routers = tuple(Program("services.router", dict(around), folder / f"router-{each}.log") for each in (1, 2))
        intake = Program("services.intake", dict(around), folder / "intake.log")
        programs = (*routers, intake)
        try:
            for each in programs:
                each.start()
            yield Town(engines, (routers[0], routers[1]), intake)
        finally:
            for each in programs:
                each.stop()


def result_within(explanation: dict[str, Any]) -> str:
    return str(next(each["within"] for each in explanation["clocks"] if each["clock"] == "result"))


def test_what_one_router_puts_in_force_decides_the_next_case_in_both_without_a_restart(town: Town) -> None:
    one, other = town.routers
    before = town.opens(one, "courtyard-51-b1")
    number = town.hands_in(one, another_limit("7 h"))
    town.approves(other, number)

    assert town.in_force(other) == number, "from the answer on"
    until(lambda: town.in_force(one) == number)
    after = [town.opens(one, "courtyard-51-b2"), town.opens(other, "courtyard-51-b3")]

    assert [(each["number"], result_within(each)) for each in after] == [(number, "7 h")] * 2
    assert (before["number"], result_within(before) == "7 h") == (1, False)


def test_a_router_killed_right_after_the_approval_while_kafka_is_away_keeps_nobody_from_hearing_of_it(
    town: Town,
) -> None:
    one, other = town.routers
    number = town.hands_in(one, one_more_category("WAT.invented"))
    town.engines.kill_kafka()
    town.approves(one, number)
    one.kill()
    until(lambda: town.in_force(other) == number)
    assert "WAT.invented" not in town.offered()

    town.engines.start_kafka()
    until(lambda: "WAT.invented" in town.offered(), within=30)

    one.start()
    assert town.in_force(one) == number


def test_intake_and_routers_that_start_without_kafka_go_by_what_was_last_in_force(town: Town) -> None:
    one, _ = town.routers
    number = town.in_force(one)
    town.engines.kill_kafka()
    try:
        for each in (one, town.intake):
            each.stop()
            each.start()

        assert town.in_force(one) == number
        assert "WAT.invented" in town.offered()
    finally:
        town.engines.start_kafka()


def test_going_back_is_approving_the_first_version_again(town: Town) -> None:
    one, other = town.routers
    town.approves(one, 1)

    until(lambda: town.in_force(other) == 1)
    until(lambda: "WAT.invented" not in town.offered(), within=30)
    assert town.opens(other, "courtyard-51-b4")["number"] == 1
