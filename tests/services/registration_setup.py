"""The router's calls of enrolment on the in-memory twins: a desk, a clock that is told, and tokens that are names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from services.router.app import Router, routes, topic_specs
from services.router.desk import Desk
from services.router.memory_cases import MemoryCases
from services.router.memory_registrations import MemoryRegistrations
from services.router.numbers import MemoryNumbers
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.condition import Condition
from shaoyin.adapters.jobs import Jobs
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import Client
from shaoyin.adapters.problem import install, problem_texts
from shaoyin.adapters.program import refusals
from shaoyin.adapters.settings import Settings
from tests.domain.town import MORNING, wulibao

Json = dict[str, Any]


class TokensAreNames:
    """Signed in is who says so: these tests are not about tokens."""

    async def person(self, token: str) -> str:
        return token


@dataclass
class Office:
    """The desk, and the calls to it."""

    desk: Desk
    bus: MemoryBus
    clock: FakeClock
    http: httpx.AsyncClient

    async def get(self, person: str, path: str = "", **query: str | int | bool) -> httpx.Response:
        headers = {"authorization": f"Bearer {person}"}
        return await self.http.get(f"/api/registrations{path}", headers=headers, params=query)

    async def post(
        self, person: str, path: str, body: Mapping[str, object], *, key: str | None = None, match: str | None = None,
        language: str = "zh-CN",
    ) -> httpx.Response:  # fmt: skip
        headers = {"authorization": f"Bearer {person}", "accept-language": language}
        headers |= {"idempotency-key": key} if key else {}
        headers |= {"if-match": match} if match else {}
        return await self.http.post(f"/api/registrations{path}", headers=headers, json=dict(body))

    async def apply(self, person: str = "p-new", *, key: str | None = None, **said: Any) -> httpx.Response:
        body: dict[str, object] = {"kind": "member", "area": "wulibao-south", "consent_shown": True}
        return await self.post(person, "", body | said, key=key)

    async def command(
        self, person: str, registration_id: str, name: str, *, key: str | None = None, match: str | None = None,
        **said: Any,
    ) -> httpx.Response:  # fmt: skip
        return await self.post(person, f"/{registration_id}/commands/{name}", said, key=key, match=match)

    async def applied(self, person: str = "p-new", **said: Any) -> Json:
        answer = await self.apply(person, **said)
        assert answer.status_code == 201, answer.text
        found: Json = answer.json()
        return found

    async def active(self, person: str = "p-new", **said: Any) -> str:
        registration_id = str((await self.applied(person, **said))["registration_id"])
        answer = await self.command("p-jia-3", registration_id, "confirm")
        assert answer.status_code == 200, answer.text
        return registration_id


@asynccontextmanager
async def office() -> AsyncIterator[Office]:
    bus, clock, packs = MemoryBus(), FakeClock(MORNING), {"wulibao": wulibao()}
    await bus.start()
    await bus.ensure_topics(topic_specs(2))
    desk = Desk(MemoryCases(), bus, cast("Any", MemoryNumbers()), clock, packs, registrations=MemoryRegistrations())
    router = Router(
        desk,
        TokensAreNames(),
        Jobs(),
        Settings.checked(env="test"),
        cast("Client", None),
        None,
        Metrics("router"),
        cast("Condition", None),
    )
    app = FastAPI()
    install(app, problem_texts(refusals(packs)))
    app.include_router(routes(development_too=False))
    transport = httpx.ASGITransport(app=_with_state(app, {"router": router}))
    async with httpx.AsyncClient(transport=transport, base_url="http://router.test") as http:
        yield Office(desk, bus, clock, http)
    await bus.stop()


def _with_state(app: ASGIApp, state: Mapping[str, object]) -> ASGIApp:
    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = dict(state)
        await app(scope, receive, send)

    return called
