"""`python -m shaoyin suggest packs/NAME "…"`: what a sentence may be about, and the words that say so."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from shaoyin.adapters.packs import load
from shaoyin.domain.pack import Pack


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    says = "一句话可能是哪一类、有没有危险,凭哪些字词 / what a sentence may be about, and by which words"
    page = commands.add_parser("suggest", help=says, description=says)
    page.add_argument("folder", type=Path, help="packs/NAME")
    page.add_argument("text", nargs="+", help="居民的话;可以给几句 / a resident's words, several if wanted")


def run(given: argparse.Namespace) -> int:
    """0 said; 1 the pack has problems, which `check` lists."""
    loaded = load(given.folder)
    if loaded.pack is None:
        sys.stdout.writelines(f"{problem}\n" for problem in loaded.problems)
        return 1
    for text in given.text:
        sys.stdout.writelines(_lines(loaded.pack, text))
    return 0


def _lines(pack: Pack, text: str) -> list[str]:
    found = pack.suggesting.suggest(text)
    numbers = {sign.danger: sign.number for sign in pack.emergencies}
    lines = [f"{text}\n"]
    lines += [f"  ! {each.danger}  {numbers[each.danger]}  {_said(each.words)}\n" for each in found.dangers]
    lines += [
        f"  {each.score:.2f}  {each.category}  {pack.categories[each.category].name['zh-CN']}  {_said(each.words)}\n"
        for each in found.categories
    ]
    return lines if len(lines) > 1 else [*lines, "  没有可建议的类别 / nothing to suggest\n"]


def _said(words: tuple[str, ...]) -> str:
    return "、".join(f"“{each}”" for each in words)
