"""The small cells of many pages of a pack: names, lists with nothing in them twice, words in two languages."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NAME = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")


def wrong(code: str, **told: str) -> PydanticCustomError:
    return PydanticCustomError(code, code, dict(told))


OFFERED = "x-offered"
"""Marks a cell whose names an editor may offer."""
SPOKEN = "x-spoken"
"""Marks a cell that may hold a word for its code."""


def offered(kind: str) -> Any:
    """Says that names of a kind stand here; which there are the packs say (`schema_cells`)."""
    return Field(json_schema_extra={OFFERED: kind})


def spoken(kind: str) -> Any:
    """Says that a word of a kind (`rule_words`) may stand here for its code."""
    return Field(json_schema_extra={SPOKEN: kind})


def one_or_more(cell: object) -> object:
    """A rota, or the only one in it."""
    return [cell] if isinstance(cell, str) else cell


T = TypeVar("T", bound=Hashable)


def each_once(items: list[T]) -> list[T]:
    seen: set[T] = set()
    for item in items:
        if item in seen:
            raise wrong("said_twice", said=str(item))
        seen.add(item)
    return items


Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=rf"^{NAME.pattern}$", max_length=60)]
Names = Annotated[list[Name], AfterValidator(each_once)]


class Words(BaseModel):
    model_config = STRICT

    zh: Text = Field(alias="zh-CN")
    en: Text

    @property
    def by_language(self) -> Mapping[str, str]:
        return {"zh-CN": self.zh, "en": self.en}
