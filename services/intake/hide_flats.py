"""Takes flat numbers out of what a reporter wrote who wants not to be known: building and unit are enough (X9).

Who reports openly allows it, and so does who answers a question; where there is danger now, nothing is hidden.
"""

from __future__ import annotations

import re

from shaoyin.adapters.scrub import HIDDEN

_NUMBER = r"[0-9０-９〇○零一二三四五六七八九]{3,4}"
_FLATS = (
    re.compile(rf"{_NUMBER}(?=\s*(?:室|号房|房间|住户))"),
    re.compile(r"(?<![0-9])[0-9０-９]{3,4}(?=\s*户)"),
    re.compile(rf"(?<=单元)\s*{_NUMBER}(?![0-9])"),
    re.compile(r"(?<=[楼层栋幢])\s*[0-9０-９]{3,4}(?![0-9])"),
    re.compile(rf"(?<=楼上|楼下|隔壁|对门|我家|家住|我住|住在)\s*{_NUMBER}(?![0-9])"),
    re.compile(r"(?<=[0-9][-–—―][0-9][-–—―])[0-9]{3,4}(?![0-9])"),
    re.compile(r"(?<=\bflat )[0-9]{1,4}[A-Za-z]?\b|(?<=\broom )[0-9]{1,4}[A-Za-z]?\b", re.IGNORECASE),
)


def hide_flats(text: str) -> str:
    """`5号楼2单元601室` becomes `5号楼2单元【已隐去】室`; the numbers of buildings, units and floors stay."""
    for flat in _FLATS:
        text = flat.sub(HIDDEN, text)
    return text
