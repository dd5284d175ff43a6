"""A routing table of a hundred rows in the shape of the specification's, what it is asked, and the same for zen.

Rows on words in the text, on answers and counts, of one category and of several, on the place, and the last row.
"""

from __future__ import annotations

import json
from itertools import cycle
from random import Random

import zen

from shaoyin.domain.conditions import Condition, Fact, Wanted
from shaoyin.domain.rule_table import RuleTable
from shaoyin.domain.rules import Group, RuleRow, Then

PREFIXES = ("WAT", "LIG", "ROA", "SAN", "PRO", "GRE", "ORD", "HAZ")
CATEGORIES = tuple(f"{prefix}.{number}" for prefix in PREFIXES for number in range(13))
MANAGEMENT = ("property_company", "self_managed", "unit_managed", "community_trustee", "none")
QUESTIONS = ("inside_flat", "public_main", "somebody_hurt", "at_night", "shared_wall")
WORDS = ("着火", "冒烟", "漏气", "坍塌", "触电", "被困")
ROLES = ("community", "property", "street_centre", "owners_committee", "grid_lead")
OWN_ROWS = 44
SAID = ("下水道堵了没法用水", "楼道的灯不亮", "路面有个坑", "垃圾没有人收", "树枝挂着要掉下来")


def hundred_rows() -> RuleTable:
    rng, numbers, roles = Random(7), iter(range(1, 101)), cycle(ROLES)

    def row(group: Group, *when: Condition) -> RuleRow:
        adds = group in ("mask", "emergency")
        return RuleRow(next(numbers), group, "adds" if adds else "decides", when, Then(main=next(roles)), "bench")

    emergencies = [row("emergency", _asks("text", WORDS[n : n + 3])) for n in (0, 3)]
    emergencies += [row("emergency", _asks(question, True), _asks("urgency", "urgent")) for question in QUESTIONS]
    masks = [row("mask", _asks("category", tuple(rng.sample(CATEGORIES, 5)))) for _ in range(3)]
    places = [row("whose", _asks("management", mode), _not("inside_flat", True)) for mode in MANAGEMENT]
    exact = [
        row("category", _asks("category", category), _asks("management", mode), _not(rng.choice(QUESTIONS), True))
        for category in CATEGORIES[:OWN_ROWS // 2]
        for mode in rng.sample(MANAGEMENT, 2)
    ]  # fmt: skip
    counted = [
        row("category", _asks("category", category), Condition("similar", "at_least", rng.randint(2, 4)))
        for category in CATEGORIES[30:50]
    ]
    some = [row("category", _asks("category", tuple(CATEGORIES[n : n + 3]))) for n in range(50, 104, 3)]
    left = 99 - len(emergencies) - len(masks) - len(places) - len(exact) - len(counted) - len(some)
    answered = [
        row("category", _asks("category", rng.choice(CATEGORIES)), _asks(rng.choice(QUESTIONS), True))
        for _ in range(left)
    ]
    return RuleTable((*masks, *emergencies, *places, *exact, *counted, *answered, *some, row("fallback")))


def _asks(fact: str, wanted: Wanted) -> Condition:
    if fact == "text":
        return Condition(fact, "contains_any", wanted)
    return Condition(fact, "one_of" if isinstance(wanted, tuple) else "is", wanted)


def _not(fact: str, wanted: Wanted) -> Condition:
    return Condition(fact, "is_not", wanted)


def matters(many: int) -> list[dict[str, Fact]]:
    """No two with the same text; answers are often missing, as they are from people in a hurry."""
    rng = Random(11)
    return [
        {
            "category": rng.choice(CATEGORIES), "management": rng.choice((*MANAGEMENT, None)), "urgency": "normal",
            "area_kind": "building", "similar": rng.choice((0, 0, 0, 1, 2, 3)),
            "text": f"{number}号楼{rng.choice(SAID)}{rng.choice(('', '', '', rng.choice(WORDS)))}",
            **{each: rng.choice((True, False)) for each in QUESTIONS if rng.random() < 0.4},
        }
        for number in range(many)
    ]  # fmt: skip


def for_zen(table: RuleTable) -> zen.ZenDecision:
    """The same rows, the first that matches; zen stops there and keeps no trace."""
    fields = ("category", "management", "urgency", "similar", "text", *QUESTIONS)
    rules = [
        {
            "_id": str(row.row), "main": f'"{row.then.main}"', "row": str(row.row),
            **dict.fromkeys(fields, ""), **{each.fact: _said(each) for each in row.when},
        }
        for row in table.rows
    ]  # fmt: skip
    content = {
        "hitPolicy": "first", "rules": rules, "inputs": [_column(each) for each in fields],
        "outputs": [_column("main"), _column("row")],
    }  # fmt: skip
    nodes: list[dict[str, object]] = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": content},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    ends = (("in", "table"), ("table", "out"))
    edges = [{"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in ends]
    return zen.ZenEngine().create_decision(json.dumps({"nodes": [_placed(each) for each in nodes], "edges": edges}))


def _column(name: str) -> dict[str, str]:
    return {"id": name, "name": name, "field": name}


def _placed(node: dict[str, object]) -> dict[str, object]:
    return {**node, "position": {"x": 0, "y": 0}}


def _said(condition: Condition) -> str:
    wanted = condition.wanted
    match condition.op, wanted:
        case "contains_any", tuple():
            return " or ".join(f'contains($, "{word}")' for word in wanted)
        case "one_of", tuple():
            return ", ".join(json.dumps(each) for each in wanted)
        case "at_least", _:
            return f">= {wanted}"
        case "is_not", _:
            return f"$ != {json.dumps(wanted)}"
        case _:
            return json.dumps(wanted)
