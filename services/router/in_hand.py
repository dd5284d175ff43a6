"""Cases that are decided and on their way into the store, where nobody else finds them yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.router.documents import Stored, alike_key
from shaoyin.domain.pack import Pack


@dataclass(frozen=True, slots=True)
class InHand:
    """By what makes them likely duplicates of a later report (domain 8.2.6)."""

    _alike: dict[str, list[str]] = field(default_factory=dict)

    def add(self, new: Iterable[tuple[Stored, Pack]]) -> None:
        for stored, _ in new:
            if key := _key(stored):
                self._alike.setdefault(key, []).append(stored.case.case_id)

    def remove(self, new: Iterable[tuple[Stored, Pack]]) -> None:
        for stored, _ in new:
            ids = self._alike.get(_key(stored) or "", [])
            if stored.case.case_id in ids:
                ids.remove(stored.case.case_id)
            if not ids:
                self._alike.pop(_key(stored) or "", None)

    def clear(self) -> None:
        self._alike.clear()

    def like(self, key: str) -> list[str]:
        return self._alike.get(key, [])


def _key(stored: Stored) -> str | None:
    return alike_key(stored.case.area, stored.case.category) if stored.case.open else None
