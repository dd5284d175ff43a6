"""The news of enrolments: what is stored comes back the same, and what is about a person is never written or read."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import bson
import pytest
from bson.codec_options import CodecOptions
from hypothesis import given, settings
from hypothesis import strategies as st

from shaoyin.contracts.codec import staying
from shaoyin.contracts.envelope import Unreadable, Written
from shaoyin.contracts.members import (
    read_member_news,
    restored_registration_event,
    stored_registration_event,
    write_member_news,
)
from shaoyin.domain.registration import EnrolmentSeen
from shaoyin.domain.registration_events import (
    REGISTRATION_EVENTS,
    RegistrationApplied,
    RegistrationEnded,
    RegistrationEvent,
)
from tests.contracts.changed import with_data, with_headers
from tests.contracts.examples import invented
from tests.contracts.given import any_of

AS_THE_STORE: CodecOptions[dict[str, object]] = CodecOptions(tz_aware=True)
ENDED = write_member_news(4, invented(RegistrationEnded), invented(EnrolmentSeen))


def reason(message: Written) -> str:
    with pytest.raises(Unreadable) as refused:
        read_member_news(message)
    return refused.value.reason


@pytest.mark.parametrize("kind", REGISTRATION_EVENTS, ids=lambda kind: kind.type)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_a_stored_event_comes_back_the_same(kind: type[RegistrationEvent], data: st.DataObject) -> None:
    event = data.draw(any_of(kind))
    document = stored_registration_event(event)

    back = bson.decode(bson.encode(document, codec_options=AS_THE_STORE), AS_THE_STORE)

    assert restored_registration_event(back) == event


@pytest.mark.parametrize("kind", REGISTRATION_EVENTS, ids=lambda kind: kind.type)
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_what_travels_comes_back_without_what_is_about_the_person(
    kind: type[RegistrationEvent], data: st.DataObject
) -> None:
    event, facts = data.draw(any_of(kind)), replace(data.draw(any_of(EnrolmentSeen)), registration_id="reg-1")
    written = write_member_news(7, event, facts)

    read = read_member_news(written)

    assert staying(kind).isdisjoint(json.loads(written.value)["data"])
    assert (read.event_id, read.seq, read.header) == ("reg-1:7", 7, facts)
    assert read.event == replace(event, **{name: getattr(type(event)(**_least(event)), name) for name in staying(kind)})


def _least(event: RegistrationEvent) -> dict[str, object]:
    """Only the fields that travel."""
    return {each.name: getattr(event, each.name) for each in fields(event) if each.name not in staying(type(event))}


def test_a_note_that_somebody_put_on_the_wire_is_not_taken() -> None:
    applied = write_member_news(1, invented(RegistrationApplied), invented(EnrolmentSeen))

    read = read_member_news(with_data(applied, household="hh-9", skills=["驾驶"]))

    assert isinstance(read.event, RegistrationApplied)
    assert (read.event.household, read.event.skills) == (None, ())


def test_what_cannot_be_read_is_refused_with_a_reason() -> None:
    assert reason(with_headers(ENDED, ce_type=b"case.signed")) == "unknown_type"
    assert reason(with_headers(ENDED, ce_id=b"reg-7b21")) == "bad_id"
    assert reason(with_headers(ENDED, ce_id=None)) == "header_missing"
    assert reason(replace(ENDED, value=b"{")) == "not_json"
    assert reason(with_data(ENDED, at="2026-03-09T09:30:00")) == "wrong_field"
