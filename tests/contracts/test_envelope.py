"""What is written is read back the same, by readers older and newer than the writer; notes stay at home."""

import json
from dataclasses import MISSING, fields, replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import to_jsonable_python

from shaoyin.contracts.codec import staying, unsaid
from shaoyin.contracts.deliveries import DeliveryTried, read_delivery, write_delivery
from shaoyin.contracts.envelope import (
    ReplayAsked,
    header_json,
    read_news,
    read_replay,
    read_report,
    write_news,
    write_replay,
    write_report,
    write_request,
)
from shaoyin.domain.events import EVENTS, CaseDispatched, CaseSigned, Event
from shaoyin.domain.header import Header
from shaoyin.domain.report import Report, Request
from tests.contracts.changed import with_data, with_headers
from tests.contracts.examples import AT, invented
from tests.contracts.given import any_of

HEADER = header_json(invented(Header))
SIGNED = write_news("c5f3a", 4, CaseSigned(at=AT), HEADER)
NOTED = [kind for kind in EVENTS if staying(kind)]


def as_others_see_it(event: Event) -> Event:
    """Without its notes: their defaults, or nothing said."""
    home = staying(type(event))
    plain = {each.name: each.default for each in fields(event) if each.name in home and each.default is not MISSING}
    seen: Event = replace(event, **plain | unsaid(type(event)))
    return seen


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_news_is_read_as_it_was_written(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(any_of(kind))

    news = read_news(write_news("c5f3a", 4, event, HEADER))

    assert news.event == as_others_see_it(event)


@given(header=any_of(Header), seq=st.integers(1, 10**9))
@settings(max_examples=50, deadline=None)
def test_a_header_is_read_as_it_was_written(header: Header, seq: int) -> None:
    news = read_news(write_news("c5f3a", seq, CaseSigned(at=AT), header_json(header)))

    assert (news.header, news.seq, news.event_id) == (header, seq, f"c5f3a:{seq}")


@given(report=any_of(Report), request=any_of(Request))
@settings(max_examples=50, deadline=None)
def test_reports_and_requests_are_read_as_they_were_written(report: Report, request: Request) -> None:
    assert read_report(write_report(report)) == report
    assert read_report(write_request(request)) == request


@given(asked=any_of(ReplayAsked), tried=any_of(DeliveryTried))
@settings(max_examples=50, deadline=None)
def test_replays_and_deliveries_are_read_as_they_were_written(asked: ReplayAsked, tried: DeliveryTried) -> None:
    assert read_replay(write_replay(asked)) == asked
    assert read_delivery(write_delivery(tried)) == tried


def test_an_events_id_is_its_case_and_its_number() -> None:
    assert dict(SIGNED.headers)["ce_id"] == b"c5f3a:4"


def test_all_news_of_a_case_has_the_same_key_and_so_keeps_its_order() -> None:
    report = invented(Report)

    assert SIGNED.key == b"c5f3a"
    assert write_report(report).key == write_request(invented(Request)).key == report.report_id.encode()


def test_the_headers_are_what_cloud_events_asks_for() -> None:
    assert dict(SIGNED.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"c5f3a:4",
        "ce_source": b"/shaoyin/router",
        "ce_type": b"case.signed",
        "ce_time": b"2026-03-09T01:30:00+00:00",
        "ce_subject": b"c5f3a",
        "content-type": b"application/json; charset=utf-8",
    }


@pytest.mark.parametrize("kind", NOTED, ids=lambda kind: kind.type)
def test_notes_and_explanations_never_travel(kind: type[Event]) -> None:
    written = write_news("c5f3a", 4, invented(kind), HEADER)

    assert staying(kind).isdisjoint(json.loads(written.value)["data"])


def test_the_kinds_of_events_with_notes_are_known() -> None:
    assert staying(CaseDispatched) == {"explanation"}
    assert {kind.type for kind in NOTED} >= {"case.contacted", "case.result_submitted", "case.called_back"}


@pytest.mark.parametrize("kind", NOTED, ids=lambda kind: kind.type)
def test_a_note_that_came_by_the_wire_is_not_believed(kind: type[Event]) -> None:
    event = invented(kind)
    written = write_news("c5f3a", 4, event, HEADER)
    slipped_in = {name: to_jsonable_python(getattr(event, name)) for name in staying(kind)}

    assert read_news(with_data(written, **slipped_in)).event == as_others_see_it(event) != event


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
def test_what_a_newer_writer_adds_is_passed_over(kind: type[Event]) -> None:
    event = invented(kind)
    written = write_news("c5f3a", 4, event, HEADER)
    newer = with_headers(with_data(written, colour={"of": "the future"}), ce_traceparent=b"00-1-2-03")

    assert read_news(newer).event == as_others_see_it(event)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
def test_what_an_older_writer_left_out_gets_its_default(kind: type[Event]) -> None:
    body = json.loads(write_news("c5f3a", 4, invented(kind), HEADER).value)
    optional = {
        each.name for each in fields(kind) if each.default is not MISSING or each.default_factory is not MISSING
    }
    older = {name: value for name, value in body["data"].items() if name not in optional}
    value = json.dumps(body | {"data": older}).encode()

    event = read_news(replace(with_headers(SIGNED, ce_type=kind.type.encode()), value=value)).event

    assert all(getattr(event, each.name) == each.default for each in fields(kind) if each.default is not MISSING)


def test_an_offset_survives_as_the_same_instant() -> None:
    beijing = datetime(2026, 3, 9, 9, 30, tzinfo=timezone(timedelta(hours=8)))

    written = write_news("c5f3a", 4, CaseSigned(at=beijing), HEADER)

    assert dict(written.headers)["ce_time"] == b"2026-03-09T09:30:00+08:00"
    assert read_news(written).event.at == AT
