"""From `make up` where all is installed to the first routed case; and what the idle services take of memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from bench.client import Client, client
from bench.figures import Figure, at_most
from bench.ground import ROOT, Service, end_tidily_when_terminated, engines, product
from bench.matters import DUTY
from bench.scale import Scale
from deploy.local import free_ports
from shaoyin.domain.report import case_id_of

DRAIN = {
    "community": "wulibao", "category": "WAT.sewer_blocked", "place": {"building": "courtyard-51-b1"},
    "description": "院里下水道堵了,没法用水。", "answers": {"inside_flat": False},
}  # fmt: skip
IDLE_FOR = 5.0
ROUTED_WITHIN = 30.0


def measure(_scale: Scale) -> Iterator[Figure]:
    yield from _second_start()
    with engines() as on, product(on, buildings=0) as ground:
        time.sleep(IDLE_FOR)
        yield from _memory("the three services", [each.pid for each in ground.services], 300)
        together = Service("services", free_ports(1)[0], ground.intake.log, ground.intake.environment)
        for each in ground.services:
            each.stop()
        together.start()
        try:
            together.wait_until_ready()
            time.sleep(IDLE_FOR)
            yield from _memory("all three in one process", [together.pid])
        finally:
            together.stop()


def _second_start() -> Iterator[Figure]:
    end_tidily_when_terminated()
    with TemporaryDirectory(prefix="bench-") as folder:
        environment = _environment(Path(folder))
        try:
            _make_up(environment)
            _make_down(environment)
            began = time.perf_counter()
            _make_up(environment)
            up = time.perf_counter()
            uvloop.run(_first_case(f"http://127.0.0.1:{environment['SHAOYIN_PORT']}"))
            yield Figure("start", "`make up`, the second time", up - began, "s")
            yield Figure("start", "and to the first routed case", time.perf_counter() - began, "s", None, at_most(30))
        finally:
            _make_down(environment)


def _environment(folder: Path) -> dict[str, str]:
    ports = dict(
        zip(
            ("SHAOYIN_PORT", "SHAOYIN_KAFKA_PORT", "SHAOYIN_KAFKA_CONTROLLER_PORT", "SHAOYIN_MONGO_PORT"),
            map(str, free_ports(4)), strict=True,
        )
    )  # fmt: skip
    return {**os.environ, **ports, "SHAOYIN_LOCAL": str(folder)}


def _make_up(environment: dict[str, str]) -> None:
    for module in ("deploy.local", "deploy.product"):
        _say(module, "start", environment)


def _make_down(environment: dict[str, str]) -> None:
    for module in ("deploy.product", "deploy.local"):
        _say(module, "stop", environment)


def _say(module: str, command: str, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", module, command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )


async def _first_case(origin: str) -> None:
    async with client(origin, 1) as http:
        receipt = (await http.ask("POST", "/api/reports", DRAIN)).json()
        token = (await http.ask("POST", "/api/dev/sign-in", {"person": DUTY})).json()["token"]
        await _routed(http, case_id_of(receipt["report_id"]), token)


async def _routed(http: Client, case_id: str, token: str) -> None:
    ends_at = time.perf_counter() + ROUTED_WITHIN
    while time.perf_counter() < ends_at:
        answer = await http.ask("GET", f"/api/cases/{case_id}", headers={"Authorization": f"Bearer {token}"})
        if answer.status == 200 and answer.json()["handlers"]["main"]:
            return
    raise AssertionError(f"not routed within {ROUTED_WITHIN:.0f} s")


def _memory(who: str, pids: Sequence[int], most: float | None = None) -> Iterator[Figure]:
    """Resident memory counts what processes share once for each of them; the proportional size counts it once."""
    goal = None if most is None else at_most(most)
    yield Figure("start", f"idle, {who}: resident", _megabytes(pids, "Rss"), "MB", None, goal)
    yield Figure("start", f"idle, {who}: proportional", _megabytes(pids, "Pss"), "MB")


def _megabytes(pids: Sequence[int], what: str) -> float:
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024
