"""Names under which more counts than is told: for a while they are not counted again, case by case, in every batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.router.cases import Counted
from shaoyin.domain.facts import COUNTED_AT_MOST

CROWDED_FOR = timedelta(minutes=10)
"""In so short a part of the days that a count looks back, a crowd does not go."""
KNOWN_AT_MOST = 10_000


@dataclass(slots=True)
class Crowds:
    _until: dict[str, datetime] = field(default_factory=dict)

    def among(self, names: Iterable[str], now: datetime) -> frozenset[str]:
        """Those of the names that were crowded lately."""
        return frozenset(name for name in names if name in self._until and now < self._until[name])

    def note(self, stored: Mapping[str, Counted], now: datetime) -> None:
        """What the store told by name."""
        if len(self._until) > KNOWN_AT_MOST:
            self._until = {name: until for name, until in self._until.items() if now < until}
        crowded = [name for name, each in stored.items() if len(each.cases) > COUNTED_AT_MOST]
        self._until.update(dict.fromkeys(crowded, now + CROWDED_FOR))
