"""The router as a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.router.app import health, problem_words, routes, running
from services.router.rates import rate_of
from shaoyin.adapters.admission import Admission
from shaoyin.adapters.folder_packs import load_packs
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import install, problem_texts
from shaoyin.adapters.program import ground, refusals, serve
from shaoyin.adapters.rate_limits import RateLimits
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.traffic import Counted, Process
from shaoyin.adapters.web import SafeAnswers, add_health


def program(settings: Settings) -> FastAPI:
    process = Process("router")
    texts = problem_texts(problem_words(), refusals(load_packs(settings.packs, settings.examples)))

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        async with process.watched(), ground(settings, "router") as under:
            under.packs.tell(lambda _before, after: texts.register(refusals({after.name: after})))
            async with running(
                settings, under.clock, under.bus, under.client, under.packs, under.keys, under.issuer
            ) as router:
                yield {"router": router}

    app = FastAPI(
        title="Shaoyin router", docs_url=None, redoc_url=None, openapi_url="/api/router/openapi.json", lifespan=life
    )
    install(app, texts, away=(StoreDown,))
    app.include_router(routes(development_too=not settings.production))
    for prefix in ("", "/api/router"):
        add_health(app, prefix, health(), process)
    app.add_middleware(RateLimits, settings, rate_of)
    app.add_middleware(SafeAnswers)
    app.add_middleware(Admission, settings)
    app.add_middleware(Counted, process=process)
    return app


def run(settings: Settings) -> None:
    serve(program(settings), settings)
