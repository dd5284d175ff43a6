"""JSON Schemas of the pages of a pack, made of the shapes and tables by which the loader itself judges them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from shaoyin.adapters.pack_names import OFFERED, SPOKEN
from shaoyin.adapters.pack_shapes import PAGES
from shaoyin.adapters.pack_wording import FORMS, SENTENCES
from shaoyin.adapters.schema_cells import Schema, described, one_of, sentence, spoken
from shaoyin.adapters.schema_conditions import kinds, when
from shaoyin.adapters.schema_names import Known
from shaoyin.adapters.schema_roles import role
from shaoyin.adapters.schema_rows import headed
from shaoyin.domain.conditions import ALL_OF

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OF_THE_CLASS = ("title", "description")
_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class _Strict(GenerateJsonSchema):
    """As strict as the loader: no empty cell for a cell that is left out, no name of another form."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        found = super().dict_schema(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        return {"type": "string", "pattern": _DAY, **sentence("not_a_date")}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """What a class says of itself is for those who read the code."""
        return {name: each for name, each in super().model_schema(schema).items() if name not in _OF_THE_CLASS}

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def schemas(known: Known) -> Mapping[str, Schema]:
    """By the name of the page."""
    return {page: schema_of(page, PAGES[page], known) for page in ("rules.yaml",)}


def schema_of(page: str, shape: type[BaseModel], known: Known) -> Schema:
    made = shape.model_json_schema(schema_generator=_Strict)
    own = {**made.pop("$defs", {}), **_definitions(known)}
    body = _filled(made)
    defs = {name: headed(name, _filled(schema)) for name, schema in own.items()}
    return {"$schema": DIALECT, "title": page, **body, "$defs": {name: defs[name] for name in _needed(body, defs)}}


def _definitions(known: Known) -> dict[str, Schema]:
    levels = dict.fromkeys((f"{code.partition('.')[0]}{ALL_OF}" for code in known.categories), "")
    return {
        "when": when(known),
        **kinds(known),
        "role": role(known),
        "category": one_of(known.categories),
        "category_or_all": one_of({**known.categories, **levels}),
        "whistle_type": one_of(known.whistle_types),
        "org_kind": one_of(known.org_kinds),
        "resource": one_of(known.resources),
    }


def _filled(schema: Any) -> Any:
    """With the names and words that are offered in the marked cells, and with what is said about each cell."""
    if isinstance(schema, list):
        return [_filled(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if OFFERED in schema:
        return {"$ref": f"#/$defs/{schema[OFFERED]}", **described(schema.get("description", ""))}
    if SPOKEN in schema:
        return spoken(_codes(schema), schema[SPOKEN])
    found: Schema = {name: _filled(each) for name, each in schema.items()}
    return {**found, **_said(found)}


def _codes(schema: Mapping[str, Any]) -> Iterator[str]:
    for each in schema.get("anyOf", (schema,)):
        yield from each.get("enum", ()) or (each["const"],)


def _said(schema: Mapping[str, Any]) -> Schema:
    """What stands in the loader's own words about a cell: in the sentences of `check`, or above a column."""
    code, pattern = schema.get("description"), schema.get("pattern")
    if code in SENTENCES:
        return sentence(str(code))
    if "description" not in schema and pattern in FORMS:
        return described(" / ".join(FORMS[str(pattern)]))
    return {}


def _needed(body: Schema, defs: Mapping[str, Schema]) -> list[str]:
    """The definitions that are used, in the order of their names."""
    found: set[str] = set()
    new = _named_in(body)
    while new:
        found |= new
        new = {name for each in new for name in _named_in(defs[each])} - found
    return sorted(found)


def _named_in(schema: Any) -> set[str]:
    match schema:
        case dict(cells):
            inner = {name for each in cells.values() for name in _named_in(each)}
            ref = cells.get("$ref")
            return inner | ({ref.removeprefix("#/$defs/")} if isinstance(ref, str) else set())
        case list(each):
            return {name for one in each for name in _named_in(one)}
        case _:
            return set()
