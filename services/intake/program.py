"""Intake as a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.intake.app import add_routes, health, refusal_sources, refusal_words, running
from services.intake.rates import EMERGENCY, rate_of
from shaoyin.adapters.admission import Admission
from shaoyin.adapters.folder_packs import load_packs
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import install
from shaoyin.adapters.program import ground, serve
from shaoyin.adapters.rate_limits import RateLimits
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.traffic import Counted, Process
from shaoyin.adapters.web import UNTRACED, SafeAnswers, add_health


def program(settings: Settings) -> FastAPI:
    process = Process("intake")
    texts = refusal_words(load_packs(settings.packs, settings.examples))

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        async with process.watched(), ground(settings, "intake") as on:
            on.packs.tell(lambda _before, after: texts.register(refusal_sources({after.name: after})))
            async with running(settings, on.clock, on.bus, on.client, on.packs, on.keys) as intake:
                yield {"intake": intake}

    app = FastAPI(
        title="Shaoyin intake",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/intake/openapi.json",
        lifespan=life,
        telemetry=UNTRACED,
    )
    install(app, texts, away=(StoreDown,))
    add_routes(app)
    for prefix in ("", "/api/intake"):
        add_health(app, prefix, health(), process)
    app.add_middleware(RateLimits, settings, rate_of, EMERGENCY)
    app.add_middleware(SafeAnswers)
    app.add_middleware(Admission, settings, EMERGENCY)
    app.add_middleware(Counted, process=process)
    return app


def run(settings: Settings) -> None:
    serve(program(settings), settings)
