"""The small cells of many pages of a pack: names, lists with nothing in them twice, words in two languages."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NAME = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")


def wrong(code: str, **told: str) -> PydanticCustomError:
    return PydanticCustomError(code, code, dict(told))


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
