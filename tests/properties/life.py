"""One case as the outside sees it: its history, and what was counted beside it without asking the core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shaoyin.domain.case import Case
from shaoyin.domain.events import Event
from shaoyin.domain.evolve import evolve
from shaoyin.domain.pack import Pack
from tests.properties.each_event import check_event
from tests.properties.each_state import check_state
from tests.properties.ends import check_ends
from tests.properties.tally import Tally


@dataclass
class Life:
    """Takes events in, one decision after the other, and holds each event and each state against the invariants."""

    case: Case | None = None
    history: list[Event] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    @property
    def known(self) -> Case:
        assert self.case is not None
        return self.case

    def take(self, events: Sequence[Event], pack: Pack, asked_at: datetime | None = None) -> None:
        """The events of one decision; `asked_at` is when a reporter asked for it."""
        opened, before = self.case, self.case
        for event in events:
            after = evolve(before, event)
            self.tally.count(before, event, after)
            check_event(before, event, after, self.tally, pack)
            before = after
        if events:
            self.case = before
            self.history += events
            check_ends(opened, events, self.known)
            check_state(self.known, self.tally, pack, asked_at)

    def copy(self) -> Life:
        return Life(self.case, list(self.history), self.tally.copy())
