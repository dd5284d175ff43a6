"""How each person wants to be told outside the application: kept by person, and by default as nobody said anything.

Addresses and subscriptions belong to persons: they are shown to themselves alone and stand in no log.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from pymongo import ASCENDING, IndexModel, ReturnDocument

from shaoyin.adapters.clock import Clock, SystemClock
from shaoyin.adapters.mongo import Collection as Stored
from shaoyin.adapters.mongo import Database, Document, ensure_indexes, store_needed

SUBSCRIPTIONS_AT_MOST = 10
"""Browsers a person; one that is gone frees its place when the push service says so."""
INDEXES = (
    IndexModel(
        [("subscriptions.id", ASCENDING)],
        name="subscription",
        partialFilterExpression={"subscriptions.id": {"$exists": True}},
    ),
)
"""Whose browser it was before."""


@dataclass(frozen=True, slots=True)
class Preference:
    """`channels` in the person's own order; empty: the default order, every channel for which there is an address.

    `addresses` by channel, `sms` for either provider. `subscriptions` by id, each a Web Push subscription as JSON.
    `quiet` in the community's local time, over midnight where it ends before it begins; None: the usual hours.
    """

    person: str
    channels: tuple[str, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict, repr=False)
    subscriptions: Mapping[str, str] = field(default_factory=dict, repr=False)
    quiet: tuple[time, time] | None = None
    away_until: datetime | None = None
    stand_in: str | None = None


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A browser's subscription as it is kept. `expires_at` where the browser said so."""

    id: str
    json: str = field(repr=False)
    expires_at: datetime | None = None


class Preferences:
    """`clock` is the real one: what a browser says of an expiry knows no other."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self.collection: Stored = database["preferences"]
        self._clock = clock or SystemClock()

    async def prepare(self) -> None:
        """Raises IndexesWrong and StoreDown."""
        await ensure_indexes(self.collection, INDEXES)

    @store_needed()
    async def of(self, persons: Collection[str]) -> dict[str, Preference]:
        """Everybody who is asked about; who never said anything has the default. Expired subscriptions are left out."""
        asked, now = list(dict.fromkeys(persons)), self._clock.now()
        found = await self.collection.find({"_id": {"$in": asked}}).to_list(None) if asked else []
        said = {str(each["_id"]): _preference(each, now) for each in found}
        return {person: said.get(person) or Preference(person) for person in asked}

    @store_needed()
    async def keep(self, wanted: Preference) -> None:
        """All but the subscriptions, which come and go with their browsers."""
        await self.collection.update_one({"_id": wanted.person}, {"$set": _document(wanted)}, upsert=True)

    @store_needed()
    async def subscribe(self, person: str, subscribed: Subscribed) -> bool:
        """False where the person has too many. The same browser again is one; it stops telling whoever used it before.

        One update decides and writes, so two at the same time are not one too many.
        """
        await self.collection.update_many(
            {"subscriptions.id": subscribed.id, "_id": {"$ne": person}},
            {"$pull": {"subscriptions": {"id": subscribed.id}}},
        )
        kept = await self.collection.find_one_and_update(
            {"_id": person}, _added(subscribed, self._clock.now()), upsert=True, return_document=ReturnDocument.AFTER
        )
        return kept is not None and subscribed.id in {each["id"] for each in kept["subscriptions"]}

    @store_needed()
    async def drop_subscription(self, person: str, subscription_id: str) -> None:
        """One that is not there any more is no error."""
        await self.collection.update_one({"_id": person}, {"$pull": {"subscriptions": {"id": subscription_id}}})


def _added(subscribed: Subscribed, now: datetime) -> Sequence[Document]:
    new = {"id": subscribed.id, "json": subscribed.json, "expires_at": subscribed.expires_at}
    in_force = {"$gt": [{"$ifNull": ["$$this.expires_at", {"$add": [now, 1]}]}, now]}
    others = {
        "$filter": {
            "input": {"$ifNull": ["$subscriptions", []]},
            "as": "this",
            "cond": {"$and": [{"$ne": ["$$this.id", subscribed.id]}, in_force]},
        }
    }
    room = {"$lt": [{"$size": "$$others"}, SUBSCRIPTIONS_AT_MOST]}
    with_new = {"$concatArrays": ["$$others", [{"$literal": new}]]}
    kept = {"$let": {"vars": {"others": others}, "in": {"$cond": [room, with_new, "$$others"]}}}
    return [{"$set": {"subscriptions": kept}}]


def _document(wanted: Preference) -> Document:
    quiet = wanted.quiet
    return {
        "channels": list(wanted.channels), "addresses": dict(wanted.addresses),
        "quiet": None if quiet is None else [each.isoformat("minutes") for each in quiet],
        "away_until": wanted.away_until, "stand_in": wanted.stand_in,
    }  # fmt: skip


def _preference(document: Document, now: datetime) -> Preference:
    """A document that only a subscription has made has nothing else."""
    quiet = document.get("quiet")
    subscriptions = {
        each["id"]: each["json"]
        for each in document.get("subscriptions", ())
        if each["expires_at"] is None or each["expires_at"] > now
    }
    return Preference(
        person=document["_id"], channels=tuple(document.get("channels", ())),
        addresses=document.get("addresses", {}), subscriptions=subscriptions,
        quiet=None if quiet is None else (time.fromisoformat(quiet[0]), time.fromisoformat(quiet[1])),
        away_until=document.get("away_until"), stand_in=document.get("stand_in"),
    )  # fmt: skip
