"""Case numbers people read: area code, local day, a running number and a check digit (domain 2.7, mechanics 13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from pymongo import ReturnDocument

from shaoyin.adapters.mongo import Collection, Database, store_needed

BLOCK = 20


@dataclass(slots=True)
class _Block:
    next: int
    last: int


class Numbers:
    """Takes blocks from a counter, so that many routers number without asking for each case; gaps are allowed."""

    def __init__(self, database: Database, block: int = BLOCK) -> None:
        self._counters: Collection = database["counters"]
        self._block = block
        self._blocks: dict[str, _Block] = {}

    async def take(self, code: str, day: date, many: int = 1) -> list[str]:
        key = f"{code}{day:%Y%m%d}"
        taken: list[str] = []
        while len(taken) < many:
            block = self._blocks.get(key)
            if block is None or block.next > block.last:
                block = await self._reserve(key, max(self._block, many - len(taken)))
            taken.append(with_check_digit(f"{key}{block.next:04d}"))
            block.next += 1
        return taken

    @store_needed()
    async def _reserve(self, key: str, many: int) -> _Block:
        counter = await self._counters.find_one_and_update(
            {"_id": key}, {"$inc": {"last": many}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        assert counter is not None
        block = self._blocks[key] = _Block(counter["last"] - many + 1, counter["last"])
        return block


@dataclass
class MemoryNumbers:
    """The twin for tests of the flow without an engine."""

    last: dict[str, int] = field(default_factory=dict)

    async def take(self, code: str, day: date, many: int = 1) -> list[str]:
        key = f"{code}{day:%Y%m%d}"
        first = self.last.get(key, 0) + 1
        self.last[key] = first + many - 1
        return [with_check_digit(f"{key}{number:04d}") for number in range(first, first + many)]


def with_check_digit(digits: str) -> str:
    """ISO 7064 MOD 11,10: catches every single wrong digit and every swap of neighbours."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return f"{digits}{(11 - product) % 10}"
