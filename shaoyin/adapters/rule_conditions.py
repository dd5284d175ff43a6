"""A condition of a rule as one line of words: `不是 是`, `至少 3`, `含有 狗、犬`, and back without loss."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from shaoyin.adapters.rule_words import Words, words
from shaoyin.domain.conditions import NOT_KNOWN

_ITEM = re.compile(r'"(?:[^"\\]|\\.)*"|[^、,\uff0c\n]+')
_PLAIN = re.compile(r"[^\s\"、,\uff0c{}\[\]][^\"、,\uff0c\n{}\[\]]*")
_INT = re.compile(r"-?[0-9]{1,18}")
YES_NO: Mapping[str, bool] = {"是": True, "否": False, "true": True, "false": False}
NO_WORDS = Words({})


class NotSaid(ValueError):  # noqa: N818 - the cell says nothing that could be understood
    """A cell that means nothing; `code` names the sentence about it."""

    def __init__(self, code: str, **told: str) -> None:
        super().__init__(code)
        self.code = code
        self.told = told


def condition_text(cell: Any, known: Words = NO_WORDS, between: str = "、") -> str:
    """What stands under `when` as words: a value, several, or an operator before them."""
    match cell:
        case dict() if len(cell) == 1 and (op := next(iter(cell))) in words("ops").by_code:
            inner = cell[op]
            if isinstance(inner, list) and len(inner) == 1 and op != "contains_any":
                return f"{_op(op)} {_op('one_of')} {_values(inner, known, between)}"
            return f"{_op(op)} {_values(inner, known, between)}"
        case [_]:
            return f"{_op('one_of')} {_values(cell, known, between)}"
        case [_, *_] | str() | bool() | int():
            return _values(cell, known, between)
        case _:
            raise NotSaid("not_a_condition")


def condition_cell(text: str, known: Words = NO_WORDS) -> Any:
    """The cell that a line of words means."""
    op, rest = _operator(text.strip())
    if op is None:
        found = _parsed(rest, known)
        return found[0] if len(found) == 1 else found
    if op == "one_of":
        return _parsed(rest, known)
    listed, rest = _operator(rest)
    found = _parsed(rest, known)
    alone = len(found) == 1 and listed is None and op != "contains_any"
    return {op: found[0] if alone else found}


def _op(code: str) -> str:
    return words("ops").by_code[code][0]


def _operator(text: str) -> tuple[str | None, str]:
    for code, said in words("ops").by_code.items():
        for word in (code, *said):
            if text.startswith(word) and text[len(word) : len(word) + 1] in (" ", "\n", ":", "\uff1a"):
                return code, text[len(word) + 1 :].strip()
    return None, text


def _values(cell: object, known: Words, between: str) -> str:
    return between.join(value_text(each, known) for each in (cell if isinstance(cell, list) else [cell]))


def value_text(value: object, known: Words = NO_WORDS) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise NotSaid("not_a_condition")
    if value == NOT_KNOWN:
        return words("unknown").by_code[value][0]
    shown = known.shown(value)
    plain = _PLAIN.fullmatch(shown) and _operator(f"{shown} ")[0] is None and value_of(shown, known) == value
    return shown if plain else json.dumps(value, ensure_ascii=False)


def value_of(text: str, known: Words = NO_WORDS) -> str | int | bool:
    text = text.strip()
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError as error:
            raise NotSaid("not_a_condition") from error
    if text in YES_NO:
        return YES_NO[text]
    if words("unknown").code(text) == NOT_KNOWN:
        return NOT_KNOWN
    return int(text) if _INT.fullmatch(text) else known.code(text) if known is not NO_WORDS else text


def _parsed(text: str, known: Words) -> Sequence[str | int | bool]:
    found = [value_of(each, known) for each in _ITEM.findall(text) if each.strip()]
    if not found:
        raise NotSaid("not_a_condition")
    return found
