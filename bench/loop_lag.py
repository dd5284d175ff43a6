"""How late notify's event loop is, seen from inside: `python -m bench.loop_lag` is notify with a look at its clock.

`GET /bench/lag` answers with the delays since it was last asked, in seconds. Nothing else about the program differs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from services.notify.app import create
from shaoyin.adapters.logs import log_to_stderr
from shaoyin.adapters.program import serve
from shaoyin.adapters.settings import Settings

PATH = "/bench/lag"
LOOK_EVERY = 0.005


def delays(looks: Iterable[float], every: float = LOOK_EVERY) -> list[float]:
    """What something that wanted the loop at any instant would have waited, from how late each look was.

    A loop that stands still for a second is looked at once in that second, and was wanted two hundred times: those
    that were not made count with what was left of it (coordinated omission).
    """
    found = []
    for late in looks:
        while late > 0:
            found.append(late)
            late -= every
        if late == 0:
            found.append(0.0)
    return found


class Looked:
    """In front of the whole program, so that asking costs nothing of what is measured but the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._looks: list[float] = []
        self._looking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self._looking = asyncio.create_task(self._look_on())
            await self._app(scope, receive, send)
            self._looking.cancel()
        elif scope.get("path") == PATH:
            await self._answer(send)
        else:
            await self._app(scope, receive, send)

    async def _look_on(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(asyncio.CancelledError):
            while True:
                before = loop.time()
                await asyncio.sleep(LOOK_EVERY)
                self._looks.append(max(loop.time() - before - LOOK_EVERY, 0.0))

    async def _answer(self, send: Send) -> None:
        looks, self._looks = self._looks, []
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": orjson.dumps(looks)})


def main() -> None:
    settings = Settings.checked()
    log_to_stderr(frank=not settings.production)
    serve(Looked(create(settings)), settings)


if __name__ == "__main__":
    main()
