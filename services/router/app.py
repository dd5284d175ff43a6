"""The router as a program: its routes, its background jobs, and how both start and stop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request

from services.router import development, show_cases
from services.router.blow_standing import blow_standing_for_ever
from services.router.cases import MongoCases
from services.router.command_body import MODELS
from services.router.desk import Desk
from services.router.free_places import free_after_ends
from services.router.keep_registrations import keep_registrations
from services.router.leases import Leases
from services.router.list_orders import list_orders
from services.router.numbers import Numbers
from services.router.open_by_hand import ByHand, open_by_hand
from services.router.open_cases import open_for_ever
from services.router.publish_events import publish_waiting, sweep_for_ever
from services.router.publish_registrations import publish_registrations
from services.router.recompute_clocks import recompute_clocks
from services.router.registration_routes import add_registrations
from services.router.registrations import MongoRegistrations
from services.router.replay_news import replay_news
from services.router.show_to import shown_to
from services.router.take_actions import take_action
from services.router.views import View
from services.router.watch_deadlines import watch_deadlines
from shaoyin.adapters.bus import Bus, BusDown, TopicSpec
from shaoyin.adapters.clock import Clock, SystemClock
from shaoyin.adapters.identity import DevIssuer, Keys, signed_in
from shaoyin.adapters.jobs import Jobs, read_on
from shaoyin.adapters.mongo import Client, ping
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.telemetry import Check, Metrics
from shaoyin.adapters.web import Answer, Health, idempotency_key, if_match, json_body, language
from shaoyin.contracts.topics import REPLAYS, TOPICS
from shaoyin.domain.pack import Pack

GROUP = "router"
REPLAY_GROUP = "router-replays"
MOST = 500


@dataclass(frozen=True)
class Router:
    """One running router: what its routes work with."""

    desk: Desk
    keys: Keys
    jobs: Jobs
    settings: Settings
    client: Client
    issuer: DevIssuer | None
    metrics: Metrics


def topic_specs(partitions: int) -> list[TopicSpec]:
    """Every topic of the product and its dead letters; whoever starts first makes them."""
    return [
        spec
        for topic in TOPICS
        for spec in (
            TopicSpec(topic.name, partitions, topic.kept),
            TopicSpec(topic.dead_letters, 1, timedelta(days=90)),
        )
    ]


@asynccontextmanager
async def running(
    settings: Settings, clock: Clock, bus: Bus, client: Client, packs: Mapping[str, Pack], keys: Keys,
    issuer: DevIssuer | None,
) -> AsyncIterator[Router]:  # fmt: skip
    """Prepares the store, starts the jobs, and at the end gives back what is in flight."""
    database = client[settings.database("router")]
    store = MongoCases(database)
    metrics = Metrics("router")
    desk = Desk(
        store, bus, Numbers(database), clock, packs, noticed=metrics.count, registrations=MongoRegistrations(database)
    )
    jobs = Jobs()
    leases = Leases(database, desk.run, SystemClock())

    async def begin() -> None:
        await store.prepare()
        await bus.ensure_topics(topic_specs(settings.partitions))
        await recompute_clocks(desk)
        await open_for_ever(desk, GROUP, MOST)

    jobs.start("open_cases", begin)
    jobs.start("publish_events", lambda: publish_waiting(desk))
    jobs.start("sweep_events", lambda: sweep_for_ever(desk))
    jobs.start("watch_deadlines", lambda: watch_deadlines(desk, leases))
    jobs.start(
        "replay_news", lambda: read_on(bus, REPLAY_GROUP, REPLAYS.name, 10, lambda batch: replay_news(desk, batch))
    )
    jobs.start("keep_registrations", lambda: keep_registrations(desk))
    jobs.start("publish_registrations", lambda: publish_registrations(desk))
    jobs.start("blow_standing", lambda: blow_standing_for_ever(desk))
    jobs.start("free_places", lambda: free_after_ends(desk))
    try:
        yield Router(desk, keys, jobs, settings, client, issuer, metrics)
    finally:
        await jobs.stop()


def here(request: Request) -> Router:
    router: Router = request.state.router
    return router


def health() -> Health:
    return Health(_checks, lambda request: [here(request).metrics], frozenset({"kafka"}))


def _checks(request: Request) -> Mapping[str, Check]:
    """Without Kafka the deadlines run on and commands are taken, so it is shown but stops nobody."""
    router = here(request)
    database = router.client[router.settings.database("router")]

    async def kafka() -> None:
        if not await router.desk.bus.reachable():
            raise BusDown

    async def jobs() -> None:
        if router.jobs.failing:
            raise JobsFailing

    return {"mongodb": lambda: ping(database), "kafka": kafka, "jobs": jobs}


class JobsFailing(Exception):  # noqa: N818 - said of the service
    """A background job is waiting to be restarted; the log says which and why."""


def routes(*, development_too: bool) -> APIRouter:
    """The staff's calls; those for development are not there at all in production."""
    api = APIRouter(tags=["router"])

    @api.get("/api/cases")
    async def list_cases(request: Request) -> View:
        person = await signed_in(request, here(request).keys)
        return await show_cases.list_cases(here(request).desk, person, dict(request.query_params))

    @api.post("/api/cases", status_code=201, openapi_extra=_body(ByHand.model_json_schema()))
    async def open_case(request: Request) -> Answer:
        router = here(request)
        person = await signed_in(request, router.keys)
        found = await open_by_hand(router.desk, person, await json_body(request), idempotency_key(request))
        view = await shown_to(router.desk, found, person, language(request))
        headers = {"ETag": f'"{found.case.version}"', "Location": f"/api/cases/{found.case.case_id}"}
        return Answer(view, 201, headers=headers)

    @api.get("/api/orders")
    async def orders(request: Request) -> View:
        person = await signed_in(request, here(request).keys)
        return await list_orders(here(request).desk, person)

    @api.get("/api/cases/{case_id}")
    async def show_case(request: Request, case_id: str) -> Answer:
        person = await signed_in(request, here(request).keys)
        view, version = await show_cases.show_case(here(request).desk, person, case_id, language(request))
        return Answer(view, headers={"ETag": f'"{version}"', "Cache-Control": "no-store"})

    @api.get("/api/cases/{case_id}/explanation")
    async def explain_case(request: Request, case_id: str) -> View:
        person = await signed_in(request, here(request).keys)
        return await show_cases.explain_case(here(request).desk, person, case_id, language(request))

    @api.post(
        "/api/cases/{case_id}/commands/{command}",
        openapi_extra=_body(_any_command()),
    )
    async def command(request: Request, case_id: str, command: str) -> Answer:
        router = here(request)
        person = await signed_in(request, router.keys)
        raw = await json_body(request)
        key, version = idempotency_key(request), if_match(request)
        found = await take_action(router.desk, person, case_id, command, raw, key, version)
        view = await shown_to(router.desk, found, person, language(request))
        return Answer(view, headers={"ETag": f'"{found.case.version}"', "Cache-Control": "no-store"})

    @api.post("/api/explain")
    async def explain(request: Request) -> View:
        await signed_in(request, here(request).keys)
        return show_cases.dry_run(here(request).desk, await json_body(request), language(request))

    @api.get("/api/packs")
    async def packs(request: Request) -> View:
        await signed_in(request, here(request).keys)
        return {"items": [_pack_line(pack) for pack in here(request).desk.packs.values()], "next": None}

    add_registrations(api, here)
    if development_too:
        _add_development(api)
    return api


def _pack_line(pack: Pack) -> View:
    return {"pack": pack.name, "version": pack.version, "name": dict(pack.names), "problems": []}


def _body(schema: Mapping[str, object]) -> dict[str, object]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def _any_command() -> dict[str, object]:
    """One of the commands' bodies; the name in the path says which."""
    return {"oneOf": [model.model_json_schema() for model in MODELS.values()]}


def _add_development(api: APIRouter) -> None:
    @api.get("/api/dev/people")
    async def people(request: Request) -> list[dict[str, object]]:
        return development.people(here(request).desk.packs)

    @api.post("/api/dev/sign-in")
    async def sign_in(request: Request) -> View:
        return await development.sign_in(here(request).desk.packs, here(request).issuer, await json_body(request))

    @api.get("/api/dev/clock")
    async def clock(request: Request) -> View:
        return {"now": here(request).desk.clock.now()}

    @api.post("/api/dev/clock")
    async def advance(request: Request) -> View:
        router = here(request)
        database = router.client[router.settings.database("dev")]
        return {"now": await development.advance(router.desk, database, await json_body(request))}
