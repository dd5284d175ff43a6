"""A cell of phrases as a clerk writes it, 垃圾没人清、垃圾成堆: one cell, without quotes and brackets to go wrong."""

from __future__ import annotations

import re
from sys import intern
from typing import Annotated

from pydantic import AfterValidator, PlainValidator
from pydantic_core import PydanticCustomError

from shaoyin.domain.phrases import GAP

_BETWEEN = re.compile("[、,，;；\n]")
SHORTEST = 2
"""Signs of a phrase: a single one stands in half of all texts."""


def _words(cell: object) -> tuple[str, ...]:
    if not isinstance(cell, str):
        raise PydanticCustomError("not_phrases", "not_phrases")
    words = tuple(intern(each) for each in map(str.strip, _BETWEEN.split(cell)) if each)
    for number, word in enumerate(words):
        if word in words[:number]:
            raise PydanticCustomError("said_twice", "said_twice", {"said": word})
    if not words:
        raise PydanticCustomError("empty_text", "empty_text")
    return words


def in_form(words: tuple[str, ...]) -> tuple[str, ...]:
    """Raises where one says too little: a single sign, or nothing on one side of a gap."""
    for word in words:
        if len(word) < SHORTEST or not all(word.split(GAP)):
            raise PydanticCustomError("short_phrase", "short_phrase", {"said": word})
    return words


def each_in_form(words: list[str]) -> list[str]:
    in_form(tuple(words))
    return words


LooseWords = Annotated[tuple[str, ...], PlainValidator(_words)]
"""Also of one sign, such as 没."""
Phrases = Annotated[tuple[str, ...], PlainValidator(_words), AfterValidator(in_form)]
