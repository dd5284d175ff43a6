"""A measured figure, and the table and file they are written to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

LATEST = Path(__file__).resolve().parent / "results" / "latest.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """`floor` is what the raw engines did in the same run; `ratio` is our share of it."""

    bench: str
    what: str
    value: float
    unit: str
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if not self.floor else self.value / self.floor


def show(figures: Sequence[Figure]) -> None:
    for each in figures:
        floor = f"   floor {each.floor:,.0f}   ratio {each.ratio:.2f}" if each.floor and each.ratio else ""
        print(f"{each.bench:<9} {each.what:<52} {each.value:>12,.0f} {each.unit}{floor}")


def keep(figures: Sequence[Figure]) -> None:
    LATEST.parent.mkdir(exist_ok=True)
    rows = [{**asdict(each), "ratio": each.ratio} for each in figures]
    LATEST.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
