"""How each channel does: of the alerts and answers of the last day and week, how many ended how."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.notify.delivery_words import channel_name
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Collection, Document, aggregate, store_needed
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Pack

READ = "read"
WINDOWS: Mapping[str, timedelta] = {"24h": timedelta(days=1), "7d": timedelta(days=7)}
LONGEST = max(WINDOWS.values())
STATES = ("delivered", "accepted", "retry", "failed")
GOOD = ("delivered", "accepted")
WITHIN_MS = 5000
KEPT_FOR = timedelta(seconds=10)
Counts = dict[str, dict[str, int]]


@dataclass
class ChannelCounts:
    """`alerts` has an index by pack and time, `answers` one by time. What was counted is told for a while, so that
    nobody who looks often makes the store count often.
    """

    alerts: Collection
    answers: Collection
    packs: Mapping[str, Pack]
    clock: Clock
    _kept: dict[tuple[str, ...], tuple[datetime, Mapping[str, Counts]]] = field(default_factory=dict)
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, person: str, language: Language) -> dict[str, object]:
        """Of the communities in which the person may read cases. Raises Problem 403, StoreDown."""
        known = tuple(sorted(name for name, pack in self.packs.items() if _may_read(person, pack)))
        if not known:
            raise Problem(403, "not_permitted")
        async with self._one:
            as_of, found = await self._lately(known)
        return {
            "as_of": as_of, "windows": list(WINDOWS), "communities": list(known),
            "items": [_item(channel, found[channel], language) for channel in sorted(found)],
        }  # fmt: skip

    async def _lately(self, packs: tuple[str, ...]) -> tuple[datetime, Mapping[str, Counts]]:
        now, kept = self.clock.now(), self._kept.get(packs)
        if kept is None or now - kept[0] >= KEPT_FOR:
            kept = self._kept[packs] = now, await self._all(packs, now)
        return kept

    async def _all(self, packs: Sequence[str], now: datetime) -> Mapping[str, Counts]:
        found = defaultdict[str, Counts](_none)
        for collection in (self.alerts, self.answers):
            for each in await self._counted(collection, packs, now):
                _add(found[each["_id"]["channel"]], each)
        return dict(found)

    @store_needed()
    async def _counted(self, collection: Collection, packs: Sequence[str], now: datetime) -> list[Document]:
        found = await aggregate(collection, pipeline(packs, now), maxTimeMS=WITHIN_MS)
        return await found.to_list(None)


def pipeline(packs: Sequence[str], now: datetime) -> list[Document]:
    """One line for each channel and state; a try counts with its alert, which has an instant of its own. What a
    provider only said afterwards was no try.
    """
    recent = {name: {"$gt": ["$raised_at", now - span]} for name, span in WINDOWS.items()}
    is_try = {"$ne": ["$$each.afterwards", True]}
    tries = {"$size": {"$filter": {"input": "$deliveries.attempts", "as": "each", "cond": is_try}}}
    return [
        {"$match": {"pack": {"$in": list(packs)}, "raised_at": {"$gt": now - LONGEST}}},
        {"$project": {
            "raised_at": 1, "deliveries.channel": 1, "deliveries.state": 1, "deliveries.attempts.at": 1,
            "deliveries.attempts.afterwards": 1,
        }},
        {"$unwind": "$deliveries"},
        {"$group": {
            "_id": {"channel": "$deliveries.channel", "state": "$deliveries.state"},
            **{f"n_{name}": {"$sum": {"$cond": [is_recent, 1, 0]}} for name, is_recent in recent.items()},
            **{f"tries_{name}": {"$sum": {"$cond": [is_recent, tries, 0]}} for name, is_recent in recent.items()},
        }},
    ]  # fmt: skip


def _none() -> Counts:
    return {window: dict.fromkeys((*STATES, "tries"), 0) for window in WINDOWS}


def _add(counts: Counts, found: Mapping[str, Any]) -> None:
    for window, known in counts.items():
        known[found["_id"]["state"]] += found[f"n_{window}"]
        known["tries"] += found[f"tries_{window}"]


def _item(channel: str, counts: Counts, language: Language) -> dict[str, object]:
    """`reached`: the share of what is over, delivered or taken; null where nothing is."""
    return {
        "channel": channel, "channel_name": channel_name(channel, language),
        **{window: {**known, "reached": _reached(known)} for window, known in counts.items()},
    }  # fmt: skip


def _reached(known: Mapping[str, int]) -> float | None:
    good = sum(known[state] for state in GOOD)
    over = good + known["failed"]
    return round(good / over, 4) if over else None


def _may_read(person: str, pack: Pack) -> bool:
    return any(pack.directory.has_right(post, READ) for post in pack.directory.posts_of(person))
