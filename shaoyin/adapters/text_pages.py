"""Pages of words that come with the program: `texts/NAME.yaml` in a package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from shaoyin.adapters.pack_files import words


@cache
def text_page(package: str, name: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", words(files(package).joinpath("texts", f"{name}.yaml").read_text("utf-8")))
