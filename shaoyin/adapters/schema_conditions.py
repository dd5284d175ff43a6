"""What an editor may offer under `when`: each fact, question and count with the values it can have."""

from __future__ import annotations

from typing import Any

from shaoyin.adapters.rule_codes import VALUES as VALUE_WORDS
from shaoyin.adapters.rule_codes import YES_NO as YES_NO_WORDS
from shaoyin.adapters.rule_words import words
from shaoyin.adapters.schema_cells import (
    Schema,
    cells_by,
    consts,
    described,
    one_of,
    only_one,
    sentence,
    several,
    spoken,
)
from shaoyin.adapters.schema_names import Known, told
from shaoyin.domain.conditions import IN_TEXT, NOT_KNOWN
from shaoyin.domain.facts import ALWAYS_KNOWN, FACTS, NUMBERS, VALUES, YES_NO

YES_NO_CELL, NUMBER_CELL, CATEGORY = "yes_no", "number", "category"
KNOWN = "known"
"""How a cell is called that cannot ask whether anything is known."""
FIRST = (CATEGORY, "management", "text")
"""Facts that are offered before the others."""


def when(known: Known) -> Schema:
    facts = {fact: _fact(fact) for fact in (*FIRST, *sorted(FACTS - set(FIRST)))}
    facts |= {name: _ref(_kind(row, name), told(row.asks)) for name, row in known.questions.items()}
    facts |= {name: _ref(NUMBER_CELL) for name in known.counts}
    return cells_by(facts, "facts")


def kinds(known: Known) -> dict[str, Schema]:
    """What may stand beside a name under `when`, by kind."""
    yes = {"anyOf": [{"type": "boolean"}, *consts({word: str(is_so).lower() for word, is_so in YES_NO_WORDS.items()})]}
    number: Schema = {"type": "integer"}
    found = {
        NOT_KNOWN: spoken([NOT_KNOWN], "unknown"),
        f"is_{CATEGORY}": _named(f"{CATEGORY}_or_all"),
        "is_text": _any_of(_test(**{IN_TEXT: several({"type": "string", "minLength": 1})})),
        f"{KNOWN}_{YES_NO_CELL}": _yes_no(yes),
        YES_NO_CELL: _yes_no(_or_unknown(yes)),
        f"{KNOWN}_{NUMBER_CELL}": _number(number),
        NUMBER_CELL: _number(_or_unknown(number)),
    }
    for name, value in _values(known).items():
        found |= {name: value if name in ALWAYS_KNOWN else _or_unknown(value), f"is_{name}": _named(name)}
    return found


def _or_unknown(one: Schema) -> Schema:
    return {"anyOf": [*one.get("anyOf", [one]), _ref(NOT_KNOWN)]}


def _yes_no(one: Schema) -> Schema:
    return _any_of(one, _test(is_not=one, one_of=one))


def _number(one: Schema) -> Schema:
    number: Schema = {"type": "integer"}
    return _any_of(one, _test(is_not=one, at_least=number, at_most=number))


def _values(known: Known) -> dict[str, Schema]:
    """By fact or question, where the values have names."""
    facts = {fact: spoken(sorted(values), *_worded(values)) for fact, values in VALUES.items()}
    asked = {name: row.choices for name, row in known.questions.items() if row.kind == "choice"}
    return facts | {name: one_of({code: told(said) for code, said in named.items()}) for name, named in asked.items()}


def _fact(fact: str) -> Schema:
    kind = YES_NO_CELL if fact in YES_NO else NUMBER_CELL if fact in NUMBERS else f"is_{fact}"
    if fact in ALWAYS_KNOWN & (YES_NO | NUMBERS):
        kind = f"{KNOWN}_{kind}"
    return _ref(kind, " / ".join(words("facts").by_code.get(fact, ())))


def _kind(question: Any, name: str) -> str:
    return f"is_{name}" if question.kind == "choice" else str(question.kind)


def _ref(kind: str, said: str = "") -> Schema:
    return {"$ref": f"#/$defs/{kind}", **described(said)}


def _worded(values: frozenset[str]) -> list[str]:
    """The kinds of words that may stand for such values."""
    return [kind for kind in VALUE_WORDS if values & words(kind).by_code.keys()]


def _named(value: str) -> Schema:
    one = _ref(value)
    some: Schema = {"anyOf": [one, several(one)]}
    return _any_of(one, several(one), _test(is_not=some, one_of=some))


def _test(**inner: Schema) -> Schema:
    return only_one(cells_by(inner, "ops"))


def _any_of(*each: Schema) -> Schema:
    return {"anyOf": list(each), **sentence("not_a_condition")}
