"""A browser at the pages of the rules, for tests: signs in, reads, fills in forms as they stand and sends them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from tests.services.html_page import Page
from tests.services.publication_setup import OFFICER, Office


class Browser:
    """What somebody does who is signed in, or not; it keeps cookies and follows where it is led."""

    def __init__(self, here: Office) -> None:
        self.http = here.http
        self.http.follow_redirects = True

    async def signs_in(self, person: str = OFFICER) -> None:
        answer = await self.http.post("/rules/-/sign-in", data={"token": person, "to": "/rules"})
        assert answer.status_code == 200, answer.text

    async def reads(self, path: str) -> Page:
        return Page(await self.http.get(path))

    async def sends(self, page: Page, action: str, **typed: str | list[str]) -> Page:
        """The page's form of that address as it stands, with what was typed into it or chosen."""
        return Page(await self.http.post(action, data={**form(page, action), **typed}))


def form(page: Page, action: str) -> dict[str, str | list[str]]:
    """What a browser would send of the form, as nobody has touched it and no button with a name was pressed."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page.html, re.DOTALL)
    assert found, f"no form of {action}"
    part = Page(httpx.Response(200, html=found[1]))
    values: dict[str, list[str]] = {}
    for name, value in (*_inputs(part), *_chosen(found[1]), *_texts(found[1])):
        values.setdefault(name, []).append(value)
    return {name: each[0] if len(each) == 1 else each for name, each in values.items()}


def _inputs(part: Page) -> list[tuple[str, str]]:
    ticks = ("checkbox", "radio")
    return [
        (each["name"], each.get("value", "on"))
        for each in part.all("input")
        if "name" in each and (each.get("type") not in ticks or "checked" in each)
    ]


def _chosen(html: str) -> list[tuple[str, str]]:
    found = []
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        values = re.findall(r'<option value="([^"]*)"( selected)?', options)
        found += [(name, next((value for value, chosen in values if chosen), values[0][0]))]
    return [(name, _plain(value)) for name, value in found]


def _texts(html: str) -> list[tuple[str, str]]:
    return [
        (name, _plain(text.removeprefix("\n")))
        for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    ]


def _plain(text: str) -> str:
    signs: Mapping[str, str] = {"&#34;": '"', "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&"}
    for said, sign in signs.items():
        text = text.replace(said, sign)
    return text
