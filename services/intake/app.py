"""Intake as a program: what it is made of, its background jobs, and how they start and stop."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from fastapi import FastAPI

from services.intake.ask import Asking
from services.intake.codes import Codes
from services.intake.follow_reports import GROUP, FollowReports
from services.intake.followed import Followed
from services.intake.group_commit import GroupCommit
from services.intake.intake import Intake, at_hand
from services.intake.keep_news import KeepNews
from services.intake.leads import Leads
from services.intake.look_after import look_after, measure
from services.intake.publish_again import PublishAgain
from services.intake.publish_reports import Outgoing, Publisher
from services.intake.reads import Reads
from services.intake.receive_reports import receive
from services.intake.reports import HOME_WITHIN, Reports, report_in
from services.intake.requests import Requests
from services.intake.retention import Retention
from services.intake.routes import routes
from services.intake.seal import Seal
from services.intake.store_reports import ReportStore
from services.intake.store_watch import StoreWatch
from services.intake.take_report import Taking
from services.intake.tidy import Tidy
from services.intake.vault import Vault
from services.intake.words import problem_words, refusal_sources, refusal_words
from shaoyin.adapters.bus import Bus, TopicSpec
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.condition import SHOWN_ONLY, Condition
from shaoyin.adapters.direct import Direct
from shaoyin.adapters.follow_packs import FollowPacks
from shaoyin.adapters.groups_watch import GroupsWatch, Reading
from shaoyin.adapters.identity import Keys
from shaoyin.adapters.jobs import Jobs
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import Client, Database, Document
from shaoyin.adapters.packs_in_force import shared
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.store_pulse import StorePulse
from shaoyin.adapters.telemetry import Check
from shaoyin.adapters.web import Health
from shaoyin.contracts.topics import CASES, PACKS, REPLAYS, REPORTS
from shaoyin.domain.pack import Pack

__all__ = ["add_routes", "health", "problem_words", "refusal_sources", "refusal_words", "routes", "running"]

REPORTED = "/api/reports"
DEAD_LETTERS_KEPT = timedelta(days=90)


TAKING = ("keep_watch", "take_reports")
"""The jobs without which no report can be taken."""


@asynccontextmanager
async def running(
    settings: Settings, clock: Clock, bus: Bus, client: Client, packs: Mapping[str, Pack], keys: Keys,
    *, home_within: timedelta = HOME_WITHIN,
) -> AsyncIterator[Intake]:  # fmt: skip
    """Starts the jobs, and at the end stops them. The engines may be away: nothing is taken before the store is there.

    `home_within` is how long a report may be on its way before it is looked after.
    """
    database = client[settings.database("intake")]
    codes, seal = Codes(settings.key("id_key")), Seal(settings.vault_keys)
    in_force = shared(packs)
    token = settings.service_token
    intake = replace(
        _made(database, clock, bus, codes, seal, home_within, in_force, keys),
        service_token=token.get_secret_value().encode() if token else b"",
    )
    in_force.tell(lambda _before, after: intake.texts.register(refusal_sources({after.name: after})))
    follow_packs = FollowPacks(bus, database, in_force)
    _start(intake, Tidy(database, intake.vault, intake.reports, clock), follow_packs, settings.partitions)
    try:
        yield intake
    finally:
        await intake.jobs.stop()


def _made(
    database: Database, clock: Clock, bus: Bus, codes: Codes, seal: Seal, home_within: timedelta,
    packs: Mapping[str, Pack], keys: Keys,
) -> Intake:  # fmt: skip
    """Every part, and which part needs which."""
    process = secrets.token_hex(6)
    watch, publisher, vault = StoreWatch(database), Publisher(bus), Vault(database, seal)
    reports = Reports(database, process, home_within)
    requests = Requests(database, reports, process, home_within)
    leads = Leads(database, reports)
    keep = KeepNews(reports, leads, Retention(reports, leads, vault, packs))
    metrics, jobs = Metrics("intake"), Jobs()
    commit = GroupCommit(ReportStore(reports, vault, seal, codes, publisher, watch), shared=metrics.batch)
    groups = GroupsWatch(bus, metrics, [Reading(GROUP, CASES.name)])
    return Intake(
        packs=packs,
        keys=keys,
        clock=clock,
        bus=bus,
        codes=codes,
        vault=vault,
        reads=Reads(database),
        reports=reports,
        leads=leads,
        requests=requests,
        taking=Taking(clock, codes, vault, commit, watch),
        asking=Asking(clock, codes, vault, requests, publisher),
        publisher=publisher,
        again=(
            PublishAgain(reports.collection, reports_on_the_way, bus, publisher, process, home_within),
            PublishAgain(requests.collection, requests.messages, bus, publisher, process, home_within),
        ),
        follow=FollowReports(bus, keep, requests, publisher, Followed(database, clock, process), clock, metrics.buried),
        watch=watch,
        metrics=metrics,
        jobs=jobs,
        condition=Condition(bus, StorePulse(database), groups, jobs, metrics),
        texts=refusal_words(packs),
    )


def _start(intake: Intake, tidy: Tidy, follow_packs: FollowPacks, partitions: int) -> None:
    async def keep_watch() -> None:
        """Nothing is taken before it is known which packs are in force."""
        await follow_packs.restore()
        for each in (intake.vault, intake.reads, intake.reports, intake.leads, intake.requests):
            await each.prepare()
        await intake.watch.run()

    async def follow_cases() -> None:
        await intake.bus.ensure_topics(topic_specs(partitions))
        await intake.follow.run()

    clock, metrics = intake.clock, intake.metrics
    start = intake.jobs.start
    start("keep_watch", keep_watch)
    start("watch_store", intake.condition.store.run)
    start("take_reports", intake.taking.commit.run)
    start("publish_reports", intake.publisher.run)
    start("follow_reports", follow_cases)
    start("follow_packs", follow_packs.run)
    start("look_after", lambda: look_after(intake.again, clock, metrics))
    start("measure", lambda: intake.condition.measure_for_ever(lambda: measure(intake, clock, metrics)))
    start("tidy", tidy.run)


def add_routes(app: FastAPI) -> None:
    """Before any middleware is added: what most requests are, a report, does not go through the router (ADR 11)."""
    app.include_router(routes())
    app.add_middleware(Direct, "POST", REPORTED, receive)


def topic_specs(partitions: int) -> list[TopicSpec]:
    """What intake writes and reads, and their dead letters; whoever starts first makes them."""
    return [
        spec
        for topic in (REPORTS, CASES, REPLAYS, PACKS)
        for spec in (
            TopicSpec(topic.name, partitions, topic.kept, topic.compacted),
            TopicSpec(topic.dead_letters, 1, DEAD_LETTERS_KEPT),
        )
    ]


async def reports_on_the_way(documents: Sequence[Document]) -> Mapping[str, Outgoing]:
    return {str(each["_id"]): Outgoing.report(report_in(each)) for each in documents}


def checks(intake: Intake) -> Mapping[str, Check]:
    async def mongodb() -> None:
        """Also while reports are refused because a write has just failed."""
        intake.watch.refuse_if_away()
        await intake.condition.store.check()

    async def taking() -> None:
        intake.jobs.check(*TAKING)

    return {**intake.condition.checks(), "mongodb": mongodb, "taking": taking}


def health() -> Health:
    """Ready means that reports can be taken. Kafka is shown and stops nobody: what is stored is published later."""
    return Health(
        checks=lambda request: checks(at_hand(request)),
        metrics=lambda request: [at_hand(request).metrics],
        optional=SHOWN_ONLY | {"jobs"},
    )
