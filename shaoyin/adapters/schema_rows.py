"""What an editor says above the cells of a rule, as the workbook does, and that a row which decides names who."""

from __future__ import annotations

from typing import Any

from shaoyin.adapters.pack_shapes import RuleRowShape, ThenCell, WhistleCell
from shaoyin.adapters.rule_words import columns, words
from shaoyin.adapters.schema_cells import Schema, sentence
from shaoyin.domain.rules import LAID_ASIDE

_ROW, _THEN, _WHISTLE = (each.__name__ for each in (RuleRowShape, ThenCell, WhistleCell))


def headed(name: str, schema: Schema) -> Schema:
    """The shape of that name, its cells with what they are called."""
    cells: Any = schema.get("properties", {})
    heads = _heads(name)
    named = {cell: {"description": heads[cell], **each} if cell in heads else each for cell, each in cells.items()}
    found = {**schema, "properties": named} if named else schema
    return {**found, **_who_decides()} if name == _ROW else found


def _heads(name: str) -> dict[str, str]:
    if name in (_ROW, _THEN):
        return {cell: f"{said['zh-CN']} / {said['en']}" for cell, said in columns().items()}
    if name == _WHISTLE:
        return {cell: said[0] for cell, said in words("whistle").by_code.items()}
    return {}


def _who_decides() -> Schema:
    """As `problems_of_rules` has it: who decides names a main handler, unless the matter is laid aside."""
    decides = ["decides", *words("effects").by_code["decides"]]
    aside = [each for mode in sorted(LAID_ASIDE) for each in (mode, *words("modes").by_code[mode])]
    laid: Schema = {"properties": {"mode": {"enum": aside}}, "required": ["mode"]}
    then = {"anyOf": [{"required": ["main"]}, laid], **sentence("main_missing")}
    return {
        "if": {"properties": {"effect": {"enum": decides}}, "required": ["effect"]},
        "then": {"properties": {"then": then}},
    }
