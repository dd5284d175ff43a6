"""The library's own commands: what keeps a pack from being published, publishing it, suggestions, dead letters."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from shaoyin import (
    dead_letters_command,
    new_pack_command,
    publish_command,
    rules_command,
    schema_command,
    suggest_command,
)
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.pack_check import check


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m shaoyin", description="哨音 / Shaoyin")
    commands = asked.add_subparsers(dest="command", required=True)
    page = commands.add_parser("check", help="检查规则包,列出每处问题 / check a pack and list every problem")
    page.add_argument("folder", type=Path, nargs="+", help="packs/NAME")
    others = {
        "rules": rules_command, "new-pack": new_pack_command, "dead-letters": dead_letters_command,
        "suggest": suggest_command, "schema": schema_command, "publish": publish_command,
    }  # fmt: skip
    for command in others.values():
        command.add_to(commands)
    given = asked.parse_args(arguments)
    if given.command in others:
        return int(others[given.command].run(given))
    return max([_check(folder) for folder in given.folder])


def _check(folder: Path) -> int:
    """One line a problem, as an editor reads it: `file:row:column: code: message`."""
    loaded = check(folder, SystemClock().now().date())
    if loaded.pack is None:
        sys.stdout.writelines(f"{problem}\n" for problem in loaded.problems)
        sys.stdout.write(f"{folder}: 有 {len(loaded.problems)} 处问题,不能发布 / {len(loaded.problems)} problems\n")
        return 1
    pack = loaded.pack
    counts = len(pack.areas.areas), len(pack.categories), len(pack.rules.rows), len(pack.texts)
    zh = "没有问题:{} 个区域、{} 个类别、{} 行规则、{} 条文字".format(*counts)
    en = "no problems: {} areas, {} categories, {} rules, {} texts".format(*counts)
    sys.stdout.write(f"{folder}: {pack.name} {pack.version} {zh} / {en}\n")
    for org in pack.directory.orgs.values():
        if pack.directory.below_half(org.org_id):
            zh, en = f"{org.name['zh-CN']}在任不足半数,要补选", f"{org.org_id} has lost more than half: by-election"
            sys.stdout.write(f"{folder}: {zh} / {en}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
