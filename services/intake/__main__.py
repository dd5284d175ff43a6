"""Intake alone: `python -m services.intake`; `… rotate-vault-key` seals anew what a retired key sealed."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.intake.app import add_routes, health, refusal_sources, refusal_words, running
from services.intake.rates import EMERGENCY, rate_of
from services.intake.rotate import Rotated, rotated
from services.intake.seal import Seal
from shaoyin.adapters.admission import Admission
from shaoyin.adapters.logs import log_to_stderr
from shaoyin.adapters.mongo import StoreDown, close, connect
from shaoyin.adapters.problem import install
from shaoyin.adapters.program import ground, load_packs, serve
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


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m services.intake", description="收件服务 / intake")
    commands = asked.add_subparsers(dest="command")
    commands.add_parser(
        "rotate-vault-key",
        help="用新密钥重新封存旧密钥封存的内容 / seal anew, with SHAOYIN_VAULT_KEY, what a retired key sealed",
    )
    command = asked.parse_args(arguments).command
    settings = Settings.checked()
    log_to_stderr(frank=not settings.production)
    if command == "rotate-vault-key":
        return _told(asyncio.run(rotate_vault_key(settings)))
    serve(program(settings), settings)
    return 0


async def rotate_vault_key(settings: Settings) -> Rotated:
    client = connect(settings)
    try:
        return await rotated(client[settings.database("intake")], Seal(settings.vault_keys))
    finally:
        await close(client)


def _told(done: Rotated) -> int:
    """1 where something opens with none of the keys: then no key may be thrown away."""
    zh = f"重新封存 {done.resealed} 条,已是新密钥 {done.already} 条,打不开 {done.unreadable} 条"
    en = f"{done.resealed} sealed anew, {done.already} by the new key already, {done.unreadable} unreadable"
    sys.stdout.write(f"{zh} / {en}\n")
    return 1 if done.unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
