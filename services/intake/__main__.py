"""Intake alone: `python -m services.intake`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.intake.app import health, problem_words, routes, running
from shaoyin.adapters.logs import log_to_stderr
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import install
from shaoyin.adapters.program import ground, serve
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.web import SafeAnswers, add_health
from shaoyin.adapters.words import problem_texts


def program(settings: Settings) -> FastAPI:
    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        async with (
            ground(settings, "intake") as on,
            running(settings, on.clock, on.bus, on.client, on.packs, on.keys) as intake,
        ):
            yield {"intake": intake}

    app = FastAPI(
        title="Shaoyin intake", docs_url=None, redoc_url=None, openapi_url="/api/intake/openapi.json", lifespan=life
    )
    install(app, problem_texts(problem_words()), away=(StoreDown,))
    app.include_router(routes())
    for prefix in ("", "/api/intake"):
        add_health(app, prefix, health())
    app.add_middleware(SafeAnswers)
    return app


def main() -> None:
    settings = Settings.checked()
    log_to_stderr(frank=not settings.production)
    serve(program(settings), settings)


if __name__ == "__main__":
    main()
