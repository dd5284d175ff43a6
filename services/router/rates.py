"""Which of the router's addresses are limited as what: its pages tell a refusal themselves, styles have no limit."""

from __future__ import annotations

from shaoyin.adapters.rate_limits import Call, staff_alone

PAGES, ASSETS = "/rules", "/rules/-/"
FREE = (f"{ASSETS}page.css", f"{ASSETS}rules.js", f"{ASSETS}draft.js", f"{ASSETS}view")
PAGE = Call("staff", page=True)


def is_page(path: str) -> bool:
    return path == PAGES or path.startswith(f"{PAGES}/")


def rate_of(method: str, path: str) -> Call | None:
    if is_page(path):
        return None if path in FREE else PAGE
    return staff_alone(method, path)
