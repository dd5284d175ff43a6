"""All three services in one process at one origin, for a laptop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

from services.intake import app as intake
from services.intake import rates as of_residents
from services.notify import app as notify
from services.notify import rates as of_links
from services.router import app as router
from services.router import rates as of_staff
from shaoyin.adapters.admission import Admission
from shaoyin.adapters.docs_page import docs_page, style
from shaoyin.adapters.folder_packs import load_packs
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import install
from shaoyin.adapters.program import ground, serve
from shaoyin.adapters.rate_limits import Call, RateLimits
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.telemetry import Check
from shaoyin.adapters.traffic import Counted, Process
from shaoyin.adapters.web import UNTRACED, Health, SafeAnswers, add_health

PARTS = {"intake": intake.health, "router": router.health, "notify": notify.health}


def program(settings: Settings) -> FastAPI:
    """The three do not know of one another; only this page knows that there are three."""

    process = Process("shaoyin")
    words = intake.refusal_words(load_packs(settings.packs, settings.examples))
    for own in (router.problem_words(), notify.problem_words()):
        words.register(own)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        async with process.watched(), ground(settings, "shaoyin") as on:
            on.packs.tell(lambda _before, after: words.register(intake.refusal_sources({after.name: after})))
            async with (
                router.running(settings, on.clock, on.bus, on.client, on.packs, on.keys, on.issuer) as routing,
                intake.running(settings, on.clock, on.bus, on.client, on.packs, on.keys) as taking,
                notify.running(settings, on.clock, on.bus, on.client, on.packs, on.keys) as telling,
            ):
                yield {"router": routing, "intake": taking, "notify": telling}

    app = FastAPI(
        title="Shaoyin 哨音",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=life,
        telemetry=UNTRACED,
    )
    install(app, words, away=(StoreDown,))
    intake.add_routes(app)
    app.include_router(router.routes(development_too=not settings.production))
    app.include_router(notify.routes())
    for name, health in PARTS.items():
        add_health(app, f"/api/{name}", health(), process)
    add_health(app, "", _of_all(), process)
    _add_docs(app)
    app.add_middleware(RateLimits, settings, _rate_of, of_residents.EMERGENCY)
    app.add_middleware(SafeAnswers)
    app.add_middleware(Admission, settings, of_residents.EMERGENCY)
    app.add_middleware(Counted, process=process)
    return app


def _rate_of(method: str, path: str) -> Call | None:
    """Each page as its own service sorts it; the rest as intake does, which tells residents' calls from the staff's."""
    if of_links.is_page(path):
        return of_links.rate_of(method, path)
    return of_staff.rate_of(method, path) if of_staff.is_page(path) else of_residents.rate_of(method, path)


def _add_docs(app: FastAPI) -> None:
    @app.get("/api/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()))

    @app.get("/api/docs.css", include_in_schema=False)
    async def docs_style() -> Response:
        return Response(style(), media_type="text/css")


def _of_all() -> Health:
    """One process, one answer: every check of every part, under the part's name."""
    parts = {name: health() for name, health in PARTS.items()}

    def checks(request: Request) -> Mapping[str, Check]:
        return {f"{name}.{each}": ask for name, part in parts.items() for each, ask in part.checks(request).items()}

    optional = frozenset(f"{name}.{each}" for name, part in parts.items() for each in part.optional)
    return Health(checks, lambda request: [each for part in parts.values() for each in part.metrics(request)], optional)


def run(settings: Settings) -> None:
    serve(program(settings), settings)
