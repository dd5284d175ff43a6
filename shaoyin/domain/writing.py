"""One way of writing for what is the same to a reader: width, capitals, traditional signs, signs of the same sound."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cached_property

_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_SMALL = {ord(each): ord(each.lower()) for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_ONE_WIDTH = {wide: _SMALL.get(narrow, narrow) for wide, narrow in _WIDE.items()} | _SMALL
_MIXED_UP = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
"""Beginnings of syllables that the south does not tell apart, and that are typed for one another."""
_NASAL = ("ang", "eng", "ing")


@dataclasses.dataclass(eq=False)
class Writing:
    """Changes a text sign for sign, so that places in it stay what they are. The tables are read when first needed.

    `traditional` are pairs, a traditional sign and the usual one. `sounds` has a line a syllable: `lou 漏楼娄`.
    """

    traditional: str = ""
    sounds: str = ""

    def plain(self, text: str) -> str:
        return text.translate(self._usual)

    def heard(self, plain: str) -> str:
        """Signs that sound alike become the same sign."""
        return plain.translate(self._alike)

    @cached_property
    def _usual(self) -> dict[int, int]:
        signs = "".join(self.traditional.split())
        return _ONE_WIDTH | dict(zip(map(ord, signs[::2]), map(ord, signs[1::2]), strict=True))

    @cached_property
    def _alike(self) -> dict[int, int]:
        return dict(self._sounds())

    def _sounds(self) -> Iterator[tuple[int, int]]:
        """Every sign leads to the first of its sound."""
        first: dict[str, int] = {}
        for line in self.sounds.splitlines():
            syllable, signs = line.split()
            stands_for = first.setdefault(_as_typed(syllable), ord(signs[0]))
            yield from ((ord(sign), stands_for) for sign in signs)


AS_WRITTEN = Writing()
"""For whoever has no tables: only capitals and full width are looked through."""


def _as_typed(syllable: str) -> str:
    for said, typed in _MIXED_UP:
        if syllable.startswith(said):
            syllable = typed + syllable.removeprefix(said)
            break
    return syllable[:-1] if syllable.endswith(_NASAL) else syllable
