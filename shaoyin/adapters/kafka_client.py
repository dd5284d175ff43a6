"""What the bus asks a Kafka cluster besides messages: who it is, which topics it has, how far a group has read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self, TypeVar

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import BrokerResponseError, KafkaError, NoError, TopicAlreadyExistsError, for_code
from aiokafka.protocol.admin import CreateTopicsRequest
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.offset import OffsetRequest

from shaoyin.adapters.bus_terms import Stretch, TopicSpec

RETRY_AFTER = timedelta(milliseconds=250)
METADATA_FRESH = timedelta(seconds=5)
_GROUP = 0
_FIRST, _END = -2, -1
T = TypeVar("T")


class TopicRefused(ValueError):  # noqa: N818 - said of the topic
    """No broker of this cluster will make the topic: its name, its partitions or a right is missing."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the cluster is, and how this program presents itself there."""

    servers: str
    name: str = "shaoyin"
    prefix: str = ""
    security: Mapping[str, Any] = field(default_factory=dict)

    def options(self, within: timedelta) -> dict[str, Any]:
        """For any aiokafka client; `within` bounds one request."""
        return {
            "bootstrap_servers": self.servers,
            "client_id": self.name,
            "request_timeout_ms": milliseconds(within),
            "retry_backoff_ms": milliseconds(RETRY_AFTER),
            "metadata_max_age_ms": milliseconds(METADATA_FRESH),
            **self.security,
        }


class Questions:
    """One connection for questions. Every method raises KafkaError, and OSError or TimeoutError from the network."""

    def __init__(self, client: Any, prefix: str, within: timedelta) -> None:
        self._client = client
        self._prefix = prefix
        self._within = within

    @classmethod
    async def open(cls, cluster: Cluster, within: timedelta) -> Self:
        """Cancelled or refused, it leaves nothing behind."""
        client: Any = AIOKafkaClient(**cluster.options(within))  # type: ignore[no-untyped-call]  # has no hints
        try:
            await client.bootstrap()
        except BaseException:
            await client.close()
            raise
        return cls(client, cluster.prefix, within)

    async def close(self) -> None:
        await self._client.close()

    async def cluster_id(self) -> str:
        answer = await self._anywhere(MetadataRequest([]))
        self._client.cluster.update_metadata(answer)
        return str(answer.cluster_id)

    async def make_topics(self, specs: Iterable[TopicSpec], copies: int) -> None:
        """Those that are there already stay as they are. A topic has as many copies as there are brokers, at most
        `copies`. Raises TopicRefused.
        """
        brokers = len(self._client.cluster.brokers())
        asked: list[Any] = [
            (self._prefix + spec.name, spec.partitions, min(copies, brokers), [], list(_config(spec).items()))
            for spec in specs
        ]
        if asked:
            request = CreateTopicsRequest(asked, milliseconds(self._within), validate_only=False)
            for name, code, *message in (await self._anywhere(request)).topic_errors:
                _check_made(name, for_code(code), *message)

    async def committed(self, group: str, topic: str) -> dict[int, int]:
        name = self._prefix + group
        coordinator = await self._anywhere(FindCoordinatorRequest(name, _GROUP))
        _check(coordinator.error_code)
        answer = await self._client.send(coordinator.coordinator_id, OffsetFetchRequest(name, None))
        _check(answer.error_code)
        found: dict[int, int] = {}
        for answered, partitions in answer.topics:
            for partition, offset, _, code in partitions if answered == self._prefix + topic else ():
                _check(code)
                found[partition] = offset
        return {partition: offset for partition, offset in found.items() if offset >= 0}

    async def topics(self) -> frozenset[str]:
        """Those of this installation that the cluster has."""
        names = (topic[1] for topic in (await self._anywhere(MetadataRequest(None, False))).topics)
        return frozenset(name.removeprefix(self._prefix) for name in names if name.startswith(self._prefix))

    async def stretches(self, topic: str) -> dict[int, Stretch]:
        """Each partition is asked for where it is led."""
        name = self._prefix + topic
        answer = await self._anywhere(MetadataRequest(None, False))
        led: dict[int, list[int]] = {}
        for partition in (each for found in answer.topics if found[1] == name for each in found[3]):
            _check(partition[0])
            led.setdefault(partition[2], []).append(partition[1])
        found: dict[int, Stretch] = {}
        for leader, numbers in led.items():
            first, end = [await self._offsets(leader, name, numbers, at) for at in (_FIRST, _END)]
            found |= {number: Stretch(first[number], end[number]) for number in numbers}
        return found

    async def _offsets(self, leader: int, name: str, numbers: Iterable[int], at: int) -> dict[int, int]:
        answer = await self._client.send(leader, OffsetRequest(-1, 0, [(name, [(number, at) for number in numbers])]))
        found: dict[int, int] = {}
        for number, code, _, offset in (each for _, partitions in answer.topics for each in partitions):
            _check(code)
            found[number] = offset
        return found

    async def _anywhere(self, request: object) -> Any:
        """Any broker will do: with KRaft it hands on what only the controller may do."""
        return await self._client.send(self._client.get_random_node(), request)


async def patiently(ask: Callable[[], Awaitable[T]], within: timedelta) -> T:
    """Asks again while the broker says "not yet", as it does while a coordinator loads after a start."""
    async with asyncio.timeout(within.total_seconds()):
        while True:
            try:
                return await ask()
            except BrokerResponseError as refused:
                if not refused.retriable:
                    raise
            await asyncio.sleep(RETRY_AFTER.total_seconds())


def is_cancelled() -> bool:
    """True when this task is to end; a CancelledError alone may be one that aiokafka let slip from its own tasks."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _config(spec: TopicSpec) -> dict[str, str]:
    kept = -1 if spec.retention is None else milliseconds(spec.retention)
    return {"cleanup.policy": "compact"} if spec.compacted else {"retention.ms": str(kept)}


def _check(code: int) -> None:
    if code:
        raise for_code(code)


def _check_made(name: str, error: type[KafkaError], *message: object) -> None:
    if error in (NoError, TopicAlreadyExistsError):
        return
    if error.retriable:
        raise error(*message)
    raise TopicRefused(f"{name}: {error.__name__}", *message)
