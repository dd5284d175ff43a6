"""Who reported, sealed: the only place where a name or a phone is kept, apart from the reports."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import orjson
from pymongo import IndexModel, UpdateOne
from pymongo.errors import BulkWriteError

from services.intake.codes import new_reporter_ref
from services.intake.consents import Consents
from services.intake.seal import Seal
from shaoyin.adapters.mongo import Database, Document, ensure_indexes, local_reads, means_away, store_needed
from shaoyin.adapters.words import Language
from shaoyin.domain.frozen import dataclass

DUPLICATE = 11000
RECOGNISED_FOR = timedelta(days=7)
"""As long as a rule asks whether it was the same reporter (routing row 19)."""
ORPHAN_AFTER = timedelta(hours=1)
_OTHER_SIGNS = re.compile(r"[^0-9]+")
_COUNTRY = re.compile(r"^(?:00)?86(?=1[0-9]{10}$)")


AnswerBy = Literal["sms", "wechat", "page"]
"""How a reporter wants to be told: this way first; `page` is no way but the progress page."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a reporter said about themselves, and their own words before names and phones were taken out.

    What has a default came later: it is sealed only where it was said, and an older entry is read without it.
    """

    name: str | None
    phone: str | None
    description: str
    place_text: str | None
    openid: str | None = None
    answer_by: AnswerBy | None = None
    language: Language = "zh-CN"


@dataclass(frozen=True, slots=True)
class Entry:
    """One sealed identity; a report names the entry that is its own, so that a failed try leaves only an orphan."""

    entry_id: str
    report_id: str
    sealed: bytes


class Vault:
    """The collections `vault` (sealed entries), `recognised` (keyed hashes of phones, for a week) and `consents`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._entries = database["vault"]
        self._recognised = database["recognised"]
        self.consents = Consents(database)
        self._seal = seal

    async def prepare(self) -> None:
        recognised = [IndexModel("until_at", name="until", expireAfterSeconds=0), IndexModel("ref", name="ref")]
        await ensure_indexes(self._recognised, recognised)
        await ensure_indexes(self._entries, [IndexModel("erase_at", name="erase", expireAfterSeconds=0)])
        await self.consents.prepare()

    def entry(self, report_id: str, identity: Identity, at: datetime) -> Entry:
        sealed = self._seal.seal(orjson.dumps(_said(identity)), report_id, "identity")
        return Entry(f"{_opening(at)}{secrets.token_hex(8)}", report_id, sealed)

    async def keep(self, entries: Sequence[Entry]) -> None:
        if entries:
            documents = [{"_id": each.entry_id, "report_id": each.report_id, "sealed": each.sealed} for each in entries]
            await self._entries.insert_many(documents, ordered=False)

    async def identity(self, entry_id: str, report_id: str) -> Identity | None:
        """None when it is no longer kept. Raises CannotOpen. Who reads it must have said why: it is recorded."""
        found = await self._entries.find_one({"_id": entry_id, "report_id": report_id})
        if found is None:
            return None
        return Identity(**orjson.loads(self._seal.open(found["sealed"], report_id, "identity")))

    async def recognise(self, given: Mapping[bytes, str], at: datetime) -> Mapping[bytes, str]:
        """The reporter's reference for each hashed phone: the one of the last seven days, else the new one given.

        Most phones are new: each is put in as such, and only those that are there already cost more. Where another
        process gave a reference at the same instant, that one holds.
        """
        if not given:
            return {}
        first_seen: list[Document] = [
            {"_id": phone, "ref": ref, "until_at": at + RECOGNISED_FOR} for phone, ref in given.items()
        ]
        known = [bytes(first_seen[index]["_id"]) for index in await self._there_already(first_seen)]
        return {**given, **await self._seen_again(known, at)} if known else given

    async def _there_already(self, first_seen: Sequence[Document]) -> Sequence[int]:
        try:
            await self._recognised.insert_many(first_seen, ordered=False)
        except BulkWriteError as error:
            return _duplicates(error)
        return ()

    async def _seen_again(self, phones: Sequence[bytes], at: datetime) -> Mapping[bytes, str]:
        try:
            await self._recognised.bulk_write([_seen_again(phone, at) for phone in phones], ordered=False)
        except BulkWriteError as error:
            _duplicates(error)
        found = local_reads(self._recognised).find({"_id": {"$in": list(phones)}})
        return {bytes(each["_id"]): str(each["ref"]) async for each in found}

    async def old_entries(self, after: str, at: datetime, most: int) -> Sequence[tuple[str, str]]:
        """Entries with their reports, oldest first, that are old enough to belong to one if they ever will."""
        span = {"$gt": after, "$lt": _opening(at - ORPHAN_AFTER)}
        found = self._entries.find({"_id": span}, {"report_id": 1}).sort("_id").limit(most)
        return [(str(each["_id"]), str(each["report_id"])) async for each in found]

    async def forget(self, entry_ids: Sequence[str]) -> None:
        await self._entries.delete_many({"_id": {"$in": list(entry_ids)}})
        await self.consents.forget(entry_ids)

    @store_needed()
    async def erase(self, entry_ids: Sequence[str], refs: Sequence[str]) -> None:
        """At once: the entries, and the hashes by which these reporters' phones would be recognised."""
        await self.forget(entry_ids)
        await self._recognised.delete_many({"ref": {"$in": list(refs)}})

    @store_needed()
    async def keep_until(self, until: Mapping[str, datetime | None]) -> None:
        """The store itself erases an entry after its instant; None: kept as long as the matter is open."""
        updates = [
            UpdateOne({"_id": entry}, {"$unset": {"erase_at": ""}} if at is None else {"$set": {"erase_at": at}})
            for entry, at in until.items()
        ]
        if updates:
            await self._entries.bulk_write(updates, ordered=False)

    @store_needed()
    async def erase_due(self, now: datetime) -> int:
        """What is due by the product's clock, which may be ahead of the store's own."""
        return (await self._entries.delete_many({"erase_at": {"$lte": now}})).deleted_count


def digits_of(phone: str) -> str:
    """A phone as it is compared: digits alone, in any script, without the country's code."""
    if phone.isascii():
        digits = _OTHER_SIGNS.sub("", phone)
    else:
        digits = "".join(str(unicodedata.digit(sign)) for sign in phone if sign.isdigit())
    return _COUNTRY.sub("", digits)


def _duplicates(error: BulkWriteError) -> Sequence[int]:
    """Which of the batch were there already. Raises the error where that is not all that went wrong."""
    wrongs = error.details["writeErrors"]
    if any(wrong["code"] != DUPLICATE for wrong in wrongs) or means_away(error):
        raise error
    return [wrong["index"] for wrong in wrongs]


def _seen_again(phone: bytes, at: datetime) -> UpdateOne:
    """Keeps the reference while it is in force; decided inside the server, so that two requests agree on one."""
    in_force = {"$gt": ["$until_at", at]}
    update = {"$set": {"ref": {"$cond": [in_force, "$ref", new_reporter_ref()]}, "until_at": at + RECOGNISED_FOR}}
    return UpdateOne({"_id": phone}, [update], upsert=True)


def _said(identity: Identity) -> dict[str, str | None]:
    said: dict[str, str | None] = {
        "name": identity.name, "phone": identity.phone, "description": identity.description,
        "place_text": identity.place_text,
    }  # fmt: skip
    if identity.openid is not None:
        said["openid"] = identity.openid
    if identity.answer_by is not None:
        said["answer_by"] = identity.answer_by
    if identity.language != "zh-CN":
        said["language"] = identity.language
    return said


def _opening(at: datetime) -> str:
    """Ids that begin with their time can be walked through in order without an index of their own."""
    return f"v{int(at.timestamp() * 1000):012x}"
