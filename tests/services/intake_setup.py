"""An intake at work for tests: a real MongoDB, the bus in memory, a clock that stands still, residents over HTTP."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

import httpx
from fastapi import FastAPI
from pymongo.errors import PyMongoError
from starlette.types import ASGIApp, Receive, Scope, Send

from services.intake.app import add_routes, health, running
from services.intake.intake import Intake
from services.intake.reports import HOME_WITHIN
from shaoyin.adapters.bus import Bus, MemoryBus, Message, Received
from shaoyin.adapters.clock import FakeClock, SystemClock
from shaoyin.adapters.geometry import hits_of
from shaoyin.adapters.identity import DevIssuer
from shaoyin.adapters.mongo import Client, Collection, StoreDown, close, connect
from shaoyin.adapters.problem import install
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.web import SafeAnswers, add_health
from shaoyin.contracts.envelope import header_json, read_report, write_news
from shaoyin.contracts.topics import CASES, REPORTS
from shaoyin.domain import commands as cmd
from shaoyin.domain.commands import Command
from shaoyin.domain.events import Event
from shaoyin.domain.evolve import evolve
from shaoyin.domain.flow import decide
from shaoyin.domain.header import header
from shaoyin.domain.report import Report, Request, case_id_of
from tests.domain.town import DUTY, MORNING, Story, wulibao

Body = dict[str, object]
DATABASES: tuple[Literal["intake"], Literal["dev"]] = ("intake", "dev")
READ_WITHIN = {True: timedelta(milliseconds=20), False: timedelta(seconds=5)}
"""How long an empty topic is waited for: in memory, and on a broker."""
DRAIN: Body = {
    "community": "wulibao",
    "category": "WAT.sewer_blocked",
    "description": "下水道堵了，没法用水",
    "place": {"building": "courtyard-51-b1"},
}


GONE = object()


def a_drain(**other: object) -> Body:
    """The usual report with other fields; `GONE` leaves one out."""
    return {name: value for name, value in {**DRAIN, **other}.items() if value is not GONE}


@dataclass
class Town:
    """One intake with everything around it that a test may look at or break. `memory` is the bus, where it is one."""

    http: httpx.AsyncClient
    intake: Intake
    bus: Bus
    clock: FakeClock
    client: Client
    settings: Settings
    issuer: DevIssuer

    @property
    def memory(self) -> MemoryBus:
        assert isinstance(self.bus, MemoryBus)
        return self.bus

    def collection(self, name: str) -> Collection:
        return self.client[self.settings.database("intake")][name]

    async def report(self, body: Body | None = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.http.post("/api/reports", json=body or a_drain(), headers=headers)

    async def taken(self, body: Body | None = None, headers: Mapping[str, str] | None = None) -> dict[str, str]:
        answer = await self.report(body, headers)
        assert answer.status_code == 202, answer.text
        receipt: dict[str, str] = answer.json()
        return receipt

    async def progress(self, code: str, language: str = "zh-CN") -> Mapping[str, object]:
        answer = await self.http.get(f"/api/reports/{code}", headers={"Accept-Language": language})
        assert answer.status_code == 200, answer.text
        found: Mapping[str, object] = answer.json()
        return found

    async def on_topic(self, topic: str = REPORTS.name) -> list[Received]:
        """Everything that lies on a topic, read as a group that never read before."""
        async with self.bus.reader(f"test-{uuid.uuid4().hex}", [topic]) as reader:
            return list(await reader.batch(10_000, READ_WITHIN[isinstance(self.bus, MemoryBus)]))

    async def published(self) -> list[Report | Request]:
        return [read_report(each) for each in await self.on_topic()]

    async def published_ids(self) -> list[str]:
        return [each.report_id for each in await self.published() if isinstance(each, Report)]

    async def travelled(self, report_id: str) -> Report:
        """The report as it lies on the topic, as soon as it is there."""
        found: list[Report] = []

        async def there() -> bool:
            found[:] = [each for each in await self.published() if isinstance(each, Report)]
            found[:] = [each for each in found if each.report_id == report_id]
            return bool(found)

        await until(there)
        return found[0]

    async def token(self, person: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.issuer.sign(person)}"}

    async def router_read(self) -> None:
        """The router commits everything that lies on the topic, whatever it made of it."""
        async with self.bus.reader("router", [REPORTS.name]) as reader:
            while batch := await reader.batch(1000, timedelta(milliseconds=20)):
                await reader.commit(batch)

    async def asked(self) -> list[Request]:
        """The requests that travelled."""
        return [each for each in await self.published() if isinstance(each, Request)]

    async def asks(self, code: str, wish: str, body: Body, key: str | None = None) -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.http.post(f"/api/reports/{code}/{wish}", json=body, headers=headers)

    async def next_request(self, count: int = 1) -> Request:
        """The last of `count` requests, as soon as it travelled."""

        async def there() -> bool:
            return len(await self.asked()) >= count

        await until(there)
        return (await self.asked())[-1]

    async def told(self, messages: Sequence[Message]) -> None:
        """The router's news arrives, and intake has followed it."""
        await self.bus.send(messages)
        await until(self._followed)

    async def _followed(self) -> bool:
        committed = await self.bus.committed("intake", CASES.name)
        return sum(committed.values()) >= len(await self.on_topic(CASES.name))


@dataclass
class Routed(Story):
    """A case as the router would decide it; `news` is what it would publish, decision by decision."""

    news: list[Message] = field(default_factory=list)

    def _keep(self, command: Command) -> list[Event]:
        return self.happen(*decide(self.case, command, self.pack))

    def happen(self, *events: Event) -> list[Event]:
        """One decision's events, as they came of a command or as a test says them."""
        case, first = self.case, 1 if self.case is None else self.case.version + 1
        for event in events:
            case = evolve(case, event)
        self.case = case
        self.history += events
        if events and case is not None:
            facts = header_json(header(case, events))
            for seq, event in enumerate(events, first):
                written = write_news(case.case_id, seq, event, facts)
                self.news.append(Message(CASES.name, written.key, written.value, written.headers))
        return list(events)

    def rated_elsewhere(self, solved: Literal["solved", "partly_solved", "unsolved"]) -> list[Event]:
        """The reporter's rating, as a request that did not come through intake."""
        return self.ask(cmd.Rate, self.open_case.reporters[0].ref, "q-elsewhere", solved=solved)

    def hear(self, request: Request) -> list[Event]:
        """What the router makes of a request."""
        assert request.report_id == self.open_case.report_id
        kind, fields = _command_of(request)
        given: dict[str, object] = {"at": self.now, "requested_at": request.requested_at} | fields
        given |= {"reporter_ref": request.reporter_ref, "request_id": request.request_id}
        return self._keep(kind(**given))  # type: ignore[arg-type]  # the table above says what each takes


def _command_of(request: Request) -> tuple[type[Command], dict[str, object]]:
    match request.asked:
        case "info":
            return cmd.SupplyInfo, {"text": request.text, "answers": request.answers, "place": request.place}
        case "rate":
            return cmd.Rate, {"solved": request.solved, "satisfaction": request.satisfaction, "text": request.text}
        case "reopen":
            return cmd.Reopen, {"reason": request.text}
        case "withdraw":
            return cmd.Withdraw, {"reason": request.text}
        case "urge":
            return cmd.Urge, {"text": request.text}
        case "dispute":
            return cmd.DisputeRefusal, {"text": request.text}
        case "secrecy":
            return cmd.RaiseSecrecy, {"secrecy": request.secrecy}


def routed(report: Report) -> Routed:
    story = Routed(now=report.received_at)
    story.report(report, hits=hits_of(story.pack, report.place))
    assert story.open_case.case_id == case_id_of(report.report_id)
    return story


async def with_a_result(town: Town, report_id: str) -> Routed:
    """The case of a report of SAN.exposed_waste, worked on until it waits for its reporter's word; intake knows."""
    story = routed(await town.travelled(report_id))
    for kind in (cmd.Dispatch, cmd.SignFor, cmd.Start):
        story.give(DUTY, kind)
    story.give(
        DUTY, cmd.SubmitResult, demand_true=True, solved="solved", work_done="清走了", public_reply="垃圾已清走",
        why_no_photo="天黑",
    )  # fmt: skip
    assert story.open_case.state == "calling_back"
    await town.told(story.news)
    story.news.clear()
    return story


async def a_case(town: Town, body: Body | None = None) -> tuple[str, Routed]:
    """A query code, and its case as the router opened it; intake knows."""
    receipt = await town.taken(body)
    story = routed(await town.travelled(receipt["report_id"]))
    await follow(town, story)
    return receipt["query_code"], story


async def follow(town: Town, story: Routed) -> None:
    news, story.news[:] = list(story.news), []
    await town.told(news)


async def given(
    town: Town, story: Routed, who: tuple[str, str | None], kind: type[cmd.Command], **fields: object
) -> None:
    story.give(who, kind, **fields)
    await follow(town, story)


async def heard(town: Town, story: Routed, count: int = 1) -> Request:
    """The last of `count` requests reaches the router, and its answer intake."""
    request = await town.next_request(count)
    story.hear(request)
    await follow(town, story)
    return request


@asynccontextmanager
async def town(
    mongo_url: str, folder: Path, *, home_within: timedelta = HOME_WITHIN, bus: Bus | None = None,
    prefix: str | None = None, ready: bool = True,
) -> AsyncIterator[Town]:  # fmt: skip
    """With databases of its own, which are gone afterwards, unless `prefix` names those of somebody else."""
    mongo_name = prefix or f"t{uuid.uuid4().hex[:12]}"
    settings = Settings.checked(
        env="test", mongo_url=mongo_url, database_prefix=mongo_name, bus="memory", local=folder, partitions=2
    )
    client, bus, clock = connect(settings), bus or MemoryBus(), FakeClock(MORNING)
    issuer = DevIssuer(settings, client[settings.database("dev")], SystemClock())
    packs = {"wulibao": wulibao()}
    try:
        async with (
            running(settings, clock, bus, client, packs, issuer, home_within=home_within) as intake,
            resident(program(intake)) as http,
        ):
            if ready:
                await until(lambda: _ready(intake))
                await _expire_nothing(client)
            yield Town(http, intake, bus, clock, client, settings, issuer)
    finally:
        for name in DATABASES if prefix is None else ():
            with suppress(PyMongoError):  # a test that took the store away took its databases too
                await client.drop_database(settings.database(name))
        await close(client)


def program(intake: Intake) -> ASGIApp:
    """The service's own program without its start."""
    app = FastAPI()
    install(app, intake.texts, away=(StoreDown,))
    add_routes(app)
    add_health(app, "", health())
    app.add_middleware(SafeAnswers)
    return with_state(app, {"intake": intake})


def with_state(app: ASGIApp, state: Mapping[str, object]) -> ASGIApp:
    """What a server does with the state that the lifespan gave it."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {**scope.get("state", {}), **state}
        await app(scope, receive, send)

    return asked


@asynccontextmanager
async def resident(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://town") as http:
        yield http


async def _expire_nothing(client: Client) -> None:
    """The store's expiry goes by the real time, which has nothing to do with the clock that stands still here."""
    await client["admin"].command("setParameter", 1, ttlMonitorEnabled=False)


async def _ready(intake: Intake) -> bool:
    return intake.watch.away is None and not intake.jobs.failing


async def until(true: Callable[[], Awaitable[bool]], within: float = 8.0) -> None:
    """Waits for what another task does; fails loudly when it never does."""
    end = asyncio.get_running_loop().time() + within
    while not await true():
        assert asyncio.get_running_loop().time() < end, "it never happened"
        await asyncio.sleep(0.01)


def problem(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """Status, code, and the fields with their codes."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = json.loads(answer.text)
    return answer.status_code, told["code"], [(each["field"], each["code"]) for each in told.get("errors", [])]
