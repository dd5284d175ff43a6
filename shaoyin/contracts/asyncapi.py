"""The topics as an AsyncAPI 3.0 document: addresses, keys, retention, headers, and the schema of each message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from shaoyin.contracts.envelope import JSON
from shaoyin.contracts.messages import SPOKEN, Spoken
from shaoyin.contracts.topics import TOPICS, Topic

Object = dict[str, object]
BINDING = "0.5.0"
"""The version of AsyncAPI's Kafka bindings."""


def document() -> Object:
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
    policy = "compact" if topic.compacted else "delete"
    kept = {"cleanup.policy": [policy], "retention.ms": _milliseconds(topic.kept)}
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
        "name": spoken.ce_type,
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "headers": {"type": "object", "properties": {"ce_type": {"const": spoken.ce_type}, "ce_id": ident}},
        "payload": payload,
        "bindings": {"kafka": {"key": key, "bindingVersion": BINDING}},
    }
