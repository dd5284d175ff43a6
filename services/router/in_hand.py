"""Cases that are decided and on their way into the store, where nobody else finds them yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.router.documents import Stored, alike_key, counted_under
from shaoyin.domain.pack import Pack


@dataclass(frozen=True, slots=True)
class InHand:
    """By what makes them likely duplicates of a later report (domain 8.2.6), and by what they count under.

    A case under a name stands with its number.
    """

    _alike: dict[str, list[str]] = field(default_factory=dict)
    _counted: dict[str, dict[str, str | None]] = field(default_factory=dict)

    def add(self, new: Iterable[tuple[Stored, Pack]]) -> None:
        for stored, pack in new:
            if key := _key(stored):
                self._alike.setdefault(key, []).append(stored.case.case_id)
            for name in counted_under(stored.case, pack):
                self._counted.setdefault(name, {})[stored.case.case_id] = stored.case.number

    def remove(self, new: Iterable[tuple[Stored, Pack]]) -> None:
        for stored, pack in new:
            ids = self._alike.get(_key(stored) or "", [])
            if stored.case.case_id in ids:
                ids.remove(stored.case.case_id)
            if not ids:
                self._alike.pop(_key(stored) or "", None)
            for name, left in self._under(counted_under(stored.case, pack)):
                left.pop(stored.case.case_id, None)
                if not left:
                    del self._counted[name]

    def clear(self) -> None:
        self._alike.clear()
        self._counted.clear()

    def like(self, key: str) -> Sequence[str]:
        return self._alike.get(key, [])

    def counted(self, name: str) -> Mapping[str, str | None]:
        return self._counted.get(name, {})

    def _under(self, names: Iterable[str]) -> Iterator[tuple[str, dict[str, str | None]]]:
        return ((name, self._counted[name]) for name in names if name in self._counted)


def _key(stored: Stored) -> str | None:
    return alike_key(stored.case.area, stored.case.category) if stored.case.open else None
