"""What is stored comes back the same: events and reports as documents, times to the millisecond."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import bson
import pytest
from bson.codec_options import CodecOptions
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shaoyin.contracts.codec import restored, restored_event, staying, stored, stored_event, unsaid
from shaoyin.domain.events import EVENTS, CaseContacted, CaseSigned, Deadline, Event
from shaoyin.domain.report import Report, Request
from tests.contracts.examples import AT, invented
from tests.contracts.given import any_of

AS_THE_STORE: CodecOptions[dict[str, object]] = CodecOptions(tz_aware=True)


def through_the_store(document: dict[str, object]) -> dict[str, object]:
    return bson.decode(bson.encode(document, codec_options=AS_THE_STORE), AS_THE_STORE)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_a_stored_event_comes_back_the_same(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(any_of(kind))

    assert restored_event(through_the_store(stored_event(event))) == event


@given(report=any_of(Report), request=any_of(Request))
@settings(max_examples=50, deadline=None)
def test_stored_reports_and_requests_come_back_the_same(report: Report, request: Request) -> None:
    assert restored(Report, through_the_store(stored(report))) == report
    assert restored(Request, through_the_store(stored(request))) == request


def test_the_notes_that_never_travel_are_stored() -> None:
    contacted = invented(CaseContacted)

    back = restored_event(through_the_store(stored_event(contacted)))

    assert isinstance(back, CaseContacted)
    assert back.note == contacted.note != ""


def test_a_stored_time_is_the_same_instant_whatever_its_offset() -> None:
    beijing = AT.astimezone(timezone(timedelta(hours=8)))

    back = restored_event(through_the_store(stored_event(replace(invented(CaseSigned), at=beijing))))

    assert back.at == AT
    assert back.at.utcoffset() == timedelta(0)


def test_an_event_of_an_older_release_gets_the_defaults_of_newer_fields() -> None:
    document = {"type": "case.signed", "at": AT}

    assert restored_event(document) == CaseSigned(at=AT)


@pytest.mark.parametrize("naive", ["2026-03-09T09:30:00", "2026-03-09", datetime(2026, 3, 9, 9, 30)])  # noqa: DTZ001
def test_a_time_without_an_offset_is_refused_however_deep_it_lies(naive: object) -> None:
    deep = stored(invented(Deadline)) | {"look_at": naive}

    with pytest.raises(ValidationError, match="timezone"):
        restored(Deadline, deep)
    with pytest.raises(ValidationError, match="timezone"):
        restored_event({"type": "case.check_skipped", "at": AT, "deadlines": [deep]})


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
def test_a_note_without_a_default_is_a_text(kind: type[Event]) -> None:
    assert unsaid(kind).keys() <= staying(kind)
    document = stored_event(invented(kind)) | unsaid(kind)

    assert stored_event(restored_event(document)) == document
