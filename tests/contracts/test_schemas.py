"""The published contract is what the code does: schemas, AsyncAPI, and examples that must parse for ever."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from ruamel.yaml import YAML

from shaoyin.contracts import generate
from shaoyin.contracts.codec import TYPES, staying
from shaoyin.contracts.deliveries import read_delivery
from shaoyin.contracts.envelope import Carried, header_json, read_news, read_replay, read_report, write_news
from shaoyin.contracts.generate import SCHEMAS
from shaoyin.contracts.members import read_member_news
from shaoyin.contracts.messages import SPOKEN, Spoken
from shaoyin.contracts.packs import read_pack
from shaoyin.contracts.topics import CASES, DELIVERIES, MEMBERS, PACKS, REPLAYS, REPORTS, TOPICS
from shaoyin.domain.events import EVENTS, Event
from shaoyin.domain.header import Header
from tests.contracts.examples import FOLDER, add_missing
from tests.contracts.given import any_of

EXAMPLES = sorted(FOLDER.glob("*.json"))
READERS: Mapping[str, Callable[[Carried], object]] = {
    CASES.name: read_news,
    REPORTS.name: read_report,
    DELIVERIES.name: read_delivery,
    REPLAYS.name: read_replay,
    MEMBERS.name: read_member_news,
    PACKS.name: read_pack,
}
HEADERS = any_of(Header)
formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def _is_an_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@dataclass(frozen=True)
class Example:
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def example(path: Path) -> Example:
    whole = json.loads(path.read_text("utf-8"))
    headers = tuple((name, value.encode()) for name, value in whole["headers"].items())
    return Example(whole["key"].encode(), json.dumps(whole["value"], ensure_ascii=False).encode(), headers)


def spoken(ce_type: str) -> Spoken:
    return next(each for each in SPOKEN if each.ce_type == ce_type)


@cache
def schema(ce_type: str) -> Draft202012Validator:
    return Draft202012Validator(
        json.loads((SCHEMAS / f"{spoken(ce_type).name}.json").read_text("utf-8")), format_checker=formats
    )


def test_the_generated_files_are_up_to_date() -> None:
    assert generate.differing(SCHEMAS) == [], "run python -m shaoyin.contracts.generate"


def test_the_check_names_files_that_differ_are_missing_or_left_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--folder", str(tmp_path)]
    assert generate.main(folder) == 0
    (tmp_path / "case.signed.v1.json").write_text("{}")
    (tmp_path / "case.started.v1.json").unlink()
    (tmp_path / "case.forgotten.v1.json").write_text("{}")

    assert generate.main(["--check", *folder]) == 1

    named = [Path(line.split(": ")[0]).name for line in capsys.readouterr().out.splitlines()]
    assert named == ["case.forgotten.v1.json", "case.signed.v1.json", "case.started.v1.json"]
    assert generate.main(folder) == 0
    assert generate.main(["--check", *folder]) == 0


def test_every_event_type_has_a_schema_and_an_example() -> None:
    wanted = {f"{each.name}.json" for each in SPOKEN}

    assert {each.type for each in EVENTS} <= {each.ce_type for each in SPOKEN}
    assert wanted <= {path.name for path in SCHEMAS.glob("*.json")}
    assert wanted <= {path.name for path in EXAMPLES}, "run python -m tests.contracts.examples"


@pytest.mark.parametrize("each", SPOKEN, ids=lambda each: each.ce_type)
def test_every_schema_is_a_valid_schema(each: Spoken) -> None:
    Draft202012Validator.check_schema(schema(each.ce_type).schema)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_fits_its_schema(path: Path) -> None:
    found = json.loads(path.read_text("utf-8"))

    schema(found["headers"]["ce_type"]).validate(found["value"])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_read_for_ever(path: Path) -> None:
    message = example(path)
    ce_type = dict(message.headers)["ce_type"].decode()

    read = READERS[spoken(ce_type).topic.name](message)

    assert read is not None
    assert message.key.decode()


def test_adding_examples_never_rewrites_one(tmp_path: Path) -> None:
    kept = tmp_path / "case.signed.v1.json"
    kept.write_text("as it was", "utf-8")

    added = add_missing(tmp_path)

    assert len(added) == len(SPOKEN) - 1
    assert kept.read_text("utf-8") == "as it was"
    assert add_missing(tmp_path) == []


def test_no_example_holds_a_telephone_number() -> None:
    mobile = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")

    assert [path.name for path in EXAMPLES if mobile.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_whatever_is_written_fits_the_schema(kind: type[Event], data: st.DataObject) -> None:
    written = write_news("c5f3a", 4, data.draw(any_of(kind)), header_json(data.draw(HEADERS)))

    schema(kind.type).validate(json.loads(written.value))


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    signed = json.loads((FOLDER / "case.signed.v1.json").read_text("utf-8"))["value"]

    for wrong in ({"at": "2026-03-09T09:30:00"}, {"at": None}, {"replies": "none"}):
        with pytest.raises(ValidationError):
            schema("case.signed").validate(signed | {"data": signed["data"] | wrong})
    schema("case.signed").validate(signed | {"data": signed["data"] | {"colour": "of the future"}})


@pytest.mark.parametrize("kind", [kind for kind in EVENTS if staying(kind)], ids=lambda kind: kind.type)
def test_notes_are_no_part_of_the_contract(kind: type[Event]) -> None:
    defs = generate.schema_of(spoken(kind.type))["$defs"]
    assert isinstance(defs, dict)

    assert staying(kind).isdisjoint(defs[kind.__name__]["properties"])
    assert staying(kind).isdisjoint(defs[kind.__name__]["required"])
    assert "RowSeen" not in defs


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((SCHEMAS / "asyncapi.yaml").read_text("utf-8"))
    return found


def test_asyncapi_has_every_topic_with_key_and_retention(asyncapi: dict[str, Any]) -> None:
    channels = {channel["address"]: channel for channel in asyncapi["channels"].values()}

    assert channels.keys() == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        kept = channels[topic.name]["bindings"]["kafka"]["topicConfiguration"]["retention.ms"]
        policy = channels[topic.name]["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"]
        assert policy == ["compact" if topic.compacted else "delete"]
        assert kept == (-1 if topic.kept is None else topic.kept.total_seconds() * 1000)
        for name in channels[topic.name]["messages"]:
            key = asyncapi["components"]["messages"][name]["bindings"]["kafka"]["key"]
            assert key["description"] == topic.key


def test_asyncapi_says_who_writes_and_who_reads(asyncapi: dict[str, Any]) -> None:
    said = {
        (name.split("-")[0], each["action"], each["channel"]["$ref"]) for name, each in asyncapi["operations"].items()
    }
    channel = {topic: f"#/channels/{topic.name.split('.')[1]}" for topic in TOPICS}

    assert said == {(name, "send", channel[topic]) for topic in TOPICS for name in topic.writers} | {
        (name, "receive", channel[topic]) for topic in TOPICS for name in topic.readers
    }


def test_every_reference_in_asyncapi_leads_somewhere(asyncapi: dict[str, Any]) -> None:
    for ref in re.findall(r"\$ref: '?([^'\n]+)", (SCHEMAS / "asyncapi.yaml").read_text("utf-8")):
        if ref.startswith("#"):
            found: Any = asyncapi
            for part in ref.removeprefix("#/").split("/"):
                found = found[part]
        else:
            assert (SCHEMAS / ref).is_file(), ref


def test_the_headers_of_every_example_are_those_of_asyncapi(asyncapi: dict[str, Any]) -> None:
    common = Draft202012Validator(
        asyncapi["components"]["messageTraits"]["cloudEvent"]["headers"], format_checker=formats
    )
    for path in EXAMPLES:
        headers = json.loads(path.read_text("utf-8"))["headers"]
        common.validate(headers)
        name = spoken(headers["ce_type"]).name
        Draft202012Validator(asyncapi["components"]["messages"][name]["headers"]).validate(headers)


def test_no_two_events_share_a_type() -> None:
    assert {each.ce_type for each in SPOKEN if each.header is Header} == TYPES.keys()
    assert len(TYPES) == len(EVENTS)
