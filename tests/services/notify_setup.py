"""Notify in a test: real MongoDB, a bus in memory, community Wulibao, and stories that send their news."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeVar
from unittest.mock import patch

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from services.notify.app import health, problem_words, routes, running, topic_specs
from services.notify.channels.configured import Channels
from services.notify.channels.sender import Sender
from services.notify.notify import Notify
from services.notify.rates import rate_of
from shaoyin.adapters.bus import MemoryBus, Message, Received
from shaoyin.adapters.clock import FakeClock, SystemClock
from shaoyin.adapters.identity import DevIssuer
from shaoyin.adapters.limits import Limits
from shaoyin.adapters.mongo import Client, StoreDown, close, connect
from shaoyin.adapters.problem import install, problem_texts
from shaoyin.adapters.rate_limits import RateLimits
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.web import SafeAnswers, add_health
from shaoyin.contracts.envelope import header_json, write_news
from shaoyin.contracts.topics import CASES
from shaoyin.domain.commands import Command
from shaoyin.domain.events import Event
from shaoyin.domain.header import header
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import case_id_of
from tests.domain.town import MORNING, Story, a_blocked_drain, wulibao

T = TypeVar("T")
ROUTER = "http://router.test"
LOOKS = ("services.notify.ringing.ring", "services.notify.ringing.pass_on", "services.notify.residents.tell")


@dataclass
class Sending(Story):
    """A story whose decisions are written as the router writes them; `fresh` is what was not sent yet."""

    fresh: list[Message] = field(default_factory=list)

    def _keep(self, command: Command) -> list[Event]:
        before = len(self.history)
        events = super()._keep(command)
        if events:
            facts = header_json(header(self.open_case, events))
            for seq, event in enumerate(events, start=before + 1):
                written = write_news(self.open_case.case_id, seq, event, facts)
                self.fresh.append(Message(CASES.name, written.key, written.value, written.headers))
        return events

    async def send(self, bus: MemoryBus) -> list[Message]:
        sent, self.fresh = self.fresh, []
        await bus.send(sent)
        return sent


def a_story(number: int = 1) -> Sending:
    """A blocked drain of its own case, just reported."""
    story = Sending()
    story.report(replace(a_blocked_drain(), report_id=f"r{number}"))
    assert story.open_case.case_id == case_id_of(f"r{number}")
    return story


@dataclass
class Office:
    """One replica at work, and an HTTP client that signs people in."""

    notify: Notify
    bus: MemoryBus
    clock: FakeClock
    app: ASGIApp
    issuer: DevIssuer
    http: httpx.AsyncClient

    async def as_person(self, person: str, language: str = "zh-CN") -> dict[str, str]:
        return {"authorization": f"Bearer {await self.issuer.sign(person)}", "accept-language": language}

    async def get(self, person: str, path: str, language: str = "zh-CN") -> httpx.Response:
        return await self.http.get(path, headers=await self.as_person(person, language))

    async def post(self, person: str, path: str, body: Mapping[str, object] | None = None) -> httpx.Response:
        return await self.http.post(path, headers=await self.as_person(person), json=body or {})

    async def inbox(self, person: str, language: str = "zh-CN") -> list[dict[str, object]]:
        answer = await self.get(person, "/api/inbox?most=200", language)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, object]] = answer.json()["items"]
        return items

    async def kinds(self, person: str) -> list[str]:
        return sorted(str(item["kind"]) for item in await self.inbox(person))

    async def alert(self, person: str, kind: str) -> dict[str, object]:
        found = [item for item in await self.inbox(person) if item["kind"] == kind]
        assert len(found) == 1, found
        return found[0]

    async def all_raised(self) -> None:
        """Returns when everything that was sent has been raised."""

        async def caught_up() -> bool:
            committed = await self.bus.committed("notify", CASES.name)
            ends = {number: self.bus.log((CASES.name, number)).end for number in range(PARTITIONS)}
            return all(committed.get(number, 0) == end for number, end in ends.items())

        await eventually(caught_up)


PARTITIONS = 2


@asynccontextmanager
async def office(
    mongo_url: str, name: str, folder: Path, *, bus: MemoryBus | None = None, clock: FakeClock | None = None,
    packs: Mapping[str, Pack] | None = None, router: httpx.MockTransport | None = None,
    driver: Literal["motor", "pymongo"] = "motor", senders: Mapping[str, Sender] | None = None,
    channels: Channels | None = None, intake: httpx.AsyncClient | None = None,
) -> AsyncIterator[Office]:  # fmt: skip
    """Two of them over the same `name` and `bus` are two replicas. They look for what is due without a long pause."""
    with ExitStack() as patched:
        for looks in LOOKS:
            patched.enter_context(patch(f"{looks}.LOOK_EVERY", 0.05))
        async with _office(
            mongo_url, name, folder, bus, clock, packs, router, driver, senders, channels, intake
        ) as one:
            yield one


@asynccontextmanager
async def _office(
    mongo_url: str, name: str, folder: Path, bus: MemoryBus | None, clock: FakeClock | None,
    packs: Mapping[str, Pack] | None, router: httpx.MockTransport | None, driver: Literal["motor", "pymongo"],
    senders: Mapping[str, Sender] | None, channels: Channels | None, intake: httpx.AsyncClient | None,
) -> AsyncIterator[Office]:  # fmt: skip
    settings = Settings.checked(
        env="test", mongo_url=mongo_url, database_prefix=name, local=folder, partitions=PARTITIONS, driver=driver
    )
    bus, clock = bus or MemoryBus(), clock or FakeClock(MORNING)
    async with connected(settings) as client:
        issuer = DevIssuer(settings, client[settings.database("dev")], SystemClock())
        to_router = httpx.AsyncClient(base_url=ROUTER, transport=router or httpx.MockTransport(no_router))
        await bus.ensure_topics(topic_specs(PARTITIONS))
        async with running(
            settings, clock, bus, client, packs or {"wulibao": wulibao()}, issuer, router=to_router,
            channels=channels or Channels(senders or {}), intake=intake,
        ) as notify:  # fmt: skip
            app = app_of(notify)
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://notify.test") as http:
                yield Office(notify, bus, clock, app, issuer, http)


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Client]:
    client = connect(settings)
    try:
        yield client
    finally:
        await close(client)


def no_router(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("there is no router", request=request)


def app_of(notify: Notify) -> ASGIApp:
    app = FastAPI()
    install(app, problem_texts(problem_words()), away=(StoreDown,))
    app.include_router(routes())
    add_health(app, "", health())
    app.add_middleware(RateLimits, Limits(), rate_of)
    app.add_middleware(SafeAnswers)

    return with_state(app, {"notify": notify})


def with_state(app: ASGIApp, state: Mapping[str, object]) -> ASGIApp:
    """As a server calls it whose lifespan brought that state."""

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = dict(state)
        await app(scope, receive, send)

    return called


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """On a free port of this machine; a stream needs a real connection."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    await eventually(lambda: _is(server.started))
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def _is(value: T) -> T:
    return value


async def eventually(holds: Callable[[], Awaitable[object]], within: float = 10.0) -> None:
    """Looked at again and again; fails when it did not come true in so many seconds."""
    until = time.monotonic() + within
    while not await holds():
        assert time.monotonic() < until, "it did not come true in time"
        await asyncio.sleep(0.01)


async def on_topic(bus: MemoryBus, topic: str) -> Sequence[Received]:
    """Everything that lies on a topic, by a reader of its own."""
    async with bus.reader(f"test-{time.monotonic()}", [topic]) as reader:
        return await reader.batch(10_000, timedelta(milliseconds=50))
