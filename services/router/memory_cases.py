"""The store's twin in memory, for tests of the flow without an engine; it keeps documents, as the real one does."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from services.router.cases import Change, Counted, Sent, Wanted, add_counted
from services.router.documents import KEYS_KEPT, Document, KeyKept, Stored, document_of, read_model, stored_from
from services.router.listed import Listed, listed_from
from services.router.past_cases import Tried, tried
from shaoyin.contracts.codec import stored_event
from shaoyin.domain.pack import Pack

LAST = datetime.max.replace(tzinfo=UTC)


class MemoryCases:
    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    async def prepare(self) -> None:
        return None

    async def insert(self, opened: Sequence[tuple[Stored, Pack]]) -> set[str]:
        there = {stored.case.case_id for stored, _ in opened if stored.case.case_id in self.documents}
        for stored, pack in opened:
            self.documents.setdefault(stored.case.case_id, copy.deepcopy(document_of(stored, pack)))
        return there

    async def load(self, case_ids: Iterable[str], *, explained: bool = False) -> dict[str, Stored]:
        found = {each: self.documents[each] for each in case_ids if each in self.documents}
        return {
            each: stored_from(document if explained else _unexplained(document)) for each, document in found.items()
        }

    async def append(self, changes: Sequence[Change]) -> set[str]:
        won: set[str] = set()
        for change in changes:
            document = self.documents[change.after.case.case_id]
            if document["version"] == change.before.case.version:
                self._write(document, change)
                won.add(change.after.case.case_id)
        return won

    def _write(self, document: Document, change: Change) -> None:
        new = change.after.history[change.before.case.version :]
        history, decisions = document["history"], document["decisions"]
        assert isinstance(history, list)
        assert isinstance(decisions, list)
        history += [stored_event(event) for event in new]
        decisions.append(change.after.case.version)
        unsent = document.get("unsent_from")
        first = unsent if isinstance(unsent, int) else change.before.case.version + 1
        document.update(read_model(change.after.case, change.pack), unsent_from=first)
        if change.key is not None:
            self._keep(document, change.key)

    async def keep_key(self, case_id: str, key: KeyKept) -> None:
        self._keep(self.documents[case_id], key)

    def _keep(self, document: Document, key: KeyKept) -> None:
        keys = document.get("keys", [])
        assert isinstance(keys, list)
        document["keys"] = [*keys, asdict(key)][-KEYS_KEPT:]

    async def due(self, at: datetime, buckets: Sequence[int], most: int, but_not: Iterable[str] = ()) -> list[Stored]:
        passed = set(but_not)
        due = [each for each in self.documents.values() if each["bucket"] in buckets and _due_at(each) < at]
        wanted = [each for each in due if _id(each) not in passed]
        return [stored_from(_unexplained(each)) for each in sorted(wanted, key=_due_at)[:most]]

    async def next_due(self, buckets: Sequence[int] | None = None) -> datetime | None:
        mine = [each for each in self.documents.values() if buckets is None or each["bucket"] in buckets]
        first = min(map(_due_at, mine), default=LAST)
        return None if first == LAST else first

    async def unsent(self, most: int) -> dict[str, int]:
        marked = ((_id(each), each.get("unsent_from")) for each in self.documents.values())
        waiting = [(name, first) for name, first in marked if isinstance(first, int)]
        return dict(waiting[:most])

    async def mark_sent(self, sent: Mapping[str, Sent]) -> None:
        for case_id, (first, last) in sent.items():
            document = self.documents[case_id]
            unsent = document.get("unsent_from")
            if not isinstance(unsent, int) or not first <= unsent <= last:
                continue
            if document["version"] == last:
                del document["unsent_from"]
            else:
                document["unsent_from"] = last + 1

    async def alike(self, keys: Iterable[str]) -> dict[str, list[str]]:
        wanted = set(keys)
        alike: dict[str, list[str]] = {}
        for document in self.documents.values():
            if document["alike"] in wanted:
                alike.setdefault(str(document["alike"]), []).append(str(document["_id"]))
        return alike

    async def counted(self, since: Mapping[str, datetime]) -> dict[str, Counted]:
        counted: dict[str, Counted] = {}
        for document in sorted(self.documents.values(), key=_received):
            add_counted(counted, document, since)
        return counted

    async def loads(self, posts: Sequence[str]) -> dict[str, int]:
        owners = [str(each["owner"]) for each in self.documents.values() if each["open"]]
        return {post: owners.count(post) for post in posts if post in owners}

    async def find(self, wanted: Wanted) -> list[Stored]:
        return [stored_from(each) for each in self._found(wanted)]

    async def rows(self, wanted: Wanted) -> list[Listed]:
        return [listed_from(each) for each in self._found(wanted)]

    def _found(self, wanted: Wanted) -> list[Document]:
        found = [each for each in self.documents.values() if _fits(each, wanted)]
        if wanted.ended:
            found.sort(key=_received, reverse=True)
        else:
            found.sort(key=_listed)
        return found[: wanted.most]

    async def since(self, last_at: datetime, after: str, most: int) -> list[Stored]:
        later = [each for each in self.documents.values() if _changed(each) > (last_at, after)]
        return [stored_from(each) for each in sorted(later, key=_changed)[:most]]

    async def provisional(self, after: str, most: int) -> list[str]:
        found = [_id(each) for each in self.documents.values() if each["provisional"] is True and _id(each) > after]
        return sorted(found)[:most]


def _unexplained(document: Document) -> Document:
    history = document["history"]
    assert isinstance(history, list)
    bare = [{name: value for name, value in each.items() if name != "explanation"} for each in history]
    return {**document, "history": bare}


def _due_at(document: Document) -> datetime:
    due_at = document["next_due_at"]
    return due_at if isinstance(due_at, datetime) else LAST


def _listed(document: Document) -> tuple[datetime, str]:
    due_at = document["result_due_at"]
    return (due_at if isinstance(due_at, datetime) else datetime.min.replace(tzinfo=UTC), str(document["_id"]))


def _changed(document: Document) -> tuple[datetime, str]:
    last_at = document["last_at"]
    assert isinstance(last_at, datetime)
    return last_at, _id(document)


def _id(document: Document) -> str:
    return str(document["_id"])


def _beyond(document: Document, last: tuple[datetime, str], *, ended: bool) -> bool:
    if not ended:
        return _listed(document) > last
    return _received(document) < last


class MemoryPast:
    """The twin of PastCases."""

    def __init__(self, cases: MemoryCases) -> None:
        self._cases = cases

    async def since(self, pack: str, since: datetime, most: int) -> AsyncIterator[Tried]:
        there = [each for each in self._cases.documents.values() if _in(pack, since, each)]
        yield tried(sorted(there, key=_received, reverse=True)[:most])


def _in(pack: str, since: datetime, document: Document) -> bool:
    return document["pack"] == pack and _received(document)[0] >= since


def _received(document: Document) -> tuple[datetime, str]:
    received_at = document["received_at"]
    assert isinstance(received_at, datetime)
    return received_at, str(document["_id"])


def _fits(document: Document, wanted: Wanted) -> bool:
    path, holders = document["area_path"], document["holders"]
    assert isinstance(path, list)
    assert isinstance(holders, list)
    mine = bool(set(holders) & set(wanted.holders))
    exact = {"category": wanted.category, "owner": wanted.holder, "number": wanted.number}
    return all(
        (
            mine or (not wanted.mine and bool(set(path) & set(wanted.paths))),
            not wanted.states or document["state"] in wanted.states,
            document["open"] is not wanted.ended,
            not wanted.orders or document["order"] is True,
            all(document[name] == value for name, value in exact.items() if value is not None),
            wanted.area is None or wanted.area in path,
            wanted.due_before is None or _listed(document)[0] < wanted.due_before,
            wanted.after is None or _beyond(document, wanted.after, ended=wanted.ended),
        )
    )
