"""The whistles of a row as lines of words: `哨=partner_unit_whistle 层级=member 单位=partner_unit 任务=…`, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shaoyin.adapters.rule_conditions import YES_NO, NotSaid, value_text
from shaoyin.adapters.rule_words import words

TASK = "task"
"""What is to be done stands last and runs to the end of the line."""
_PAIR = re.compile(r'\s*(\S+?)\s*[=\uff1d]\s*("(?:[^"\\]|\\.)*"|\S+)')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def whistles_text(whistles: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(" ".join(_parts(whistle)) for whistle in whistles)


def _parts(whistle: Mapping[str, Any]) -> Iterator[str]:
    for name, value in whistle.items():
        if name != TASK:
            yield f"{_name(name)}={_shown(name, value)}"
    if TASK in whistle:
        task = str(whistle[TASK])
        plain = task == task.strip() and "\n" not in task and not task.startswith('"') and task
        yield f"{_name(TASK)}={task if plain else json.dumps(task, ensure_ascii=False)}"


def _name(code: str) -> str:
    said = words("whistle").by_code.get(code)
    return said[0] if said else code


def _shown(name: str, value: object) -> str:
    if isinstance(value, str) and (any(sign in value for sign in ' "=\uff1d') or value in YES_NO or value.isdecimal()):
        return json.dumps(value, ensure_ascii=False)
    return value_text(value)


def whistles_cell(text: str) -> list[dict[str, Any]]:
    return [_whistle(line) for line in text.splitlines() if line.strip()]


def _whistle(line: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    at = 0
    while line[at:].strip():
        pair = _PAIR.match(line, at)
        if pair is None:
            raise NotSaid("not_a_whistle", value=line[:40])
        name = words("whistle").code(pair[1])
        if name == TASK:
            rest = line[pair.start(2) :].strip()
            found[name] = json.loads(rest) if _QUOTED.fullmatch(rest) else rest
            break
        found[name] = _value(name, pair[2])
        at = pair.end()
    return found


def _value(name: str, text: str) -> object:
    if text.startswith('"'):
        return json.loads(text)
    if text in YES_NO:
        return YES_NO[text]
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    return words("tiers").code(text) if name == "tier" else text
