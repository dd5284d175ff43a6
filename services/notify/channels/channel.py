"""What every channel can do: take a batch of alerts, and say of each what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.notify.who_is_told import Telling
from shaoyin.contracts.deliveries import Outcome


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one try, at `at`. Delivered only when the channel itself confirmed it (promise 6).

    `code` says why, `again` marks an alert that an earlier try had delivered already. With `retry`, `next_at` is the
    instant of the next try.
    """

    outcome: Outcome
    code: str
    at: datetime
    next_at: datetime | None = None
    again: bool = False


class Channel(Protocol):
    @property
    def name(self) -> str: ...

    async def deliver(self, batch: Sequence[Telling]) -> Sequence[Tried]:
        """One for each, in their order. What it raises concerns the whole batch, which may be delivered again."""
