"""Create → assign → resolve → search over HTTP, as DIGIT CCRS measured itself, on an empty store and on a full one.

The peer (egovernments/Citizen-Complaint-Resolution-System, performance/docs/findings.md, March 2026): 50 virtual users
without thinking time on 16 vCPU with 1,006,743 complaints did 6.3 lifecycles a second, p95 of one HTTP request 3.34 s;
37 a second on an empty store. A lifecycle there is four calls: CREATE, ASSIGN (routed by itself), RESOLVE, SEARCH.

Here it is at least six: POST the report; open the case that a rule assigned (asked again until it is there); sign for
it, start, and submit the result, which together are the peer's RESOLVE; search by its number. So "/s" means whole
lifecycles, as the peer counted, and the p95 is of single requests, all of them. Repeated looks for a case that is not
there yet count in neither.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import uvloop

from bench.client import Answer, Client, client
from bench.figures import Figure, at_least, at_most, share_of_floor
from bench.ground import Ground, engines, fill_store, product
from bench.matters import DUTY, a_matter, result
from bench.scale import Scale
from bench.spread import percentile
from shaoyin.domain.report import case_id_of

USERS = 50
WARM_UP = 3.0
SECONDS = 9.0
LOOKS_AFTER = 0.05
"""Seconds; doubled from look to look."""
ASSIGNED_WITHIN = 30.0
PEER = 6.3
RESOLVED = frozenset({"result_submitted", "calling_back", "closed"})
DONE = ("create", "open", "sign_for", "start", "submit_result", "search")


@dataclass
class Run:
    """What the virtual users did after the warm-up: seconds of each request by kind, and whole lifecycles."""

    intake: Client
    router: Client
    token: str
    numbers: Iterator[int]
    ends_at: float
    counts_from: float
    took: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in DONE})
    until_assigned: list[float] = field(default_factory=list)
    lifecycles: int = 0

    async def user(self) -> None:
        while time.perf_counter() < self.ends_at:
            await self._lifecycle()

    async def _lifecycle(self) -> None:
        began = time.perf_counter()
        answer = await self._timed("create", self.intake, "POST", "/api/reports", a_matter(next(self.numbers)))
        case_id = case_id_of(answer.json()["report_id"])
        case = await self._assigned(case_id)
        self._note(self.until_assigned, time.perf_counter() - began)
        for name, body in (("sign_for", {}), ("start", {}), ("submit_result", result())):
            await self._timed(name, self.router, "POST", f"/api/cases/{case_id}/commands/{name}", body)
        found = (await self._timed("search", self.router, "GET", f"/api/cases?q={case['number']}")).json()["items"]
        if [each["case_id"] for each in found] != [case_id] or found[0]["state"] not in RESOLVED:
            raise AssertionError(f"the case was not found as it should stand: {found}")
        if self.counts_from <= time.perf_counter() < self.ends_at:
            self.lifecycles += 1

    async def _assigned(self, case_id: str) -> dict[str, str]:
        pause, ends_at = LOOKS_AFTER, time.perf_counter() + ASSIGNED_WITHIN
        while True:
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
            began = time.perf_counter()
            answer = await self._ask(self.router, "GET", f"/api/cases/{case_id}")
            if answer.status == 200 and (case := answer.json())["state"] == "dispatched":
                self._note(self.took["open"], time.perf_counter() - began)
                return {"number": case["number"]}
            if time.perf_counter() > ends_at:
                raise AssertionError(f"{case_id} is not assigned after {ASSIGNED_WITHIN:.0f} s: {answer.body[:300]!r}")

    async def _timed(self, name: str, to: Client, method: str, path: str, body: object = None) -> Answer:
        began = time.perf_counter()
        answer = await self._ask(to, method, path, body)
        self._note(self.took[name], time.perf_counter() - began)
        if answer.status not in (200, 202):
            raise AssertionError(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        return answer

    async def _ask(self, to: Client, method: str, path: str, body: object = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} if to is self.router else {}
        return await to.ask(method, path, body, headers)

    def _note(self, where: list[float], seconds: float) -> None:
        if self.counts_from <= time.perf_counter() < self.ends_at:
            where.append(seconds)


async def _run(on: Ground, numbers: Iterator[int]) -> Run:
    async with client(on.intake.origin, USERS) as intake, client(on.router.origin, USERS) as router:
        signed_in = (await router.ask("POST", "/api/dev/sign-in", {"person": DUTY})).json()
        begins_at = time.perf_counter() + WARM_UP
        run = Run(intake, router, signed_in["token"], numbers, begins_at + SECONDS, begins_at)
        await asyncio.gather(*(run.user() for _ in range(USERS)))
        return run


def measure(scale: Scale) -> Iterator[Figure]:
    numbers = count()
    with engines() as on, product(on) as ground:
        empty = uvloop.run(_run(ground, numbers))
        yield from _figures(empty, "empty", PEER)
        fill_store(ground, scale.cases)
        full = uvloop.run(_run(ground, numbers))
        yield from _figures(full, f"{scale.cases:,} cases", PEER)
        share = Figure(
            "lifecycle", "a full store beside an empty one", full.lifecycles / SECONDS, "1/s",
            empty.lifecycles / SECONDS, share_of_floor(0.9),
        )  # fmt: skip
        yield share


def _figures(run: Run, store: str, peer: float) -> Iterator[Figure]:
    everything = [each for kind in run.took.values() for each in kind]
    yield Figure("lifecycle", f"lifecycles, {store}", run.lifecycles / SECONDS, "1/s", peer, at_least(300))
    yield Figure("lifecycle", f"requests in them, {store}", len(everything) / SECONDS, "1/s")
    yield Figure(
        "lifecycle", f"p95 of a request, {store}", percentile(everything, 0.95) * 1000, "ms", None, at_most(60)
    )
    for name, took in ((name, took) for name, took in run.took.items() if took):
        yield Figure("lifecycle", f"p95 of {name}, {store}", percentile(took, 0.95) * 1000, "ms")
    yield Figure("lifecycle", f"p50 until assigned, {store}", percentile(run.until_assigned, 0.5) * 1000, "ms")
