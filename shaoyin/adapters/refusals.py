"""Answers that are ready before anybody asks, for when there is no time to make one: overload and unreadable HTTP."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.types import Scope

from shaoyin.adapters.problem import Problem, as_json
from shaoyin.adapters.words import LANGUAGES, Language, Texts, language_of, problem_texts

PROBLEM_JSON = "application/problem+json"
Headers = list[tuple[bytes, bytes]]
Emergency = Mapping[str, Mapping[str, str]]
"""By number: what to say of it in each language. A limit never withholds whom to call."""


def as_members(emergency: Emergency, language: Language) -> dict[str, Any]:
    """As a receipt has it: `emergency: [{number, say}]`; nothing where there is nobody to call."""
    said = [{"number": number, "say": say[language]} for number, say in emergency.items()]
    return {"emergency": said} if said else {}


class Ready:
    """One problem, made once in each language as JSON, and once in both as a page."""

    def __init__(self, problem: Problem, emergency: Emergency, safe: Mapping[str, str]) -> None:
        texts = problem_texts()
        self.status = problem.status
        self._headers = {**safe, "Cache-Control": "no-store", "Vary": "Accept, Accept-Language", **problem.headers}
        self._json = {each: self._spoken(problem, texts, emergency, each) for each in LANGUAGES}
        self._page = self._made(_page(problem, texts, emergency).encode(), "text/html; charset=utf-8", "zh-CN")

    def for_reader(self, scope: Scope) -> tuple[Headers, bytes]:
        accept, languages = _wishes(scope["headers"])
        return self._page if b"text/html" in accept else self._json[language_of(languages.decode("latin-1"))]

    def raw(self) -> bytes:
        """As it goes over the wire where no application is there to send it; the connection ends with it."""
        headers, body = self._json["zh-CN"]
        lines = [b"%b: %b" % header for header in (*headers, (b"connection", b"close"))]
        head = b"HTTP/1.1 %d %b" % (self.status, HTTPStatus(self.status).phrase.encode())
        return b"\r\n".join((head, *lines, b"", body))

    def _spoken(
        self, problem: Problem, texts: Texts, emergency: Emergency, language: Language
    ) -> tuple[Headers, bytes]:
        told = {**as_json(problem, texts, language), **as_members(emergency, language)}
        return self._made(json.dumps(told, ensure_ascii=False).encode(), PROBLEM_JSON, language)

    def _made(self, body: bytes, media: str, language: Language) -> tuple[Headers, bytes]:
        told = {**self._headers, "Content-Type": media, "Content-Language": language, "Content-Length": str(len(body))}
        return [(name.lower().encode(), value.encode()) for name, value in told.items()], body


def _wishes(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    accept, languages = b"", []
    for name, value in headers:
        if name == b"accept":
            accept = value
        elif name == b"accept-language":
            languages.append(value)
    return accept, b",".join(languages)


def _page(problem: Problem, texts: Texts, emergency: Emergency) -> str:
    """No style and no script: nothing else could be fetched now."""
    parts = [
        f'<section lang="{each}"><h1>{html.escape(texts.title(problem.code, each))}</h1>'
        f"<p>{html.escape(texts.detail(problem.code, each, problem.params))}</p></section>"
        for each in LANGUAGES
    ]
    calls = [
        f'<li><a href="tel:{html.escape(number)}">{html.escape(number)}</a> {html.escape(" ".join(say.values()))}</li>'
        for number, say in emergency.items()
    ]
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>哨音 · Shaoyin</title><ul>{''.join(calls)}</ul>{''.join(parts)}</html>"
    )
