"""Hands the pages of a folder in to a running router as a version, tries them on past cases, and approves a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.words import Language

Told = Mapping[str, Any]
Files = Mapping[str, str | None]
WITHIN = httpx.Timeout(120, connect=10)
"""Seconds: a street with thousands of cases to try takes its time."""


class Refused(Exception):  # noqa: N818 - the router's word
    """The router's answer, as problem+json says it; `told` has `title`, `detail`, `errors` and `problems`."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.get("code"))
        self.told = told


class NotReached(Exception):  # noqa: N818 - said to an officer
    """Nobody answers at the address, or somebody who is no router."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Which of the community's own pages say something else than those in force, `None` for one that is gone, and which
    pages of the packs it extends do: those are not handed in from afar.
    """

    based_on: int
    files: Files
    beneath: tuple[str, ...]


@dataclass(frozen=True)
class Router:
    """A running router, and the officer who calls it, by his token."""

    http: httpx.AsyncClient
    token: str
    language: Language = "zh-CN"

    async def changed(self, name: str, pages: Handed) -> Changed:
        """Raises Refused, NotReached."""
        number = (await self._asked("GET", f"/api/packs/{name}"))["number"]
        there = (await self._asked("GET", f"/api/packs/{name}/versions/{number}"))["files"]
        here = {f"{pack}/{file}": page.decode() for pack, files in pages.items() for file, page in files.items()}
        differ = sorted(page for page in here.keys() | there.keys() if here.get(page) != there.get(page))
        own = {page.partition("/")[2]: here.get(page) for page in differ if page.startswith(f"{name}/")}
        return Changed(number, own, tuple(page for page in differ if not page.startswith(f"{name}/")))

    async def hand_in(self, name: str, changed: Changed, note: str = "") -> Told:
        """The version, new or, of the same pages, the one there was. Raises Refused, NotReached."""
        body = {"files": dict(changed.files), "based_on": changed.based_on, "note": note}
        return await self._asked("POST", f"/api/packs/{name}/versions", body)

    async def simulate(self, name: str, changed: Changed, days: int) -> Told:
        """Raises Refused, NotReached."""
        return await self._asked("POST", f"/api/packs/{name}/simulate", {"files": dict(changed.files), "days": days})

    async def approve(self, name: str, number: int) -> Told:
        """The pack as it is in force then. Raises Refused, NotReached."""
        return await self._asked("POST", f"/api/packs/{name}/versions/{number}/approve")

    async def _asked(self, method: str, path: str, body: object = None) -> Told:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        try:
            answer = await self.http.request(method, path, headers=headers, json=body, timeout=WITHIN)
            told = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as away:
            raise NotReached(f"{type(away).__name__} {away}") from away
        except ValueError as other:
            raise NotReached(f"{answer.status_code} {answer.headers.get('content-type', '')}") from other
        if not isinstance(told, dict):
            raise NotReached(str(answer.status_code))
        if answer.status_code >= 300:
            raise Refused(told)
        return told
