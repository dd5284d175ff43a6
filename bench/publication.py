"""From handing in a changed pack of a thousand grids to its being in force everywhere, and what it costs meanwhile.

The pack is Songshan Road street's: 1,166 nodes of its grid and the whole table of rules. Two routers, intake and notify
run as programs of their own; one officer hands in, another approves at the other router, and every service is asked
until it goes by the new version.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from bench.figures import Figure, at_most
from bench.ground import Ground, Service, engines, product
from bench.scale import Scale
from bench.spread import percentile
from deploy.local import free_ports

PACK, OFFICER, APPROVER = "songshan", "p-rules-officer", "p-rules-approver"
TIMES = 3
WITHIN = 5.0
LOOK_EVERY = 0.02


def measure(_scale: Scale) -> Iterator[Figure]:
    with _with_examples(), engines() as on, product(on, buildings=0) as ground:
        other = Service("services.router", free_ports(1)[0], ground.router.log, ground.router.environment)
        other.start()
        try:
            other.wait_until_ready()
            yield from _published(ground, other)
        finally:
            other.stop()


@contextmanager
def _with_examples() -> Iterator[None]:
    """The street's pack is an example, which no service reads unless it is told to."""
    os.environ["SHAOYIN_EXAMPLES"] = "true"
    try:
        yield
    finally:
        del os.environ["SHAOYIN_EXAMPLES"]


def _published(ground: Ground, other: Service) -> Iterator[Figure]:
    with httpx.Client(timeout=60, trust_env=False) as http:
        officer, approver = (_signed_in(http, ground.router, each) for each in (OFFICER, APPROVER))
        page = (ground.packs / PACK / "areas.yaml").read_text("utf-8")
        runs = [_once(http, ground, other, officer, approver, page, number) for number in range(TIMES)]
    nodes = page.count("kind:")
    told = {
        "hand in": "checked and kept", "approve": "approved, in force at that router",
        "everywhere": "and in both routers and intake", "whole": f"the two together, {nodes:,} areas",
    }  # fmt: skip
    for what, words in told.items():
        took = [each[what] for each in runs]
        goal = at_most(WITHIN) if what == "whole" else None
        yield Figure("publication", f"{words}: median", percentile(took, 0.5), "s", None, goal)
    yield Figure("publication", "the whole of it: slowest", max(each["whole"] for each in runs), "s")


def _once(
    http: httpx.Client, ground: Ground, other: Service, officer: str, approver: str, page: str, number: int
) -> dict[str, float]:
    """Seconds of each part; the page with a remark more is another version."""
    versions = f"{ground.router.origin}/api/packs/{PACK}/versions"
    files = {"areas.yaml": f"{page}# {number}\n"}
    began = time.perf_counter()
    draft = _json(http.post(versions, headers={"authorization": officer}, json={"files": files}))
    handed_in = time.perf_counter()
    approve = f"{other.origin}/api/packs/{PACK}/versions/{draft['number']}/approve"
    _json(http.post(approve, headers={"authorization": approver}))
    approved = time.perf_counter()
    in_force: list[Callable[[], object]] = [
        lambda: _of_router(http, ground.router, officer), lambda: _of_router(http, other, officer),
        lambda: _of_intake(http, ground.intake),
    ]  # fmt: skip
    while any(ask() != draft["version"] for ask in in_force):
        assert time.perf_counter() < approved + 60, "it never came into force"
        time.sleep(LOOK_EVERY)
    everywhere = time.perf_counter()
    return {
        "hand in": handed_in - began, "approve": approved - handed_in, "everywhere": everywhere - approved,
        "whole": everywhere - began,
    }  # fmt: skip


def _of_router(http: httpx.Client, router: Service, token: str) -> object:
    return _json(http.get(f"{router.origin}/api/packs/{PACK}", headers={"authorization": token}))["version"]


def _of_intake(http: httpx.Client, intake: Service) -> object:
    items = _json(http.get(f"{intake.origin}/api/communities"))["items"]
    return next(each["pack_version"] for each in items if each["community"] == PACK)


def _signed_in(http: httpx.Client, router: Service, person: str) -> str:
    answer = http.post(f"{router.origin}/api/dev/sign-in", json={"person": person})
    return f"Bearer {_json(answer)['token']}"


def _json(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()
