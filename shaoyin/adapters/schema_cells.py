"""What an editor may offer in a cell: names with what they are called, and words for codes as the loader takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shaoyin.adapters.pack_wording import SENTENCES
from shaoyin.adapters.rule_words import words

Schema = dict[str, Any]


def described(said: str) -> Schema:
    return {"description": said} if said else {}


def sentence(code: str) -> Schema:
    """As the description of a cell, what `check` would say about it."""
    return described(" / ".join(each.replace("{{", "{").replace("}}", "}") for each in SENTENCES[code]))


def consts(names: Mapping[str, str]) -> list[Schema]:
    return [{"const": name, **described(said)} for name, said in names.items()]


def one_of(names: Mapping[str, str]) -> Schema:
    return {"anyOf": consts(names)} if names else {"type": "string"}


def spoken(codes: Iterable[str], *kinds: str) -> Schema:
    """One of the codes, a word for it, or both with a space between."""
    by_code = {code: said for kind in kinds for code, said in words(kind).by_code.items()}
    found = {code: " / ".join(by_code.get(code, ())) for code in codes}
    said = {word: code for code in found for word in by_code.get(code, ())}
    both = [_both(code for code in found if code in by_code)] if said else []
    return {"anyOf": [*consts(found), *consts(said), *both]}


def cells_by(names: Mapping[str, Schema], kind: str) -> Schema:
    """Cells by name, each also by a word for its name."""
    by_code = words(kind).by_code
    spelt = {word: cell for code, cell in names.items() for word in (code, *by_code.get(code, ()))}
    both = {f"^{re.escape(code)} ": cell for code, cell in names.items() if code in by_code}
    return {"type": "object", "properties": spelt, "patternProperties": both, "additionalProperties": False}


def only_one(cells: Schema) -> Schema:
    return {**cells, "minProperties": 1, "maxProperties": 1}


def several(cell: Schema) -> Schema:
    return {"type": "array", "items": cell, "minItems": 1}


def _both(codes: Iterable[str]) -> Schema:
    return {"type": "string", "pattern": f"^({'|'.join(map(re.escape, codes))}) "}
