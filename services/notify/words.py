"""Notify's own problems in words, beside those of the library and those of the packs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML


@cache
def problem_words() -> Mapping[str, Mapping[str, object]]:
    text = files("services.notify").joinpath("texts", "problems.yaml").read_text("utf-8")
    found: Mapping[str, Mapping[str, object]] = YAML(typ="safe").load(text)
    return found
