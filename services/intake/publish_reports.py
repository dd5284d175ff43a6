"""Publishes what was stored, at once and in batches; while Kafka is away it keeps trying, and nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice

from shaoyin.adapters.bus import Bus, BusDown, Message, Placed
from shaoyin.adapters.jobs import resting, turned
from shaoyin.adapters.pace import Pace
from shaoyin.contracts.envelope import Written, write_report, write_request
from shaoyin.contracts.topics import REPORTS
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.report import Report, Request

MOST = 500
WAITING_AT_MOST = 20_000
PLACES_KEPT = 200_000
APART = timedelta(milliseconds=40)
"""Between two batches. Everything behind is done by the batch: of a busy town's reports the first waits so long for
others, and in the end each is told sooner.
"""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds, doubled from try to try."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way to `shaoyin.reports.v1`, under the id by which it is known to be home."""

    ident: str
    message: Message

    @classmethod
    def report(cls, report: Report) -> Outgoing:
        return cls(report.report_id, _on_the_bus(write_report(report)))

    @classmethod
    def request(cls, request: Request) -> Outgoing:
        return cls(request.request_id, _on_the_bus(write_request(request)))


class Publisher:
    """What does not fit in the queue is not lost: it lies in the store, and `publish_again` finds it there."""

    def __init__(self, bus: Bus, waiting_at_most: int = WAITING_AT_MOST) -> None:
        self._bus = bus
        self._waiting_at_most = waiting_at_most
        self._waiting: dict[str, Message] = {}
        self._places: dict[str, Placed] = {}
        self._some = asyncio.Event()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def room(self) -> int:
        return self._waiting_at_most - len(self._waiting)

    def soon(self, outgoing: Iterable[Outgoing]) -> None:
        for each in outgoing:
            if len(self._waiting) >= self._waiting_at_most:
                return
            self._waiting.setdefault(each.ident, each.message)
            self._some.set()

    def is_waiting(self, ident: str) -> bool:
        return ident in self._waiting

    def place(self, ident: str) -> Placed | None:
        """Where it lies on the topic; None when that is not known, as after a restart."""
        return self._places.get(ident)

    def home(self, idents: Iterable[str]) -> None:
        for ident in idents:
            self._places.pop(ident, None)

    def forget_places(self) -> None:
        """The broker was replaced: no offset means anything any more."""
        self._places.clear()

    async def run(self) -> None:
        """Until cancelled."""
        pause, pace = FIRST_PAUSE, Pace(APART)
        while True:
            resting()
            await self._some.wait()
            await pace.turn()
            turned()
            batch = self._next()
            try:
                placed = await self._bus.send(list(batch.values()))
            except BusDown as down:
                log.warning("reports wait for the bus: %s", down)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            pause = FIRST_PAUSE
            self._sent(list(batch), placed)

    def _next(self) -> dict[str, Message]:
        return dict(islice(self._waiting.items(), MOST))

    def _sent(self, idents: Sequence[str], placed: Sequence[Placed]) -> None:
        for ident, place in zip(idents, placed, strict=True):
            self._waiting.pop(ident, None)
            if place.offset >= 0:
                self._places[ident] = place
        while len(self._places) > PLACES_KEPT:
            del self._places[next(iter(self._places))]
        if not self._waiting:
            self._some.clear()


def _on_the_bus(written: Written) -> Message:
    return Message(REPORTS.name, written.key, written.value, written.headers)
