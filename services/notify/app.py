"""Notify as a program: its background jobs, and how it starts and stops, alone or beside the others."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
from fastapi import FastAPI

from services.notify.act import Act, RouterAddress, client_of_router
from services.notify.act_links import ActLinks, PublicAddress
from services.notify.channel_counts import ChannelCounts
from services.notify.channels.channel_settings import ChannelSettings
from services.notify.channels.configured import Channels, channels_of
from services.notify.channels.in_app import InApp
from services.notify.deliveries import Deliveries
from services.notify.done_before import DoneBefore
from services.notify.follow_alerts import FollowAlerts
from services.notify.inbox import Inbox
from services.notify.listeners import Listeners
from services.notify.notify import Notify, health
from services.notify.preferences import Preferences
from services.notify.publish_deliveries import PublishDeliveries
from services.notify.raise_alerts import RaiseAlerts
from services.notify.rates import DESK, rate_of
from services.notify.read_news import GROUP, NEWS
from services.notify.residents.contacts import Contacts, IntakeAddress, client_of_intake
from services.notify.residents.start import outside_of, residents_of
from services.notify.ringing.start import ringing_of
from services.notify.routes import routes
from services.notify.show_deliveries import ShowDeliveries
from services.notify.stream import Streams
from services.notify.tap import Tapping
from services.notify.taps import Taps
from services.notify.try_channel import TryChannel
from services.notify.words import problem_words
from shaoyin.adapters.admission import Admission
from shaoyin.adapters.bus import Bus, BusDown, TopicSpec
from shaoyin.adapters.clock import Clock, SystemClock
from shaoyin.adapters.condition import Condition
from shaoyin.adapters.folder_packs import load_packs
from shaoyin.adapters.follow_packs import FollowPacks
from shaoyin.adapters.groups_watch import GroupsWatch, Reading
from shaoyin.adapters.identity import Keys, on_behalf_of
from shaoyin.adapters.jobs import Jobs
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import Client, StoreDown
from shaoyin.adapters.packs_in_force import shared
from shaoyin.adapters.problem import install, problem_texts
from shaoyin.adapters.program import ground, refusals, serve
from shaoyin.adapters.rate_limits import RateLimits
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.store_pulse import StorePulse
from shaoyin.adapters.traffic import Counted, Process
from shaoyin.adapters.web import SafeAnswers, add_health
from shaoyin.contracts.topics import CASES, DELIVERIES, MEMBERS, PACKS, REPLAYS
from shaoyin.domain.pack import Pack

__all__ = ["create", "health", "problem_words", "routes", "run", "running"]

DEAD_LETTERS_KEPT = timedelta(days=90)


@asynccontextmanager
async def running(
    settings: Settings, clock: Clock, bus: Bus, client: Client, packs: Mapping[str, Pack], keys: Keys,
    *, router: httpx.AsyncClient | None = None, intake: httpx.AsyncClient | None = None,
    channels: Channels | None = None,
) -> AsyncIterator[Notify]:  # fmt: skip
    """Starts the jobs, and at the end stops them and ends the open streams. The engines may be away at the start.

    `router` is where commands go that are given from an alert, `intake` is asked how a reporter may be told; without
    them SHAOYIN_ROUTER_URL and SHAOYIN_INTAKE_URL say where. `channels` are those outside the application; without them
    the environment says which are set up. Raises SettingsRefused.
    """
    database = client[settings.database("notify")]
    channels = channels or channels_of(ChannelSettings.read(), clock)
    deliveries = Deliveries(database, rings=channels.any)
    listeners, metrics, jobs = _listeners(settings), Metrics("notify"), Jobs()
    publisher = PublishDeliveries(bus, deliveries, clock)
    packs = shared(packs)
    follow_packs = FollowPacks(bus, database, packs)
    to_intake, public_url = intake or client_of_intake(IntakeAddress().intake_url), PublicAddress().public_url
    residents = residents_of(
        database, outside_of(channels.senders, public_url), Contacts(to_intake, _token(settings)), packs, clock,
        deliveries=deliveries, publisher=publisher, alert_key=settings.key("id_key"), noticed=metrics.count,
    )  # fmt: skip
    raising = RaiseAlerts(
        bus, deliveries, InApp(deliveries, clock), publisher, DoneBefore(database, clock, secrets.token_hex(6)),
        packs, clock, settings.key("id_key"), metrics.count, metrics.buried, residents.keep,
    )  # fmt: skip
    inbox, preferences, taps = Inbox(deliveries, packs), Preferences(database), Taps(database)
    links = ActLinks(settings.key("ticket_key"), public_url)
    ringing = ringing_of(
        database, channels, links, packs, clock, deliveries=deliveries,
        publisher=publisher, alert_key=settings.key("id_key"), noticed=metrics.count,
    )  # fmt: skip
    groups = GroupsWatch(bus, metrics, [Reading(GROUP, topic) for topic in NEWS])
    condition = Condition(bus, StorePulse(database), groups, jobs, metrics)

    async def raise_alerts() -> None:
        await follow_packs.restore()
        await deliveries.prepare()
        await preferences.prepare()
        await taps.prepare()
        await residents.prepare()
        await bus.ensure_topics(topic_specs(settings.partitions))
        await raising.run()

    async with router or client_of_router(RouterAddress().router_url) as to_router, to_intake:
        tapping = Tapping(links, inbox, taps, to_router, on_behalf_of(settings), clock, SystemClock(), metrics.count)
        notify = Notify(
            keys, settings.key("ticket_key"), SystemClock(), clock, bus, database, deliveries, inbox,
            ShowDeliveries(deliveries, residents.answers, packs), Act(inbox, to_router, clock),
            Streams(inbox, listeners, clock), listeners, raising, ringing, metrics, jobs, condition, packs, preferences,
            channels.senders, residents, tapping,
            ChannelCounts(deliveries.collection, residents.answers.collection, packs, clock),
            TryChannel(channels.senders, preferences, ringing.quotas, clock, f"{public_url.rstrip('/')}{DESK}"),
        )  # fmt: skip
        jobs.start("raise_alerts", raise_alerts)
        jobs.start("follow_packs", follow_packs.run)
        jobs.start("sweep_deliveries", publisher.sweep_for_ever)
        jobs.start("follow_alerts", FollowAlerts(deliveries, listeners).run)
        ringing.start(jobs)
        residents.start(jobs)
        jobs.start("watch_store", condition.store.run)
        jobs.start("measure", lambda: condition.measure_for_ever(notify.measure))
        try:
            yield notify
        finally:
            listeners.cut_all()
            await jobs.stop()
            await channels.close()


def _token(settings: Settings) -> str:
    return settings.service_token.get_secret_value() if settings.service_token else ""


def _listeners(settings: Settings) -> Listeners:
    return Listeners(settings.streams_of_one_at_most, settings.streams_at_most)


def topic_specs(partitions: int) -> list[TopicSpec]:
    """What notify reads and writes, and their dead letters; whoever starts first makes them."""
    return [
        spec
        for topic in (CASES, MEMBERS, DELIVERIES, REPLAYS, PACKS)
        for spec in (
            TopicSpec(topic.name, partitions, topic.kept, topic.compacted),
            TopicSpec(topic.dead_letters, 1, DEAD_LETTERS_KEPT),
        )
    ]


def create(settings: Settings) -> FastAPI:
    """Notify by itself, with its own health at the origin and below its name."""

    process = Process("notify")
    texts = problem_texts(refusals(load_packs(settings.packs, settings.examples)), problem_words())

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[Mapping[str, Notify]]:
        async with process.watched(), ground(settings, "notify") as on:
            on.packs.tell(lambda _before, after: texts.register(refusals({after.name: after})))
            async with running(settings, on.clock, on.bus, on.client, on.packs, on.keys) as notify:
                yield {"notify": notify}

    app = FastAPI(
        title="Shaoyin notify", lifespan=life, openapi_url="/api/notify/openapi.json", docs_url=None, redoc_url=None
    )
    install(app, texts, away=(StoreDown, BusDown))
    app.include_router(routes())
    for prefix in ("", "/api/notify"):
        add_health(app, prefix, health(), process)
    app.add_middleware(RateLimits, settings, rate_of)
    app.add_middleware(SafeAnswers)
    app.add_middleware(Admission, settings)
    app.add_middleware(Counted, process=process)
    return app


def run(settings: Settings) -> None:
    serve(create(settings), settings)
