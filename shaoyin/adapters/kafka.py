"""The bus on Kafka. It starts without the broker, outlives its death, and starts over when the cluster is another."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from shaoyin.adapters.bus_terms import (
    LARGEST,
    BusDown,
    Message,
    Placed,
    Received,
    Stretch,
    TopicSpec,
    refuse_too_large,
)
from shaoyin.adapters.kafka_client import Cluster, Questions, TopicRefused, is_cancelled, patiently
from shaoyin.adapters.kafka_kept import kept
from shaoyin.adapters.kafka_producer import Outlet
from shaoyin.adapters.kafka_reader import KafkaReader

LOOK_EVERY = timedelta(seconds=1)
_BREATH = 0.1
_SHORT = timedelta(seconds=2)
_AWAY = (KafkaError, OSError, TimeoutError)

T = TypeVar("T")

log = logging.getLogger(__name__)


class KafkaBus:
    """One bus a process. A task of its own looks every second which cluster is there; it makes the topics, opens the
    producer and sends readers to a new cluster. While none is there, `send` raises BusDown at the next look.

    `prefix` stands before every topic and group on the broker, so that installations, or tests, can share one;
    `security` takes aiokafka's options (security_protocol, ssl_context, sasl_*).
    """

    def __init__(
        self,
        servers: str,
        *,
        name: str = "shaoyin",
        prefix: str = "",
        copies: int = 3,
        largest: int = LARGEST,
        send_within: timedelta = timedelta(seconds=10),
        connect_within: timedelta = timedelta(seconds=5),
        session_within: timedelta = timedelta(seconds=6),
        security: Mapping[str, Any] | None = None,
    ) -> None:
        self._cluster = Cluster(servers, name, prefix, security or {})
        self._copies = copies
        self._largest = largest
        self._send_within = send_within
        self._connect_within = connect_within
        self._session_within = session_within
        self._specs: dict[str, TopicSpec] = {}
        self._readers: set[KafkaReader] = set()
        self._astray: set[KafkaReader] = set()
        self._made: set[str] = set()
        self._questions: Questions | None = None
        self._outlet: Outlet | None = None
        self._known: str | None = None
        self._away: str | None = "not started"
        self._looking: asyncio.Task[None] | None = None
        self._look_now = asyncio.Event()
        self._looks: set[asyncio.Future[None]] = set()
        self._retiring: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._looking = asyncio.create_task(self._look_on())
        await self._next_look()

    async def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])
        if self._outlet is not None and self._away is None:
            await self._outlet.flush()
        await self._retired()
        await self._hang_up()
        self._known, self._away = None, "stopped"

    async def ensure_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Raises TopicRefused for one that no broker of this cluster will ever make."""
        with contextlib.suppress(BusDown):  # then the next look that finds a broker makes them
            await self._ask(lambda questions: questions.make_topics(specs, self._copies))
            self._made |= {spec.name for spec in specs}
        self._specs |= {spec.name: spec for spec in specs}

    async def send(self, messages: Sequence[Message]) -> list[Placed]:
        refuse_too_large(messages, self._largest)
        if not messages:
            return []
        return await (await self._open_outlet()).send(messages)

    @asynccontextmanager
    async def reader(self, group: str, topics: Sequence[str], *, from_start: bool = True) -> AsyncIterator[KafkaReader]:
        reader = KafkaReader(self._cluster, group, topics, self._session_within, from_start=from_start)
        self._readers.add(reader)
        try:
            await reader.open()
            yield reader
        finally:
            self._readers.discard(reader)
            await reader.close()

    async def cluster_id(self) -> str:
        return await self._ask(lambda questions: questions.cluster_id())

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        return await self._ask(lambda questions: questions.committed(group, topic))

    async def stretches(self, topic: str) -> Mapping[int, Stretch]:
        return await self._ask(lambda questions: questions.stretches(topic))

    async def kept(self, topic: str, since: Mapping[int, int] | None = None) -> AsyncGenerator[list[Received]]:
        stretches = await self.stretches(topic)
        async with aclosing(kept(self._cluster, topic, stretches, since or {})) as batches:
            async for batch in batches:
                yield batch

    async def missing(self) -> frozenset[str]:
        found = await self._ask(lambda questions: questions.topics())
        return frozenset(self._specs) - found

    def joined(self) -> frozenset[str]:
        return frozenset() if self._away else frozenset(each.group for each in self._readers if each.joined)

    async def reachable(self) -> bool:
        if self._questions is None:
            return False
        try:
            async with asyncio.timeout(_SHORT.total_seconds()):
                await self._questions.cluster_id()
        except _AWAY:
            return False
        return True

    async def _ask(self, question: Callable[[Questions], Awaitable[T]]) -> T:
        if self._away is not None:
            await self._next_look()
        questions = self._questions
        if questions is None:
            raise BusDown(str(self._away))
        try:
            return await patiently(lambda: question(questions), self._connect_within)
        except _AWAY as away:
            raise BusDown(f"no answer from Kafka at {self._cluster.servers}: {away!r}") from away

    async def _open_outlet(self) -> Outlet:
        if self._away is not None or self._outlet is None or self._outlet.broken:
            await self._next_look()
        if self._away is not None or self._outlet is None or self._outlet.broken:
            raise BusDown(self._away or "the connection for sending was lost")
        return self._outlet

    async def _next_look(self) -> None:
        """Returns when the look now under way, or else the next one, has ended well or badly."""
        if self._looking is None or self._looking.done():
            raise BusDown(str(self._away))
        looked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._looks.add(looked)
        self._look_now.set()
        await looked

    async def _look_on(self) -> None:
        while True:
            self._look_now.clear()
            try:
                async with asyncio.timeout(self._connect_within.total_seconds()):
                    await self._look()
            except (Exception, asyncio.CancelledError) as away:  # aiokafka says a lost broker with either: try again
                if is_cancelled():
                    raise
                await self._lost(away)
            while self._looks:
                looked = self._looks.pop()
                if not looked.done():
                    looked.set_result(None)
            await asyncio.sleep(_BREATH)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY.total_seconds()):
                    await self._look_now.wait()

    async def _look(self) -> None:
        if self._questions is None:
            self._questions = await Questions.open(self._cluster, self._connect_within)
        found = await self._questions.cluster_id()
        if found != self._known:
            await self._arrive(found)
        await self._make_topics(self._questions)
        for reader in self._astray:
            reader.renew("the cluster was replaced")
        self._astray.clear()
        if self._outlet is None or self._outlet.broken:
            self._retire()
            self._outlet = await Outlet.open(self._cluster, self._send_within)
        if self._away is not None:
            log.info("connected to Kafka cluster %s at %s", found, self._cluster.servers)
        self._away = None

    async def _arrive(self, found: str) -> None:
        """First silence the old producer: its numbering may be taken for another's in a cluster that begins anew."""
        if self._known is not None:
            log.warning("Kafka cluster %s was replaced by %s", self._known, found)
            self._astray |= self._readers
            await self._retired()
        self._made.clear()
        self._known = found

    async def _make_topics(self, questions: Questions) -> None:
        missing = [spec for name, spec in self._specs.items() if name not in self._made]
        try:
            await questions.make_topics(missing, self._copies)
        except TopicRefused:
            log.exception("a topic could not be made on the cluster that is there now")
        self._made |= {spec.name for spec in missing}

    def _retire(self) -> None:
        if self._outlet is not None:
            self._retiring.add(retiring := asyncio.create_task(self._outlet.give_up()))
            retiring.add_done_callback(self._note_end)
            self._outlet = None

    async def _retired(self) -> None:
        self._retire()
        if self._retiring:
            await asyncio.wait(self._retiring)

    def _note_end(self, retiring: asyncio.Task[None]) -> None:
        self._retiring.discard(retiring)
        if not retiring.cancelled() and (error := retiring.exception()):
            log.warning("a producer did not end in order: %r", error)

    async def _lost(self, away: BaseException) -> None:
        if self._away is None:
            log.warning("Kafka at %s is away: %r", self._cluster.servers, away)
        self._away = f"no Kafka at {self._cluster.servers}: {away!r}"
        await self._hang_up()

    async def _hang_up(self) -> None:
        if self._questions is not None:
            questions, self._questions = self._questions, None
            await questions.close()
