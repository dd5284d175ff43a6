"""Which of notify's addresses are limited as what: its links as residents' codes, all else as calls of staff."""

from __future__ import annotations

from services.notify.act_links import PATH
from shaoyin.adapters.rate_limits import Call, staff_alone

ASSETS = f"{PATH}-/"
FREE = (f"{ASSETS}page.css", f"{ASSETS}view")
LINK = Call("code", page=True)


def is_page(path: str) -> bool:
    return path.startswith(PATH)


def rate_of(method: str, path: str) -> Call | None:
    if is_page(path):
        return None if path in FREE else LINK
    return staff_alone(method, path)
