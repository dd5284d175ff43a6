"""How a program starts."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from shaoyin.adapters.program import Settled


async def test_what_was_made_while_the_program_started_is_not_walked_through_again() -> None:
    made: list[dict[str, list[str]]] = []

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        made.append({"pack": []})
        yield

    config = uvicorn.Config(Starlette(lifespan=life), port=0, log_config=None, lifespan="on")
    config.load()
    server = Settled(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        assert not any(each is made[0] for each in gc.get_objects())
    finally:
        gc.unfreeze()
        await server.shutdown()
