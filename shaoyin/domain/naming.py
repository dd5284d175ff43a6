"""What people call places, and which of those names a text contains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shaoyin.domain.frozen import dataclass

SHORTEST = 2
"""Characters: a single one names nothing."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names, folded, each with the areas it stands for: one, or one after another as they followed each other.

    `lengths` says for two characters how long the names are that begin with them, so that a text is read once whatever
    the number of names.
    """

    areas: Mapping[str, tuple[str, ...]]
    lengths: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, said: Iterable[tuple[str, str]]) -> Names:
        areas: dict[str, tuple[str, ...]] = {}
        lengths: dict[str, set[int]] = {}
        for name, area in ((folded(name), area) for name, area in said):
            if len(name) >= SHORTEST and area not in areas.get(name, ()):
                areas[name] = (*areas.get(name, ()), area)
                lengths.setdefault(name[:SHORTEST], set()).add(len(name))
        return cls(areas, {start: tuple(sorted(each)) for start, each in lengths.items()})

    def named_in(self, text: str) -> Iterator[str]:
        """Every name that stands in the text. A number at its edge must not go on: 51号院 is not named by 151号院."""
        text = folded(text)
        for at in range(len(text) - 1):
            for length in self.lengths.get(text[at : at + SHORTEST], ()):
                end = at + length
                if end <= len(text) and text[at:end] in self.areas and not _goes_on(text, at, end):
                    yield text[at:end]


def _goes_on(text: str, start: int, end: int) -> bool:
    edges = (text[start - 1 : start], text[start]), (text[end - 1], text[end : end + 1])
    return any(left.isdecimal() and right.isdecimal() for left, right in edges)


def folded(text: str) -> str:
    """Full-width digits and letters read as plain ones; spaces do not count."""
    plain = "".join(chr(ord(sign) - 0xFEE0) if 0xFF01 <= ord(sign) <= 0xFF5E else sign for sign in text)
    return "".join(plain.split()).casefold()
