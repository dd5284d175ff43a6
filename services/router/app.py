"""The router as a program: its routes, its background jobs, and how both start and stop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from fastapi import APIRouter, Request

from services.router import described, development, show_cases
from services.router.backlog import Backlog, OpenLetters
from services.router.blow_standing import blow_standing_for_ever
from services.router.cases import MongoCases
from services.router.command_body import MODELS
from services.router.counted import counted
from services.router.desk import Desk
from services.router.free_places import free_after_ends
from services.router.keep_registrations import keep_registrations
from services.router.leases import Leases
from services.router.list_orders import list_orders
from services.router.numbers import Numbers
from services.router.open_by_hand import open_by_hand
from services.router.open_cases import open_for_ever
from services.router.pack_routes import add_packs
from services.router.pack_versions import MongoPackVersions
from services.router.past_cases import PastCases
from services.router.publish_events import publish_waiting, sweep_for_ever
from services.router.publish_packs import after_publications, publish_packs
from services.router.publish_registrations import publish_registrations
from services.router.recompute_clocks import recompute_clocks
from services.router.registration_routes import add_registrations
from services.router.registrations import MongoRegistrations
from services.router.replay_news import replay_news
from services.router.row_views import row_asked
from services.router.rule_routes import add_rule_pages
from services.router.show_to import shown_to
from services.router.take_actions import take_action
from services.router.versions import Versions
from services.router.views import View
from services.router.watch_deadlines import watch_deadlines
from services.router.words import problem_words
from shaoyin.adapters.bus import Bus, TopicSpec
from shaoyin.adapters.clock import Clock, SystemClock
from shaoyin.adapters.condition import SHOWN_ONLY, Condition
from shaoyin.adapters.groups_watch import GroupsWatch, Reading
from shaoyin.adapters.identity import DevIssuer, Keys, signed_in
from shaoyin.adapters.jobs import Jobs, read_on
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import Client, Database
from shaoyin.adapters.packs_in_force import shared
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.store_pulse import StorePulse
from shaoyin.adapters.web import (
    Answer,
    Health,
    Straight,
    idempotency_key,
    if_match,
    language,
    staff_body,
)
from shaoyin.contracts.topics import REPLAYS, REPORTS, TOPICS
from shaoyin.domain.pack import Pack

__all__ = ["health", "problem_words", "routes", "running", "topic_specs"]

GROUP = "router"
REPLAY_GROUP = "router-replays"
MOST = 500
READINGS = (Reading(GROUP, REPORTS.name), Reading(REPLAY_GROUP, REPLAYS.name))


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
    condition: Condition


def topic_specs(partitions: int) -> list[TopicSpec]:
    """Every topic of the product and its dead letters; whoever starts first makes them."""
    return [
        spec
        for topic in TOPICS
        for spec in (
            TopicSpec(topic.name, partitions, topic.kept, topic.compacted),
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
    in_force = shared(packs)
    versions = Versions(in_force, MongoPackVersions(database), metrics.count)
    desk = Desk(
        store, bus, Numbers(database), clock, in_force, noticed=metrics.count, buried=metrics.buried,
        registrations=MongoRegistrations(database), versions=versions, past=PastCases(database),
    )  # fmt: skip
    jobs = Jobs()
    condition = Condition(bus, StorePulse(database), GroupsWatch(bus, metrics, READINGS), jobs, metrics)
    router = Router(desk, keys, jobs, settings, client, issuer, metrics, condition)
    _start(router, store, database, versions)
    try:
        yield router
    finally:
        await jobs.stop()


def _start(router: Router, store: MongoCases, database: Database, versions: Versions) -> None:
    desk, bus, condition, settings = router.desk, router.desk.bus, router.condition, router.settings

    def start(name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Nobody decides anything before it is known which packs are in force."""
        router.jobs.start(name, partial(versions.before, work))

    backlog, letters = Backlog(database, desk.clock, router.metrics), OpenLetters(bus, router.metrics)
    leases = Leases(database, desk.run, SystemClock())

    async def begin() -> None:
        await store.prepare()
        await bus.ensure_topics(topic_specs(router.settings.partitions))
        await recompute_clocks(desk)
        await open_for_ever(desk, GROUP, MOST)

    start("open_cases", begin)
    follow = settings.follows_folder
    router.jobs.start("publish_packs", lambda: publish_packs(desk, versions, settings.packs, follow_folder=follow))
    start("after_publications", lambda: after_publications(desk, versions))
    start("publish_events", lambda: publish_waiting(desk))
    start("sweep_events", lambda: sweep_for_ever(desk))
    start("watch_deadlines", lambda: watch_deadlines(desk, leases))
    start("replay_news", lambda: read_on(bus, REPLAY_GROUP, REPLAYS.name, 10, lambda batch: replay_news(desk, batch)))
    start("keep_registrations", lambda: keep_registrations(desk))
    start("publish_registrations", lambda: publish_registrations(desk))
    start("blow_standing", lambda: blow_standing_for_ever(desk))
    start("free_places", lambda: free_after_ends(desk))
    router.jobs.start("watch_store", condition.store.run)
    samples = (backlog.measure_outboxes, backlog.measure_overdue, letters.measure)
    router.jobs.start("measure", lambda: condition.measure_for_ever(*samples))


def here(request: Request) -> Router:
    router: Router = request.state.router
    return router


def health() -> Health:
    """Without Kafka the deadlines run on and commands are taken, so it is shown but stops nobody."""
    return Health(lambda request: here(request).condition.checks(), lambda request: [here(request).metrics], SHOWN_ONLY)


def routes(*, development_too: bool) -> APIRouter:
    """The staff's calls; those for development are not there at all in production."""
    api = APIRouter(tags=["router"], route_class=Straight, responses=described.ALL)

    @api.get("/api/cases", **described.LIST_CASES)
    async def list_cases(request: Request) -> View:
        person = await signed_in(request, here(request).keys)
        return await show_cases.list_cases(here(request).desk, person, dict(request.query_params))

    @api.post("/api/cases", status_code=201, **described.OPEN_CASE)
    async def open_case(request: Request) -> Answer:
        router = here(request)
        person = await signed_in(request, router.keys)
        with counted(router.metrics, "open_case", {"open_case"}):
            found = await open_by_hand(router.desk, person, await staff_body(request), idempotency_key(request))
        view = await shown_to(router.desk, found, person, language(request))
        headers = {"ETag": f'"{found.case.version}"', "Location": f"/api/cases/{found.case.case_id}"}
        return Answer(view, 201, headers=headers)

    @api.get("/api/orders")
    async def orders(request: Request) -> View:
        person = await signed_in(request, here(request).keys)
        return await list_orders(here(request).desk, person)

    @api.get("/api/cases/{case_id}", **described.READ)
    async def show_case(request: Request, case_id: str) -> Answer:
        person = await signed_in(request, here(request).keys)
        view, version = await show_cases.show_case(here(request).desk, person, case_id, language(request))
        return Answer(view, headers={"ETag": f'"{version}"', "Cache-Control": "no-store"})

    @api.get("/api/cases/{case_id}/explanation", **described.EXPLAIN_CASE)
    async def explain_case(request: Request, case_id: str) -> View:
        person = await signed_in(request, here(request).keys)
        row = row_asked(request.query_params.get("row"))
        return await show_cases.explain_case(here(request).desk, person, case_id, language(request), row)

    @api.post("/api/cases/{case_id}/commands/{command}", **described.COMMAND)
    async def command(request: Request, case_id: str, command: str) -> Answer:
        router = here(request)
        person = await signed_in(request, router.keys)
        raw = await staff_body(request)
        key, version = idempotency_key(request), if_match(request)
        with counted(router.metrics, command, MODELS):
            found = await take_action(router.desk, person, case_id, command, raw, key, version)
        view = await shown_to(router.desk, found, person, language(request))
        return Answer(view, headers={"ETag": f'"{found.case.version}"', "Cache-Control": "no-store"})

    @api.post("/api/explain", **described.EXPLAIN)
    async def explain(request: Request) -> View:
        await signed_in(request, here(request).keys)
        return show_cases.dry_run(here(request).desk, await staff_body(request), language(request))

    add_registrations(api, here)
    add_packs(api, here)
    add_rule_pages(api)
    if development_too:
        _add_development(api)
    return api


def _add_development(api: APIRouter) -> None:
    @api.get("/api/dev/people")
    async def people(request: Request) -> list[dict[str, object]]:
        return development.people(here(request).desk.packs)

    @api.post("/api/dev/sign-in", **described.SIGN_IN)
    async def sign_in(request: Request) -> View:
        return await development.sign_in(here(request).desk.packs, here(request).issuer, await staff_body(request))

    @api.get("/api/dev/clock")
    async def clock(request: Request) -> View:
        return {"now": here(request).desk.clock.now()}

    @api.post("/api/dev/clock", **described.ADVANCE)
    async def advance(request: Request) -> View:
        router = here(request)
        database = router.client[router.settings.database("dev")]
        return {"now": await development.advance(router.desk, database, await staff_body(request))}
