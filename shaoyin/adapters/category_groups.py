"""What the first level of the categories' codes is called."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

from shaoyin.adapters.words import Language


@cache
def group_names() -> Mapping[str, Mapping[str, str]]:
    text = files("shaoyin.adapters").joinpath("texts", "category_groups.yaml").read_text("utf-8")
    found: Mapping[str, Mapping[str, str]] = YAML(typ="safe").load(text)
    return found


def group_name(group: str, language: Language) -> str:
    """One that a community invented is called by its code."""
    words = group_names().get(group)
    return group if words is None else words[language]
