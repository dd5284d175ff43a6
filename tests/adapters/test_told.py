"""A cursor goes on where a page ended, and whatever else comes in its place is refused."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shaoyin.adapters.problem import Problem
from shaoyin.adapters.told import EARLIEST, LATEST, cursor, read_cursor


def written(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@given(
    st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None)),
    st.from_regex(r"[a-z0-9]{1,40}", fullmatch=True),
)
def test_a_cursor_is_read_as_it_was_written(at: datetime, ident: str) -> None:
    assert read_cursor(cursor(at.replace(tzinfo=UTC), ident)) == (at.replace(tzinfo=UTC), ident)
    assert read_cursor(None) is None


@pytest.mark.parametrize(
    "said",
    [
        "", "%", "AAAA", "é",
        written([]), written(["2026-08-03T08:00:00+08:00"]), written([1, 2]), written({"a": 1, "b": 2}),
        written(["2026-08-03T08:00:00", "c1"]), written(["0001-01-01T00:00:00+14:00", "c1"]),
        written(["9999-12-31T23:59:59-12:00", "c1"]), written(["2026-08-03T08:00:00+08:00", "\ud800"]),
        written(["2026-08-03T08:00:00+08:00", "a\x00"]), written(["2026-08-03T08:00:00+08:00", None]),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
)  # fmt: skip
def test_what_we_never_gave_is_refused(said: str) -> None:
    with pytest.raises(Problem) as caught:
        read_cursor(said)
    assert (caught.value.status, caught.value.errors[0].field) == (422, "cursor")
