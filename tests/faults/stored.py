"""What is in the stores at the end: each case with its history, and whom its news had to be told to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from services.notify.who_is_told import tellings
from services.router.documents import Stored, news_of, stored_from
from shaoyin.adapters.packs import load
from shaoyin.adapters.settings import Settings
from shaoyin.contracts.envelope import Written, read_news
from shaoyin.domain.pack import Pack
from tests.faults.stage import Stage


@dataclass
class Case:
    """One document of the router, read back by the product's own code."""

    document: Mapping[str, Any]
    stored: Stored = field(init=False)

    def __post_init__(self) -> None:
        self.stored = stored_from(self.document)

    @property
    def case_id(self) -> str:
        return self.stored.case.case_id

    @cached_property
    def news(self) -> list[Written]:
        return news_of(self.stored)

    @property
    def keys(self) -> Counter[str]:
        return Counter(each.key for each in self.stored.keys if each.refused is None)

    def numbers_are_whole(self) -> bool:
        """1, 2, 3, … without a gap, to the version, in decisions that follow one another."""
        ends, version = self.stored.decisions, self.document["version"]
        in_order = all(earlier < later for earlier, later in pairwise(ends))
        return len(self.stored.history) == version == ends[-1] and in_order


@dataclass
class Everything:
    stage: Stage
    cases: dict[str, Case]

    @classmethod
    def of(cls, stage: Stage) -> Everything:
        return cls(stage, {each["_id"]: Case(each) for each in stage.database("router")["cases"].find()})

    def news(self) -> Iterator[tuple[Case, Written]]:
        for case in self.cases.values():
            for each in case.news:
                yield case, each

    def now(self, case_ids: Collection[str]) -> list[Case]:
        """As they are by now, in the order of the store."""
        found = self.stage.database("router")["cases"].find({"_id": {"$in": list(case_ids)}})
        return [Case(each) for each in found]

    @cached_property
    def pack(self) -> Pack:
        pack = load(self.stage.folder / "packs" / "wulibao").pack
        assert pack is not None
        return pack

    @cached_property
    def demanded(self) -> dict[str, str]:
        """By alert id, what the pure core demands for every stored event, person by person."""
        key = Settings.checked(env="test", local=self.stage.folder).key("id_key")
        return {
            each.alert_id: f"{each.event_id} {each.kind} to {each.person or each.post}"
            for _, written in self.news()
            for each in tellings(read_news(written), self.pack, key)
        }


def ident(written: Written) -> str:
    return next(value for name, value in written.headers if name == "ce_id").decode()


def content(key: bytes, value: bytes) -> bytes:
    return blake2b(key + b"\0" + value, digest_size=16).digest()
