"""A page that was answered, as a reader of it, or of its structure, can tell it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """What a reader of the page, or of its structure, can tell."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        assert answer.headers["content-type"].startswith("text/html"), answer.text
        self.status = answer.status_code
        self.html = answer.text
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(answer.text)
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and all(attributes.get(each) == value for each, value in wanted.items())
        ]

    @property
    def fields(self) -> list[dict[str, str]]:
        found = [attributes for tag in ("input", "select", "textarea") for attributes in self.all(tag)]
        return [each for each in found if each.get("type") != "hidden"]

    @property
    def key(self) -> str:
        return self.all("input", name="idempotency_key")[0]["value"]

    @property
    def errors(self) -> list[str]:
        """Where the summary's links lead."""
        summary = re.search(r'<section class="errors".*?</section>', self.html, re.DOTALL)
        return re.findall(r'href="#([^"]+)"', summary[0]) if summary else []

    def says(self, words: str) -> bool:
        return words in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", self.html))
