"""A measured figure with its floor and its goal, and the table and file they are written to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

LATEST = Path(__file__).resolve().parent / "results" / "latest.json"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure, or its share of the floor, should be at least or at most."""

    of: Literal["value", "ratio"]
    at: Literal["least", "most"]
    wanted: float

    def holds(self, seen: float) -> bool:
        return seen >= self.wanted if self.at == "least" else seen <= self.wanted

    def __str__(self) -> str:
        share = " of the floor" if self.of == "ratio" else ""
        return f"{'≥' if self.at == 'least' else '≤'} {self.wanted:,g}{share}"


def at_least(wanted: float) -> Goal:
    return Goal("value", "least", wanted)


def at_most(wanted: float) -> Goal:
    return Goal("value", "most", wanted)


def share_of_floor(wanted: float) -> Goal:
    return Goal("ratio", "least", wanted)


@dataclass(frozen=True, slots=True)
class Figure:
    """`floor` is what the raw engines, or a peer, did in the same run; `ratio` is our share of it."""

    bench: str
    what: str
    value: float
    unit: str
    floor: float | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        return None if not self.floor else self.value / self.floor

    @property
    def holds(self) -> bool | None:
        """None where nothing is asked of the figure, or there was no floor to compare with."""
        seen = self.value if self.goal is None or self.goal.of == "value" else self.ratio
        return None if self.goal is None or seen is None else self.goal.holds(seen)

    def as_row(self) -> dict[str, object]:
        return {
            "bench": self.bench, "what": self.what, "value": self.value, "unit": self.unit, "floor": self.floor,
            "ratio": self.ratio, "goal": None if self.goal is None else str(self.goal), "holds": self.holds,
        }  # fmt: skip


def show(figures: Iterable[Figure]) -> None:
    for each in figures:
        floor = f"floor {each.floor:,.0f}  ratio {each.ratio:.2f}" if each.floor and each.ratio else ""
        said = {None: "", True: "holds", False: "MISSED"}[each.holds]
        goal = "" if each.goal is None else f"{each.goal}  {said}"
        print(f"{each.bench:<10} {each.what:<58} {each.value:>12,.1f} {each.unit:<8} {floor:<28} {goal}", flush=True)


def keep(figures: Sequence[Figure]) -> None:
    """The figures of this run replace those of the same bench; those of other benches stay, so each can run alone."""
    LATEST.parent.mkdir(exist_ok=True)
    measured = {each.bench for each in figures}
    before = json.loads(LATEST.read_text("utf-8")) if LATEST.exists() else []
    rows = [row for row in before if row["bench"] not in measured] + [each.as_row() for each in figures]
    LATEST.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
