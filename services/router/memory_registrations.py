"""The store of enrolments in memory, for tests without an engine; it keeps documents, as the real one does."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from services.router.documents import KEYS_KEPT, Document, KeyKept
from services.router.registration_documents import StoredEnrolment, document_of, read_model, stored_from
from services.router.registrations import EnrolmentChange, Inserted, WantedEnrolments
from shaoyin.domain.pack import Pack

LAST = datetime.max.replace(tzinfo=UTC)


class MemoryRegistrations:
    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    async def prepare(self) -> None:
        return None

    async def insert(self, stored: StoredEnrolment, pack: Pack) -> Inserted:
        document = document_of(stored, pack)
        if document["_id"] in self.documents:
            return "there"
        if document["open_as"] in {each["open_as"] for each in self.documents.values()} - {None}:
            return "open"
        self.documents[str(document["_id"])] = copy.deepcopy(document)
        return "new"

    async def load(self, ids: Iterable[str]) -> dict[str, StoredEnrolment]:
        return {each: stored_from(self.documents[each]) for each in ids if each in self.documents}

    async def append(self, change: EnrolmentChange) -> bool:
        after = change.after.enrolment
        document = self.documents[after.registration_id]
        if document["version"] != change.before.enrolment.version:
            return False
        _list(document, "history").extend(change.new)
        _list(document, "decisions").append(after.version)
        document.update(read_model(change.after, change.pack))
        if change.key is not None:
            await self.keep_key(after.registration_id, change.key)
        return True

    async def keep_key(self, registration_id: str, key: KeyKept) -> None:
        document = self.documents[registration_id]
        document["keys"] = [*_list(document, "keys"), asdict(key)][-KEYS_KEPT:]

    async def open_of(self, owner: str, community: str) -> list[StoredEnrolment]:
        return self._all(
            lambda each: (each["owner"], each["community"]) == (owner, community) and each["open_as"] is not None
        )

    async def active_in(self, above: Sequence[str], area: str) -> list[StoredEnrolment]:
        def near(each: Document) -> bool:
            return each["area_key"] in above or area in _list(each, "area_keys")

        found = self._all(lambda each: each["state"] == "active" and near(each))
        return sorted(found, key=lambda each: (each.enrolment.applied_at, each.enrolment.registration_id))

    async def find(self, wanted: WantedEnrolments) -> list[StoredEnrolment]:
        found = [each for each in self.documents.values() if _fits(each, wanted)]
        found.sort(key=lambda each: str(each["_id"]))
        found.sort(key=_applied_at, reverse=True)
        return [stored_from(each) for each in found if _beyond(each, wanted.after)][: wanted.most]

    async def due(self, at: datetime, most: int) -> list[StoredEnrolment]:
        due = [each for each in self.documents.values() if _due_at(each) < at]
        return [stored_from(each) for each in sorted(due, key=_due_at)[:most]]

    async def next_due(self) -> datetime | None:
        first = min(map(_due_at, self.documents.values()), default=LAST)
        return None if first == LAST else first

    async def unsent(self, most: int) -> list[StoredEnrolment]:
        return self._all(lambda each: each.get("unsent_from") is not None)[:most]

    async def mark_sent(self, upto: Mapping[str, int]) -> None:
        for registration_id, sent in upto.items():
            document = self.documents[registration_id]
            version, unsent = document["version"], document.get("unsent_from")
            assert isinstance(version, int)
            if version == sent:
                document.pop("unsent_from", None)
            elif isinstance(unsent, int) and unsent <= sent:
                document["unsent_from"] = sent + 1

    async def to_free(self, most: int) -> list[StoredEnrolment]:
        return self._all(lambda each: each.get("to_free") is True)[:most]

    async def mark_freed(self, registration_id: str) -> None:
        self.documents[registration_id].pop("to_free", None)

    async def since(self, last_at: datetime, after: str, most: int) -> list[StoredEnrolment]:
        found = self._all(lambda each: _changed(each) > (last_at, after))
        ordered = sorted(found, key=lambda each: (each.enrolment.last_at, each.enrolment.registration_id))
        return ordered[:most]

    def _all(self, fits: Callable[[Document], bool]) -> list[StoredEnrolment]:
        return [stored_from(each) for each in self.documents.values() if fits(each)]


def _list(document: Document, name: str) -> list[object]:
    found = document[name]
    assert isinstance(found, list)
    return found


def _instant(document: Document, name: str) -> datetime:
    found = document[name]
    assert isinstance(found, datetime)
    return found


def _applied_at(document: Document) -> datetime:
    return _instant(document, "applied_at")


def _changed(document: Document) -> tuple[datetime, str]:
    return _instant(document, "last_at"), str(document["_id"])


def _due_at(document: Document) -> datetime:
    return LAST if document["next_due_at"] is None else _instant(document, "next_due_at")


def _beyond(document: Document, last: tuple[datetime, str] | None) -> bool:
    """After the last line of a page: newest first, equal ones by their id."""
    if last is None:
        return True
    applied_at = _applied_at(document)
    return applied_at < last[0] or (applied_at == last[0] and str(document["_id"]) > last[1])


def _fits(document: Document, wanted: WantedEnrolments) -> bool:
    mine = document["owner"] in wanted.owners
    return all(
        (
            mine or (not wanted.mine and bool(set(_list(document, "area_keys")) & set(wanted.covered))),
            not wanted.states or document["state"] in wanted.states,
            wanted.kind is None or document["kind"] == wanted.kind,
            wanted.area is None or wanted.area in _list(document, "areas"),
        )
    )
