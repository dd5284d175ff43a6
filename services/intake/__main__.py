"""Intake alone: `python -m services.intake`; `… rotate-vault-key` seals anew what a retired key sealed."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from services.intake.rotate import Rotated, rotated
from services.intake.seal import Seal
from shaoyin.adapters.folder_packs import begun
from shaoyin.adapters.logs import log_to_stderr
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m services.intake", description="收件服务 / intake")
    commands = asked.add_subparsers(dest="command")
    commands.add_parser(
        "rotate-vault-key",
        help="用新密钥重新封存旧密钥封存的内容 / seal anew, with SHAOYIN_VAULT_KEY, what a retired key sealed",
    )
    if asked.parse_args(arguments).command == "rotate-vault-key":
        settings = Settings.checked()
        log_to_stderr(frank=not settings.production)
        return _told(asyncio.run(rotate_vault_key(settings)))
    settings = begun()
    from services.intake.program import run  # into the room in which the packs were read

    run(settings)
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
