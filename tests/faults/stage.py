"""The product as an operator runs it, in parts: three services apart, two more at need, on engines of its own."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from deploy.local import Engines
from deploy.local.processes import Child
from shaoyin.adapters.clock import SystemClock
from tests.engines import own_engines
from tests.faults.disk import SmallDisk
from tests.running import ROOT, Program, environment

PREFIX = "faults"
BUILDINGS = 400
"""Enough for most reports to be nobody else's matter told again, so that rules dispatch them at once."""
SERVICES = ("intake", "router", "notify")
SPARE = ("router", "notify")


@dataclass
class Stage:
    """Who runs, and what happened to whom. `spares` run only while a fault has started them."""

    folder: Path
    engines: Engines
    disk: SmallDisk | None
    parts: dict[str, Program]
    spares: dict[str, Program]
    stores: MongoClient[dict[str, Any]]
    wiped_at: datetime | None = None
    ended_by_themselves: list[str] = field(default_factory=list)

    def database(self, service: str) -> Database[dict[str, Any]]:
        return self.stores[f"{PREFIX}_{service}"]

    def child(self, engine: str) -> Child:
        return {"Kafka": self.engines.kafka.child, "mongod": self.engines.mongo.child}[engine]

    def now(self) -> datetime:
        """The product's time: every service follows one offset."""
        found = self.database("dev")["clock"].find_one({"_id": "clock"})
        return SystemClock().now() + timedelta(milliseconds=found["offset_ms"] if found else 0)

    def router_origins(self) -> list[str]:
        """Where staff may be answered: either router will do."""
        spare = self.spares["router"]
        return [self.parts["router"].origin, *([spare.origin] if runs(spare) else [])]

    def signal(self, name: str, sign: signal.Signals) -> None:
        if name in self.parts:
            process = self.parts[name].process
            assert process is not None
            process.send_signal(sign)
        else:
            pid = self.child(name).pid()
            assert pid is not None, f"{name} does not run"
            os.kill(pid, sign)

    def mend(self) -> None:
        """Everybody is up and ready again. Who is down here without having been killed ended by himself."""
        self.engines.start()
        for name, program in self.parts.items():
            if not runs(program):
                self.ended_by_themselves.append(name)
                program.start(wait=False)
        for program in self.running():
            program.wait_until_ready()

    def running(self) -> list[Program]:
        return [each for each in (*self.parts.values(), *self.spares.values()) if runs(each)]


def runs(program: Program) -> bool:
    return program.process is not None and program.process.poll() is None


def until(what: str, ask: Callable[[], bool], within: float) -> None:
    ends_at = time.monotonic() + within
    while not ask():
        if time.monotonic() > ends_at:
            raise AssertionError(f"{what}: not within {within:.0f} s")
        time.sleep(0.1)


@contextmanager
def stage(folder: Path, *, small_disk: bool) -> Iterator[Stage]:
    """The engines run, the services are ready; at the end nothing is left."""
    home = folder / "engines"
    home.mkdir(parents=True)
    disk = SmallDisk(home) if small_disk else None
    with own_engines(home) as engines:
        engines.start()
        around = environment(engines.kafka_address, engines.mongo_url, PREFIX, folder)
        around["SHAOYIN_PACKS"] = str(_packs(folder))
        parts = {name: Program(f"services.{name}", dict(around), folder / f"{name}.log") for name in SERVICES}
        spares = {name: Program(f"services.{name}", dict(around), folder / f"{name}-2.log") for name in SPARE}
        for each in (parts["notify"], spares["notify"]):
            each.environment["SHAOYIN_ROUTER_URL"] = parts["router"].origin
            each.environment["SHAOYIN_INTAKE_URL"] = parts["intake"].origin
        stores: MongoClient[dict[str, Any]] = MongoClient(engines.mongo_url, tz_aware=True)
        try:
            for program in parts.values():
                program.start(wait=False)
            for program in parts.values():
                program.wait_until_ready()
            yield Stage(folder, engines, disk, parts, spares, stores)
        finally:
            for program in (*parts.values(), *spares.values()):
                program.stop()
            stores.close()
            if disk is not None:
                disk.leave()


def _packs(folder: Path) -> Path:
    """The invented community with many more buildings."""
    packs = folder / "packs"
    shutil.copytree(ROOT / "packs", packs)
    with (packs / "wulibao" / "areas.yaml").open("a") as areas:
        for number in range(BUILDINGS):
            name = f"{{zh-CN: 试验{number}号楼, en: Test building {number}}}"
            areas.write(f"- {{id: {building(number)}, kind: building, parent: wls-micro-51-1, name: {name}}}\n")
    return packs


def building(number: int) -> str:
    return f"faults-b{number % BUILDINGS}"
