"""Which alerts are due to ring, in the store: claimed for a short while by one replica, written to as tries come in.

A claim is by the real clock (mechanics 23). A process that was killed leaves its claims to run out: then they ring
again, which doubles only what it had sent and not yet written.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import UpdateOne

from services.notify.alert_documents import channel_name
from services.notify.deliveries import Deliveries
from services.notify.publish_deliveries import PublishDeliveries
from services.notify.ringing.log import Attempt
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import Document, store_needed
from shaoyin.adapters.together import Together
from shaoyin.contracts.deliveries import DeliveryTried

CLAIMED_FOR = timedelta(seconds=40)
BEGUN_WITHIN = timedelta(seconds=20)
"""After its claim: a try that begins later might still be under way when another replica claims the alert."""
RANKS = (0, 1)
"""Critical ones, then the others."""


@dataclass(frozen=True, slots=True)
class Change:
    """To one alert, written only while `claimed_by` has it. `over`: it rings no more. `tried` goes to the topic."""

    alert_id: str
    claimed_by: str
    fields: Document
    over: bool
    tried: DeliveryTried | None = None


class Rings:
    def __init__(self, deliveries: Deliveries, publisher: PublishDeliveries, real: Clock) -> None:
        self._alerts = deliveries.collection
        self._publisher = publisher
        self._real = real
        self._numbers = itertools.count()
        self._together: Together[Change, bool] = Together(self._write_all)

    @store_needed()
    async def claim(self, now: datetime, most: int, batch: str) -> list[Document]:
        """Critical ones first, then by how long they have been due; what another replica has claimed is left to it."""
        real = self._real.now()
        free = {"$or": [{"ring.claimed_until": None}, {"ring.claimed_until": {"$lte": real}}]}
        due = [each for rank in RANKS for each in await self._due(rank, now, free, most)][:most]
        if not due:
            return []
        claim = {"$set": {"ring.claimed_until": real + CLAIMED_FOR, "ring.by": batch}}
        await self._alerts.update_many({"_id": {"$in": due}, "ring.at": {"$lte": now}, **free}, claim)
        mine = await self._alerts.find({"_id": {"$in": due}, "ring.by": batch}).to_list(most)
        return sorted(mine, key=lambda each: (each["ring"]["rank"], each["ring"]["at"], each["stream_id"]))

    async def _due(self, rank: int, now: datetime, free: Document, most: int) -> list[str]:
        where = {**_due_of(rank, now), **free}
        found = self._alerts.find(where, {"_id": 1}).sort("ring.at").limit(most)
        return [each["_id"] for each in await found.hint("ringing").to_list(most)]

    def real_now(self) -> datetime:
        """As a provider knows the time."""
        return self._real.now()

    def is_fresh(self, document: Document) -> bool:
        """Whether a try may still begin under its claim."""
        claimed_at: datetime = document["ring"]["claimed_until"] - CLAIMED_FOR
        return self._real.now() - claimed_at < BEGUN_WITHIN

    async def write(self, change: Change) -> None:
        """Returns when it is durable. Raises StoreDown."""
        await self._together.ask(f"{next(self._numbers)}", change)

    @store_needed()
    async def _write_all(self, changes: Mapping[str, Change]) -> Mapping[str, bool]:
        """Raises StoreDown. What could not be said on the topic is marked, and swept later."""
        await self._alerts.bulk_write([_update(each) for each in changes.values()], ordered=True)
        await self._publisher.say([each.tried for each in changes.values() if each.tried is not None])
        return dict.fromkeys(changes, True)

    @store_needed()
    async def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the alert has been due that has waited longest; for operators."""
        found = [
            each
            for rank in RANKS
            for each in await self._alerts.find(_due_of(rank, now), {"ring.at": 1})
            .sort("ring.at").limit(1).hint("ringing").to_list(1)
        ]  # fmt: skip
        return min((each["ring"]["at"] for each in found), default=None)


def _due_of(rank: int, now: datetime) -> Document:
    """With the index's own condition said, else it is walked through from end to end."""
    return {"ring.rank": rank, "ring.at": {"$type": "date", "$lte": now}}


def _update(change: Change) -> UpdateOne:
    ring = {"$unset": {"ring": ""}} if change.over else {}
    return UpdateOne({"_id": change.alert_id, "ring.by": change.claimed_by}, {"$set": change.fields, **ring})


def released(at: datetime) -> Document:
    """The fields of an alert that rings again at `at`, whoever claims it then."""
    return {"ring.at": at, "ring.claimed_until": None}


def ended(how: str) -> Document:
    """The fields of an alert that rings no more."""
    return {"held": None, "rang": how}


def as_tried(document: Document, attempt: Attempt, number: int) -> DeliveryTried:
    return DeliveryTried(
        alert_id=document["_id"], event_id=document["event_id"], case_id=document["case_id"], kind=document["kind"],
        post=document["post"], channel=channel_name(*attempt.leg), attempt=number, at=attempt.at,
        outcome=attempt.outcome, code=attempt.code, next_at=attempt.next_at,
        registration_id=document.get("registration_id"),
    )  # fmt: skip
