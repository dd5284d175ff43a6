"""Which of notify's addresses are limited as what: its links as residents' codes, all else as calls of staff."""

from __future__ import annotations

from services.notify.act_links import PATH
from shaoyin.adapters.rate_limits import Call, staff_alone

ASSETS = f"{PATH}-/"
DESK, DESK_ASSETS = "/deliveries", "/deliveries/-/"
FREE = tuple(
    f"{assets}{name}" for assets in (ASSETS, DESK_ASSETS) for name in ("page.css", "view", "deliveries.js")
)  # fmt: skip
LINK, PAGE = Call("code", page=True), Call("staff", page=True)


def is_page(path: str) -> bool:
    return path.startswith((PATH, DESK_ASSETS)) or path == DESK


def rate_of(method: str, path: str) -> Call | None:
    if not is_page(path):
        return staff_alone(method, path)
    if path in FREE:
        return None
    return LINK if path.startswith(PATH) else PAGE
