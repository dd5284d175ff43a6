"""News read straight from its bytes is the same news as read the long way, and no trick gets a note past it."""

import json
from dataclasses import MISSING, fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import to_jsonable_python

from shaoyin.contracts.as_written import Headers, read_as_written
from shaoyin.contracts.codec import staying
from shaoyin.contracts.envelope import CaseNews, Written, header_json, read_news, write_news
from shaoyin.domain.events import EVENTS, CaseSigned, Event
from shaoyin.domain.header import Header
from tests.contracts.changed import with_headers
from tests.contracts.examples import AT, invented
from tests.contracts.given import any_of

HEADER = header_json(invented(Header))
NOTED = [kind for kind in EVENTS if staying(kind)]


def the_long_way(written: Written) -> CaseNews:
    """Blanks around it are as good JSON, and not what the router writes."""
    return read_news(replace(written, value=b" " + written.value))


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_every_kind_is_read_at_once_and_the_same(kind: type[Event], data: st.DataObject) -> None:
    written = write_news("c5f3a", 4, data.draw(any_of(kind)), header_json(data.draw(any_of(Header))))

    at_once = read_as_written(kind, written.value, {})

    long = the_long_way(written)
    assert at_once is None or at_once == (long.header, long.event)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
def test_no_kind_needs_the_long_way(kind: type[Event]) -> None:
    assert read_as_written(kind, write_news("c5f3a", 4, invented(kind), HEADER).value, {}) is not None


def compact(written: Written, data: str) -> Written:
    return replace(written, value=b'{"header":' + HEADER + b',"data":' + data.encode() + b"}")


@pytest.mark.parametrize("spelt", ["plain", "escaped", "spaced", "twice"])
@pytest.mark.parametrize("kind", NOTED, ids=lambda kind: kind.type)
def test_a_note_that_is_written_just_so_is_not_believed_either(kind: type[Event], spelt: str) -> None:
    event = invented(kind)
    written = write_news("c5f3a", 4, event, HEADER)
    data = json.loads(written.value)["data"]
    for each in sorted(staying(kind)):
        said = json.dumps({each: to_jsonable_python(getattr(event, each))}, separators=(",", ":"))[1:-1]
        said = {
            "plain": said,
            "escaped": said.replace(f'"{each}"', f'"\\u{ord(each[0]):04x}{each[1:]}"', 1),
            "spaced": said.replace('":', '" :', 1),
            "twice": f"{said},{said}",
        }[spelt]
        slipped_in = json.dumps(data, separators=(",", ":"))[:-1] + f",{said}" + "}"

        assert read_news(compact(written, slipped_in)).event == read_news(written).event


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
def test_what_a_newer_writer_adds_and_an_older_one_left_out_makes_no_difference(kind: type[Event]) -> None:
    data = json.loads(write_news("c5f3a", 4, invented(kind), HEADER).value)["data"]
    needed = {each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING}
    older = {name: value for name, value in data.items() if name in needed} | {"colour": "of the future"}
    written = compact(with_headers(SIGNED, ce_type=kind.type.encode()), json.dumps(older, separators=(",", ":")))

    assert read_news(written) == the_long_way(written)


SIGNED = write_news("c5f3a", 4, CaseSigned(at=AT), HEADER)
WHOLE = {"header": json.loads(HEADER), "data": {"at": "2026-03-09T01:30:00Z"}}


@pytest.mark.parametrize(
    "body",
    [
        {"data": WHOLE["data"], "header": WHOLE["header"]},
        {"header": WHOLE["header"] | {"inner": {"x": 1, "data": 2}}, "data": WHOLE["data"]},
        {"header": WHOLE["header"] | {"area": 'a,"data":{}'}, "data": WHOLE["data"]},
        {"header": WHOLE["header"], "colour": 1, "data": WHOLE["data"]},
        {"header": WHOLE["header"], "data": WHOLE["data"], "colour": {"data": {}}},
    ],
    ids=["the other way round", "data in the header", "a text that looks like it", "between", "behind"],
)
def test_the_pieces_are_never_taken_for_others(body: object) -> None:
    written = replace(SIGNED, value=json.dumps(body, separators=(",", ":")).encode())

    assert read_news(written) == the_long_way(written)
    assert read_news(written).event == CaseSigned(at=AT)


def test_a_decisions_header_is_read_once() -> None:
    headers: Headers = {}

    news = [read_news(write_news("c5f3a", seq, CaseSigned(at=AT), HEADER), headers) for seq in (4, 5)]

    assert news[0].header is news[1].header
    assert list(headers) == [HEADER]
