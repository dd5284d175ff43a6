"""The tables by which texts are read: how characters sound, and the usual ones for the traditional.

The table of sounds is made from pypinyin, `python -m shaoyin.adapters.writing > shaoyin/adapters/texts/sounds.txt`, and
kept beside the code: the library itself would cost every service 50 MB of memory.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.resources import files

from shaoyin.domain.writing import Writing

_FIRST_OF_BIG5 = 0xC9
"""Lead byte of the rarer half of Big5."""


@cache
def writing() -> Writing:
    """One for all packs, so that what they share is made ready once."""
    return Writing(_read("traditional.txt"), _read("sounds.txt"))


def _read(name: str) -> str:
    return files("shaoyin.adapters").joinpath("texts", name).read_text("utf-8")


def sounds() -> str:
    """The table anew: the signs of GB2312 and the usual ones of Big5, by the reading they have alone."""
    from pypinyin import lazy_pinyin

    by_sound: dict[str, list[str]] = {}
    for sign in filter(_usual, map(chr, range(0x4E00, 0x9FA6))):
        by_sound.setdefault(lazy_pinyin(sign)[0], []).append(sign)
    return "".join(f"{syllable} {''.join(signs)}\n" for syllable, signs in sorted(by_sound.items()))


def _usual(sign: str) -> bool:
    in_big5 = sign.encode("big5", "ignore")
    return bool(sign.encode("gb2312", "ignore")) or (bool(in_big5) and in_big5[0] < _FIRST_OF_BIG5)


if __name__ == "__main__":
    sys.stdout.write(sounds())
