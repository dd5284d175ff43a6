"""Notify alone, as it runs for users, with 1,300 people in its pack, and the other side in a process of its own."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from bench.fanout_news import THREES, with_staff
from bench.ground import READY_WITHIN, Service, environment_of, packs_with_buildings
from bench.loop_lag import PATH, delays
from deploy.local import Engines, free_ports
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.adapters.settings import Settings


@dataclass(frozen=True)
class Town:
    """Its replicas of notify, its provider, and the settings that all of them run with."""

    engines: Engines
    settings: Settings
    replicas: tuple[Service, ...]
    provider: Service

    @property
    def notify(self) -> Service:
        return self.replicas[0]

    def lag(self) -> list[float]:
        """Of all replicas' event loops since it was last asked, in seconds."""
        asked = [httpx.get(f"{each.origin}{PATH}", trust_env=False, timeout=30).json() for each in self.replicas]
        return [late for looks in asked for late in delays(looks)]


@contextmanager
def town(on: Engines, *, replicas: int = 1, told: Mapping[str, str] | None = None) -> Iterator[Town]:
    """Fresh databases on engines that run. `told` sets channels up; `{provider}` in it is where the provider is."""
    prefix = f"f{uuid.uuid4().hex[:8]}"
    folder = on.home / prefix
    packs = packs_with_buildings(folder / "packs", THREES + 1)
    with_staff(packs)
    environment = environment_of(on, prefix, folder, packs) | {"SHAOYIN_STREAMS_AT_MOST": "2000"}
    first, *ports = free_ports(replicas + 1)
    provider = Service("bench.provider", first, folder / "provider.log", environment)
    environment |= {name: said.replace("{provider}", provider.origin) for name, said in (told or {}).items()}
    notifies = tuple(Service("bench.loop_lag", port, folder / "notify.log", environment) for port in ports)
    settings = Settings.checked(
        env="test", kafka=on.kafka_address, mongo_url=on.mongo_url, database_prefix=prefix, local=folder, packs=packs
    )
    found = Town(on, settings, notifies, provider)
    started = (provider, *notifies)
    try:
        for each in started:
            each.start()
        for each in started:
            each.wait_until_ready()
        for each in notifies:
            _wait_until_joined(each)
        yield found
    finally:
        for each in started:
            each.stop()
        _show_errors(folder)


def _wait_until_joined(notify: Service) -> None:
    """Until it reads its topics: notify is ready before, since inboxes can be read while Kafka is away."""
    ends_at = time.monotonic() + READY_WITHIN
    while not _all_there(httpx.get(f"{notify.origin}/health/ready", trust_env=False).json()["checks"]):
        if time.monotonic() > ends_at:
            raise RuntimeError(f"{notify.origin} reads no topics")
        time.sleep(0.1)


def _all_there(checks: Mapping[str, Mapping[str, object]]) -> bool:
    return all(each["ok"] for each in checks.values())


def _show_errors(folder: Path) -> None:
    """What notify complained of is shown: a figure that was taken over errors is none."""
    for line in (folder / "notify.log").read_text(errors="replace").splitlines():
        if any(word in line for word in ("ERROR", "Traceback", "CRITICAL")):
            print(line[:300], flush=True)


@asynccontextmanager
async def bus_of(on: Town) -> AsyncIterator[KafkaBus]:
    bus = KafkaBus(on.engines.kafka_address)
    await bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


@asynccontextmanager
async def store_of(on: Town) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(on.engines.mongo_url, tz_aware=True)
    try:
        yield client[on.settings.database("notify")]
    finally:
        await client.close()
