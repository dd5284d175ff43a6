"""What every service stands on, opened in order and closed in reverse: settings, store, bus, clock, packs, keys."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from socket import socket
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from shaoyin.adapters.bus import Bus
from shaoyin.adapters.clock import Clock, running_clock
from shaoyin.adapters.door import Door, Doorkeeper
from shaoyin.adapters.folder_packs import load_packs
from shaoyin.adapters.identity import DevIssuer, Keys, KeysAndTaps, on_behalf_of
from shaoyin.adapters.issuers import keys_of
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.adapters.mongo import Client, close, connect
from shaoyin.adapters.packs_in_force import Packs
from shaoyin.adapters.settings import Settings
from shaoyin.domain.pack import Pack

log = logging.getLogger(__name__)
NOT_STARTED = 3
STOPS_WITHIN = 4
"""Seconds for what is in flight; an inbox stream that is cut resumes by itself."""
COLLECT_AFTER = (10_000, 20, 20)
"""A batch makes thousands of objects and drops them by itself; to look through them all the time finds nothing."""


@dataclass(frozen=True)
class Ground:
    settings: Settings
    client: Client
    bus: Bus
    clock: Clock
    packs: Packs
    keys: Keys
    issuer: DevIssuer | None


@asynccontextmanager
async def ground(settings: Settings, name: str) -> AsyncIterator[Ground]:
    """One for each process. The engines may be away at the start: whoever needs them waits."""
    packs = Packs(load_packs(settings.packs, settings.examples))
    client = connect(settings)
    bus: Bus = KafkaBus(settings.kafka) if settings.bus == "kafka" else MemoryBus()
    if settings.bus == "memory":
        log.warning("the news stays in this process: SHAOYIN_BUS=memory stands in for Kafka")
    database = client[settings.database("dev")]
    try:
        await bus.start()
        async with running_clock(settings, database, name) as clock:
            keys, issuer = keys_of(settings, database)
            yield Ground(settings, client, bus, clock, packs, KeysAndTaps(keys, on_behalf_of(settings)), issuer)
    finally:
        await bus.stop()
        await close(client)


def refusals(packs: Mapping[str, Pack]) -> dict[str, dict[str, str]]:
    """The packs' sentences for what a rule forbids, by code, as `problem_texts` takes them."""
    return {
        key.removeprefix("refused."): dict(languages)
        for pack in packs.values()
        for key, languages in pack.texts.items()
        if key.startswith("refused.")
    }


def serve(app: ASGIApp, settings: Settings) -> None:
    """Runs until told to stop; a graceful stop finishes what is in flight. Exits with 3 where nothing was started."""
    door = partial(Door, keeper=Doorkeeper(settings))
    server = Settled(uvicorn.Config(
        app, host=settings.host, port=settings.port, loop="uvloop", http=cast("type[Door]", door), ws="none",
        access_log=False, log_config=None, server_header=False, proxy_headers=False,
        timeout_keep_alive=settings.keep_alive_within, timeout_graceful_shutdown=STOPS_WITHIN,
    ))  # fmt: skip
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(NOT_STARTED)


class Settled(uvicorn.Server):
    """What is there once everything has started stays there: packs, routes, clients. The collector, which would walk
    through it all again and again in the middle of a request, need not look at it any more.
    """

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        settle()


def settle() -> None:
    load_packs.cache_clear()  # a pack goes when a later version takes its place
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
