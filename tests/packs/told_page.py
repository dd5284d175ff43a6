"""The guide to packs as a test reads it: its blocks, each marked with the page of the pack that it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
ENGLISH, CHINESE = DOCS / "packs.md", DOCS / "packs.zh-CN.md"
_BLOCK = re.compile(r"^```(\w+) (\S+)\n(.*?\n)```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    kind: str
    of: str
    text: str


@dataclass(frozen=True)
class Slip:
    """A change to a page of the example, and the lines that `check` writes about it."""

    file: str
    right: str
    wrong: str
    told: str


def blocks(guide: Path) -> list[Block]:
    """Those with a mark behind their language."""
    return [Block(*found) for found in _BLOCK.findall(guide.read_text("utf-8"))]


def example(guide: Path) -> dict[str, str]:
    """The pages of the example by file name, in the order of the steps."""
    shown = [each for each in blocks(guide) if each.kind == "yaml" and each.of.endswith(".yaml")]
    pages = {each.of: each.text for each in shown}
    assert len(pages) == len(shown), "a page of the example is shown once"
    return pages


def slips(guide: Path) -> Iterator[Slip]:
    """Each diff with the block after it."""
    shown = blocks(guide)
    for change, told in pairwise(shown):
        if change.kind == "diff":
            assert (told.kind, told.of) == ("text", "problem"), f"{change.text} brings about nothing"
            yield Slip(change.of, _marked("-", change.text), _marked("+", change.text), told.text)


def _marked(sign: str, diff: str) -> str:
    return "".join(f"{line[1:]}\n" for line in diff.splitlines() if line.startswith(sign))
