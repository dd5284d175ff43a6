"""The HTTP surface on one page, made from OpenAPI alone: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

_STYLE = """body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a2332}
code{background:#eef2f6;padding:.1em .35em;border-radius:.2em}dt{margin-top:1rem;font-weight:600}
a{color:#0b4f8a}summary{cursor:pointer}pre{overflow:auto;background:#f6f8fa;padding:.8rem}"""


def docs_page(openapi: Mapping[str, Any]) -> str:
    operations = "".join(
        _operation(path, method, told)
        for path, methods in sorted(openapi["paths"].items())
        for method, told in methods.items()
    )
    title = escape(str(openapi["info"]["title"]))
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="stylesheet" href="/api/docs.css"></head><body><h1>{title}</h1>'
        '<p>接口一览,机器可读的全文在 <a href="/api/openapi.json">/api/openapi.json</a>。 '
        '<span lang="en">The calls; the whole, for machines, is at '
        f'<a href="/api/openapi.json">/api/openapi.json</a>.</span></p><dl>{operations}</dl></body></html>'
    )


def style() -> str:
    return _STYLE


def _operation(path: str, method: str, told: Mapping[str, Any]) -> str:
    words = escape(str(told.get("description") or told.get("summary") or ""))
    return f"<dt><code>{method.upper()} {escape(path)}</code></dt><dd>{words}</dd>"
