"""The product as it runs for users, on engines of its own: three services as three programs, ended by their pids."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from bench.seed import fill
from deploy.local import Engines, free_ports
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.packs import load
from shaoyin.adapters.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
BUILDINGS = 2_000
READY_WITHIN = 120.0
LIMITS = tuple(
    f"SHAOYIN_LIMIT_{each}"
    for each in ("DEVICE", "DEVICE_REPORTS", "NETWORK", "WIDE_NETWORK", "GUESSES", "STAFF", "STAFF_NETWORK")
)
"""How often one caller may call: a bench is one caller for a whole town."""


@dataclass
class Service:
    """One `python -m …` of ours, with where it listens."""

    module: str
    port: int
    log: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        environment = {**os.environ, **self.environment, "SHAOYIN_PORT": str(self.port)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def wait_until_ready(self) -> None:
        ends_at = time.monotonic() + READY_WITHIN
        while not _answers(f"{self.origin}/health/ready"):
            assert self.process is not None
            if self.process.poll() is not None or time.monotonic() > ends_at:
                raise RuntimeError(f"{self.module} is not ready:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)


@dataclass(frozen=True)
class Ground:
    """A running product: its three services, its engines, and the prefix of its databases."""

    engines: Engines
    prefix: str
    packs: Path
    intake: Service
    router: Service
    notify: Service

    @property
    def services(self) -> tuple[Service, ...]:
        return self.intake, self.router, self.notify


@contextmanager
def engines(*, cache_gb: float = 1.0) -> Iterator[Engines]:
    """On free ports, in a folder of their own, gone at the end, also when a time limit ends the bench."""
    end_tidily_when_terminated()
    with TemporaryDirectory(prefix="bench-") as folder:
        found = Engines(Path(folder), *free_ports(3), mongo_cache_gb=cache_gb)
        try:
            found.start()
            yield found
        finally:
            found.wipe()


def end_tidily_when_terminated() -> None:
    """The engines live in sessions of their own and would otherwise outlive the bench."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def product(on: Engines, buildings: int = BUILDINGS) -> Iterator[Ground]:
    """A fresh product with empty databases on engines that run; so many invented places more than the pack has."""
    prefix = f"b{uuid.uuid4().hex[:8]}"
    folder = on.home / prefix
    packs = packs_with_buildings(folder / "packs", buildings)
    environment = environment_of(on, prefix, folder, packs)
    ports = free_ports(3)
    made = [
        Service(f"services.{name}", port, folder / f"{name}.log", environment)
        for name, port in zip(("intake", "router", "notify"), ports, strict=True)
    ]
    found = Ground(on, prefix, packs, *made)
    environment["SHAOYIN_ROUTER_URL"] = found.router.origin
    environment["SHAOYIN_INTAKE_URL"] = found.intake.origin
    try:
        for each in found.services:
            each.start()
        for each in found.services:
            each.wait_until_ready()
        yield found
    finally:
        for each in found.services:
            each.stop()


def fill_store(on: Ground, many: int) -> None:
    """So many realistic cases lie in the router's store, at the town's own places; the product may run meanwhile."""
    loaded = load(ROOT / "packs" / "wulibao").pack
    assert loaded is not None

    async def fill_it() -> None:
        mongo = connect(Settings(mongo_url=on.engines.mongo_url))
        await fill(mongo[f"{on.prefix}_router"], loaded, many)
        await close(mongo)

    asyncio.run(fill_it())


def environment_of(on: Engines, prefix: str, folder: Path, packs: Path) -> dict[str, str]:
    """What every service of one product is told."""
    return {
        "SHAOYIN_ENV": "test", "SHAOYIN_KAFKA": on.kafka_address, "SHAOYIN_MONGO_URL": on.mongo_url,
        "SHAOYIN_DATABASE_PREFIX": prefix, "SHAOYIN_LOCAL": str(folder), "SHAOYIN_PACKS": str(packs),
        **dict.fromkeys(LIMITS, "off"),
    }  # fmt: skip


def building(number: int) -> str:
    return f"bench-{number % BUILDINGS}"


def packs_with_buildings(folder: Path, many: int) -> Path:
    """The town's pack with so many invented buildings more, so that few reports are likely duplicates of another."""
    shutil.copytree(ROOT / "packs", folder)
    with (folder / "wulibao" / "areas.yaml").open("a", encoding="utf-8") as areas:
        for number in range(many):
            name = building(number)
            areas.write(
                f"- {{id: {name}, kind: building, parent: wls-micro-51-1, name: {{zh-CN: {name}, en: {name}}}}}\n"
            )
    return folder


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=3) as answer:
            return bool(answer.status == 200)
    except (urllib.error.HTTPError, OSError):
        return False
