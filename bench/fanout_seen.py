"""When alerts reach inboxes and open streams: each instant by the machine's steady clock, by the case it tells of."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, cast

from bench.fanout_ground import Town, store_of
from bench.fanout_news import STAFF, person
from shaoyin.adapters.identity import ticket

INSERTED: list[dict[str, Any]] = [
    {"$match": {"operationType": "insert", "fullDocument.person": {"$type": "string"}}},
    {"$project": {"case_id": "$fullDocument.case_id"}},
]
LOOK_EVERY = 0.02
OPENED_WITHIN = 60.0
Arrivals = dict[str, list[float]]


@asynccontextmanager
async def inboxes(on: Town) -> AsyncIterator[Arrivals]:
    """Each alert as soon as a majority has it, as a change stream tells."""
    async with store_of(on) as store, await store["alerts"].watch(INSERTED, max_await_time_ms=1000) as changes:
        await changes.try_next()
        arrived: Arrivals = defaultdict(list)

        async def note() -> None:
            async for change in changes:
                arrived[change["case_id"]].append(time.perf_counter())

        async with _meanwhile(note()):
            yield arrived


@asynccontextmanager
async def streams(on: Town) -> AsyncIterator[Arrivals]:
    """Everybody's own stream is open, as his browser holds it."""
    shown: Arrivals = defaultdict(list)
    loop, key = asyncio.get_running_loop(), on.settings.key("ticket_key")
    lines = []
    try:
        for number in range(STAFF):
            word = ticket(person(number), key, datetime.now(UTC))
            _, line = await loop.create_connection(lambda: _Stream(shown), "127.0.0.1", on.notify.port)
            line.ask(f"/api/stream?ticket={word}")
            lines.append(line)
        await until(lambda: all(each.live for each in lines), OPENED_WITHIN)
        yield shown
    finally:
        for line in lines:
            line.close()


class _Stream(asyncio.Protocol):
    """It need not understand HTTP: what it waits for is in the bytes."""

    def __init__(self, shown: Arrivals) -> None:
        self._shown = shown
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        self.live = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, path: str) -> None:
        assert self._transport is not None
        self._transport.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        now, self.live = time.perf_counter(), True
        *whole, self._rest = (self._rest + data).split(b"\n\n")
        for event in whole:
            case_id = event.partition(b'"case_id":"')[2].partition(b'"')[0]
            if case_id:
                self._shown[case_id.decode()].append(now)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def _meanwhile(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(holds: Any, within: float, every: float = LOOK_EVERY) -> bool:
    """Whether it came true in so many seconds."""
    ends_at = time.perf_counter() + within
    while not holds():
        if time.perf_counter() > ends_at:
            return False
        await asyncio.sleep(every)
    return True


def since(due: Mapping[str, float], arrived: Mapping[str, Sequence[float]]) -> list[float]:
    """Seconds from when each news was due to each of its alerts."""
    return [at - due[case_id] for case_id, instants in arrived.items() if case_id in due for at in instants]
