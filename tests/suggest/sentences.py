"""The labelled sentences, and the part that each belongs to: decided by a hash of its id, never by hand."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FILE = Path(__file__).with_name("sentences.tsv")
TUNED = 0.6
Part = Literal["tuning", "held_out", "learnt", "fresh"]
"""See README.md: what the first two are, and why there are two more."""


@dataclass(frozen=True)
class Sentence:
    """What somebody says. `categories`: the first is the matter, the others stand in the same sentence; none: nobody
    could say. `danger`: the one that is there now. `manner`: how it is said.
    """

    id: str
    part: str
    categories: tuple[str, ...]
    danger: str
    manner: str
    text: str


def sentences() -> tuple[Sentence, ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(
            Sentence(
                row["id"], row["part"], tuple(row["categories"].split()), row["danger"], row["manner"], row["text"]
            )
            for row in rows
        )


def of_part(part: Part) -> list[Sentence]:
    return [each for each in sentences() if each.part == part]


def parted(all_of_them: Sequence[Sentence]) -> Mapping[str, Part]:
    """Of each category and danger six in ten for tuning, by the hash of the id, so that each has some held out."""
    alike: dict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
    for each in all_of_them:
        alike[each.categories[:1], each.danger].append(each.id)
    parts: dict[str, Part] = {}
    for ids in alike.values():
        for place, one in enumerate(sorted(ids, key=_hash)):
            parts[one] = "tuning" if place < round(len(ids) * TUNED) else "held_out"
    return parts


def _hash(sentence_id: str) -> str:
    return hashlib.sha256(sentence_id.encode()).hexdigest()
