"""What cannot be read is refused with a reason that a person can act on; none of it says what was in the message."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from shaoyin.contracts.deliveries import DeliveryTried, read_delivery, write_delivery
from shaoyin.contracts.envelope import (
    Carried,
    ReplayAsked,
    Unreadable,
    Written,
    header_json,
    read_news,
    read_replay,
    read_report,
    write_news,
    write_replay,
    write_report,
    write_request,
)
from shaoyin.domain.events import CaseContacted, CaseSigned, ReworkOrdered
from shaoyin.domain.header import Header
from shaoyin.domain.report import Report, Request
from tests.contracts.changed import with_data, with_headers
from tests.contracts.examples import AT, invented

READERS: list[Callable[[Carried], object]] = [read_news, read_report, read_replay]
HEADER = header_json(invented(Header))
SIGNED = write_news("c5f3a", 4, CaseSigned(at=AT), HEADER)


def reason(read: Callable[[Carried], object], message: Written) -> str:
    with pytest.raises(Unreadable) as refused:
        read(message)
    return refused.value.reason


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@pytest.mark.parametrize("header", ["ce_id", "ce_type", "ce_specversion"])
def test_a_message_without_a_header_is_refused(read: Callable[[Carried], object], header: str) -> None:
    assert reason(read, with_headers(SIGNED, **{header: None})) == "header_missing"


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@pytest.mark.parametrize(
    ("headers", "because"),
    [
        ({"ce_specversion": b"0.3"}, "unknown_specversion"),
        ({"ce_id": b"\xff\xfe:4"}, "bad_header"),
        ({"x-other": b"\x80"}, "bad_header"),
        ({"ce_type": b"case.exploded"}, "unknown_type"),
        ({"ce_type": b""}, "unknown_type"),
    ],
)
def test_a_message_with_a_wrong_header_is_refused(
    read: Callable[[Carried], object], headers: dict[str, bytes], because: str
) -> None:
    assert reason(read, with_headers(SIGNED, **headers)) == because


def test_a_message_of_another_topic_is_refused() -> None:
    report = write_report(invented(Report))

    assert reason(read_news, report) == reason(read_replay, report) == "unknown_type"
    assert reason(read_report, SIGNED) == reason(read_delivery, SIGNED) == "unknown_type"


@pytest.mark.parametrize(
    "ident", ["c5f3a", "c5f3a:", ":4", "c5f3a:four", "c5f3a:0", "c5f3a:-4", "c5f3a:²", "c:" + "9" * 5000]
)
def test_an_event_whose_id_does_not_end_in_its_number_is_refused(ident: str) -> None:
    assert reason(read_news, with_headers(SIGNED, ce_id=ident.encode())) == "bad_id"


@pytest.mark.parametrize(
    ("value", "because"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"header": "\xff"}', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
    ],
    ids=["empty", "cut off", "not UTF-8", "too deep", "a list", "nothing"],
)
def test_a_value_that_is_no_json_object_is_refused(value: bytes, because: str) -> None:
    report, asked = write_report(invented(Report)), write_replay(invented(ReplayAsked))

    assert reason(read_news, replace(SIGNED, value=value)) == because
    assert reason(read_report, replace(report, value=value)) == because
    assert reason(read_replay, replace(asked, value=value)) == because


@pytest.mark.parametrize("part", ["header", "data"])
def test_news_without_its_header_or_its_data_is_refused(part: str) -> None:
    body = json.loads(SIGNED.value)

    assert reason(read_news, replace(SIGNED, value=json.dumps(body | {part: 1}).encode())) == "not_an_object"
    del body[part]
    assert reason(read_news, replace(SIGNED, value=json.dumps(body).encode())) == "not_an_object"


@pytest.mark.parametrize("name", ["at", "reason", "rework", "deadlines"])
def test_a_missing_field_is_refused_and_named(name: str) -> None:
    written = write_news("c5f3a", 4, invented(ReworkOrdered), HEADER)
    body = json.loads(written.value)
    del body["data"][name]

    with pytest.raises(Unreadable, match=rf"^wrong_field: {name}: Field required"):
        read_news(replace(written, value=json.dumps(body).encode()))


def test_a_word_that_the_contract_does_not_know_is_refused() -> None:
    contacted = write_news("c5f3a", 4, invented(CaseContacted), HEADER)

    assert reason(read_news, with_data(contacted, outcome="perhaps")) == "wrong_field"


def test_the_refusal_does_not_repeat_what_was_in_the_message() -> None:
    contacted = write_news("c5f3a", 4, invented(CaseContacted), HEADER)

    with pytest.raises(Unreadable) as refused:
        read_news(with_data(contacted, contacted_at="somebody's secret"))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("naive", ["2026-03-09T09:30:00", "2026-03-09 09:30:00.5", "2026-03-09"])
def test_a_time_without_an_offset_is_refused_by_every_reader(naive: str) -> None:
    report, asked = write_report(invented(Report)), write_replay(invented(ReplayAsked))
    request, tried = write_request(invented(Request)), write_delivery(invented(DeliveryTried))

    def plus(message: Written, name: str) -> Written:
        return replace(message, value=json.dumps(json.loads(message.value) | {name: naive}).encode())

    assert reason(read_news, with_data(SIGNED, at=naive)) == "wrong_field"
    assert reason(read_report, plus(report, "occurred_at")) == "wrong_field"
    assert reason(read_report, plus(request, "requested_at")) == "wrong_field"
    assert reason(read_replay, plus(asked, "since")) == "wrong_field"
    assert reason(read_delivery, plus(tried, "at")) == "wrong_field"
