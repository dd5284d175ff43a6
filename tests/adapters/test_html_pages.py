"""The frame that all pages share: a larger view, a way past the top, and no address that leads elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.requests import Request

from shaoyin.adapters.html_pages import HtmlPages, local, view


def asked(path: str, query: str = "", cookie: str = "", method: str = "GET") -> Request:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers}
    return Request(scope)


@pytest.fixture
def pages(tmp_path: Path) -> HtmlPages:
    (tmp_path / "one.html").write_text('{% extends "frame.html" %}{% block main %}<h1>{{ said }}</h1>{% endblock %}')
    (tmp_path / "own.css").write_text(".own {}")
    return HtmlPages(tmp_path, style="/own.css", home="/start", view="/view")


def shown(pages: HtmlPages, request: Request, said: str = "hello") -> str:
    return bytes(pages.page(request, "one.html", {"said": said}).body).decode()


def test_a_page_stands_in_the_frame_and_what_is_said_in_it_is_never_markup(pages: HtmlPages) -> None:
    found = shown(pages, asked("/there"), "<script>")

    assert "<h1>&lt;script&gt;</h1>" in found
    assert '<a class="skip" href="#main">' in found
    assert '<a href="/start">' in found
    assert '<link rel="stylesheet" href="/own.css">' in found


def test_the_other_view_leads_back_to_where_the_reader_is_but_never_to_what_was_posted(pages: HtmlPages) -> None:
    assert 'href="/view?elder=1&amp;to=/there%3Fa%3D1"' in shown(pages, asked("/there", "a=1"))
    assert 'href="/view?elder=1&amp;to=/there"' in shown(pages, asked("/there", "a=1", method="POST"))
    assert '<html lang="zh-CN" class="elder">' in shown(pages, asked("/there", cookie="view=elder"))


def test_no_page_is_kept_and_the_style_is_the_shared_one_with_the_own_behind_it(pages: HtmlPages) -> None:
    assert pages.page(asked("/"), "one.html", {"said": ""}).headers["cache-control"] == "no-store"
    style = bytes(pages.style("own.css").body).decode()
    assert style.index("font-size: 18px") < style.index(".own {}")


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil", "", "/a\nb"])
async def test_the_view_leads_back_to_this_origin_alone(to: str) -> None:
    assert local(to) == "/"
    answer = await view(asked("/view", "elder=1&to=https://evil.example"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["set-cookie"].startswith("view=elder;")
