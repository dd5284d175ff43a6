"""Notify's own problems in words, beside those of the library and those of the packs."""

from __future__ import annotations

from collections.abc import Mapping

from shaoyin.adapters.text_pages import text_page


def problem_words() -> Mapping[str, Mapping[str, object]]:
    return text_page("services.notify", "problems")
