"""Writes the contract for other programs, from the types alone: JSON Schemas, and AsyncAPI for the topics.

`python -m shaoyin.contracts.generate` writes `schemas/`; with `--check` it names the files that differ and exits 1.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core.core_schema import DataclassArgsSchema
from ruamel.yaml import YAML

from shaoyin.contracts.codec import TYPES, adapter, staying
from shaoyin.contracts.deliveries import TRIED, DeliveryTried
from shaoyin.contracts.envelope import JSON, REPLAY, REPORT, REQUEST, ReplayAsked
from shaoyin.contracts.topics import CASES, DELIVERIES, REPLAYS, REPORTS, TOPICS, Topic
from shaoyin.domain.header import Header
from shaoyin.domain.report import Report, Request

Object = dict[str, object]
SCHEMAS = Path(__file__).with_name("schemas")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
BINDING = "0.5.0"
"""The version of AsyncAPI's Kafka bindings."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One type of message: its CloudEvents type, its topic, what it holds, and how its id is made."""

    type: str
    topic: Topic
    kind: type[object]
    ident: str
    headed: bool = False
    """True: the value is `{header, data}`, as for every event of a case."""

    @property
    def name(self) -> str:
        """The version is the topic's: what an old reader could not read needs a new topic."""
        return f"{self.type}.{self.topic.name.rpartition('.')[2]}"


SPOKEN = (
    *(Spoken(name, CASES, kind, "<case id>:<number>", headed=True) for name, kind in TYPES.items()),
    Spoken(REPORT, REPORTS, Report, "<report id>"),
    Spoken(REQUEST, REPORTS, Request, "<request id>"),
    Spoken(TRIED, DELIVERIES, DeliveryTried, "<alert id>:<channel>:<try>"),
    Spoken(REPLAY, REPLAYS, ReplayAsked, "<reader>:<since>"),
)
_NOTES = {kind.__name__: staying(kind) for kind in TYPES.values()}


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
    kinds = (Header, spoken.kind) if spoken.headed else (spoken.kind,)
    asked = [(kind.__name__, mode, adapter(kind)) for kind in kinds]
    named, found = TypeAdapter.json_schemas(asked, schema_generator=_Travelling)
    refs = {name: ref for (name, _), ref in named.items()}
    body: Object = refs[spoken.kind.__name__]
    if spoken.headed:
        parts = {"header": refs[Header.__name__], "data": body}
        body = {"type": "object", "properties": parts, "required": list(parts)}
    return {
        "$schema": DIALECT,
        "$id": f"urn:shaoyin:{spoken.name}",
        "title": spoken.type,
        "description": f"The value of a message on {spoken.topic.name} whose header ce_type is {spoken.type}.",
        **body,
        "$defs": found["$defs"],
    }


def asyncapi() -> Object:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Shaoyin (哨音)",
            "version": "1.0.0",
            "description": "Every topic, who writes and who reads it. CloudEvents 1.0 in Kafka's binary mode: "
            "the headers say what a message is, the value is its JSON. What cannot be read goes to `<topic>.dlq`.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": JSON.decode(),
        "channels": {_channel_name(topic): _channel(topic) for topic in TOPICS},
        "operations": {name: operation for topic in TOPICS for name, operation in _operations(topic)},
        "components": {
            "messageTraits": {"cloudEvent": {"headers": _headers()}},
            "messages": {spoken.name: _message(spoken) for spoken in SPOKEN},
        },
    }


def _channel_name(topic: Topic) -> str:
    return topic.name.split(".")[1]


def _channel(topic: Topic) -> Object:
    told = {spoken.name: {"$ref": f"#/components/messages/{spoken.name}"} for spoken in _on(topic)}
    kept = {"cleanup.policy": ["delete"], "retention.ms": _milliseconds(topic.kept)}
    return {
        "address": topic.name,
        "description": f"Holds {topic.holds}.",
        "messages": told,
        "bindings": {"kafka": {"topic": topic.name, "topicConfiguration": kept, "bindingVersion": BINDING}},
        "x-dead-letters": topic.dead_letters,
    }


def _milliseconds(kept: timedelta | None) -> int:
    """-1 is Kafka's word for ever."""
    return -1 if kept is None else kept // timedelta(milliseconds=1)


def _on(topic: Topic) -> Iterator[Spoken]:
    return (spoken for spoken in SPOKEN if spoken.topic == topic)


def _operations(topic: Topic) -> Iterator[tuple[str, Object]]:
    channel = {"$ref": f"#/channels/{_channel_name(topic)}"}
    for service in topic.writers:
        yield f"{service}-writes-{_channel_name(topic)}", {"action": "send", "channel": channel}
    for service in topic.readers:
        yield f"{service}-reads-{_channel_name(topic)}", {"action": "receive", "channel": channel}


def _headers() -> Object:
    """Of every message; source: CloudEvents 1.0.2, Kafka protocol binding 3.2.3."""
    text = {"type": "string", "minLength": 1}
    properties: Object = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": text | {"description": "A repeat has the same id."},
        "ce_source": text | {"format": "uri-reference"},
        "ce_type": text,
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_subject": text,
        "content-type": {"const": JSON.decode()},
    }
    required = ["ce_specversion", "ce_id", "ce_source", "ce_type"]
    return {"type": "object", "properties": properties, "required": required}


def _message(spoken: Spoken) -> Object:
    ident = {"type": "string", "description": spoken.ident}
    key = {"type": "string", "description": spoken.topic.key}
    payload = {"schemaFormat": "application/schema+json;version=2020-12", "schema": {"$ref": f"./{spoken.name}.json"}}
    return {
        "name": spoken.type,
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "headers": {"type": "object", "properties": {"ce_type": {"const": spoken.type}, "ce_id": ident}},
        "payload": payload,
        "bindings": {"kafka": {"key": key, "bindingVersion": BINDING}},
    }


def files() -> Mapping[str, str]:
    """Name and text of every generated file; the same types give the same bytes."""
    made = {f"{spoken.name}.json": _json(schema_of(spoken)) for spoken in SPOKEN}
    return made | {"asyncapi.yaml": _yaml(asyncapi())}


def _json(value: Object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _yaml(value: Object) -> str:
    yaml = YAML()
    yaml.width = 120
    yaml.representer.ignore_aliases = lambda _: True
    text = io.StringIO()
    yaml.dump(value, text)
    return text.getvalue()


def differing(folder: Path = SCHEMAS) -> list[str]:
    """Names of files that are missing, differ, or describe what nobody says any more."""
    wanted = files()
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.*") if path.is_file()}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def write(folder: Path = SCHEMAS) -> None:
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
    if not asked.parse_args(arguments).check:
        write()
        return 0
    names = differing()
    sys.stdout.writelines(f"{SCHEMAS / name}: not what the types say; run without --check\n" for name in names)
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
