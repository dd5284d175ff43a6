"""Writes the contract for other programs, from the types alone: JSON Schemas, and AsyncAPI for the topics.

`python -m shaoyin.contracts.generate` writes `schemas/`; with `--check` it names the files that differ and exits 1.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core.core_schema import DataclassArgsSchema
from ruamel.yaml import YAML

from shaoyin.contracts import asyncapi
from shaoyin.contracts.codec import REGISTRATION_TYPES, TYPES, adapter, staying
from shaoyin.contracts.messages import SPOKEN, Spoken

Object = dict[str, object]
SCHEMAS = Path(__file__).with_name("schemas")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOTES = {kind.__name__: staying(kind) for kind in (*TYPES.values(), *REGISTRATION_TYPES.values())}


class _Travelling(GenerateJsonSchema):
    """Without the fields that stay with the case, and without titles that only repeat a field's name."""

    def dataclass_args_schema(self, schema: DataclassArgsSchema) -> Object:
        home = _NOTES.get(schema["dataclass_name"], frozenset())
        told = schema.copy()
        told["fields"] = [each for each in schema["fields"] if each["name"] not in home]
        return super().dataclass_args_schema(told)

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def schema_of(spoken: Spoken) -> Object:
    """What a reader accepts: a field with a default may be missing, an unknown field is no error."""
    mode: JsonSchemaMode = "validation"
    kinds = (spoken.holds,) if spoken.header is None else (spoken.header, spoken.holds)
    asked = [(kind.__name__, mode, adapter(kind)) for kind in kinds]
    named, found = TypeAdapter.json_schemas(asked, schema_generator=_Travelling)
    refs = {name: ref for (name, _), ref in named.items()}
    body: Object = refs[spoken.holds.__name__]
    if spoken.header is not None:
        parts = {"header": refs[spoken.header.__name__], "data": body}
        body = {"type": "object", "properties": parts, "required": list(parts)}
    return {
        "$schema": DIALECT,
        "$id": f"urn:shaoyin:{spoken.name}",
        "title": spoken.ce_type,
        "description": f"The value of a message on {spoken.topic.name} whose header ce_type is {spoken.ce_type}.",
        **body,
        "$defs": found["$defs"],
    }


@cache
def files() -> Mapping[str, str]:
    """Name and text of every generated file; the same types give the same bytes."""
    made = {f"{spoken.name}.json": _json(schema_of(spoken)) for spoken in SPOKEN}
    return made | {"asyncapi.yaml": _yaml(asyncapi.document())}


def _json(value: Object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _yaml(value: Object) -> str:
    yaml = YAML()
    yaml.width = 120
    yaml.representer.ignore_aliases = lambda _: True
    text = io.StringIO()
    yaml.dump(value, text)
    return text.getvalue()


def differing(folder: Path) -> list[str]:
    """Names of files that are missing, differ, or describe what nobody says any more."""
    wanted = files()
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.*") if path.is_file()}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wanted = files()
    for name in differing(folder):
        if name in wanted:
            (folder / name).write_text(wanted[name], "utf-8")
        else:
            (folder / name).unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m shaoyin.contracts.generate", description=__doc__)
    asked.add_argument("--check", action="store_true", help="write nothing; exit 1 and name the files that differ")
    asked.add_argument("--folder", type=Path, default=SCHEMAS, help="where they lie; default: beside this file")
    given = asked.parse_args(arguments)
    if not given.check:
        write(given.folder)
        return 0
    names = differing(given.folder)
    sys.stdout.writelines(f"{given.folder / name}: not what the types say; run without --check\n" for name in names)
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
