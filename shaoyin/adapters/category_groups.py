"""What the first level of the categories' codes is called."""

from __future__ import annotations

from collections.abc import Mapping

from shaoyin.adapters.text_pages import text_page
from shaoyin.adapters.words import Language


def group_names() -> Mapping[str, Mapping[str, str]]:
    return text_page("shaoyin.adapters", "category_groups")


def group_name(group: str, language: Language) -> str:
    """One that a community invented is called by its code."""
    words = group_names().get(group)
    return group if words is None else words[language]
