"""The link itself: it opens its alert until it expires, and nothing else that looks like one opens anything."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.act_links import ALPHABET, SIGNS, ActLinks, LinkExpired, NotALink
from shaoyin.adapters.identity import ticket
from shaoyin.adapters.logs import without_persons

KEY = hashlib.sha256(b"a ticket key of a test").digest()
NOW = datetime(2026, 9, 14, 1, 30, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=30)
LINKS = ActLinks(KEY, "https://town.example/")
IDS = st.integers(0, 16**24 - 1).map(lambda number: f"a{number:024x}")


def code(alert_id: str, links: ActLinks = LINKS, until: datetime = UNTIL) -> str:
    return links.link(alert_id, until).rpartition("/")[2]


@given(IDS, st.datetimes(datetime(2026, 9, 15), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_link_opens_its_alert_until_it_expires(alert_id: str, until: datetime) -> None:
    link = LINKS.link(alert_id, until)
    said = link.removeprefix("https://town.example/alerts/")

    assert len(said) == SIGNS <= 35
    assert said.isalnum()
    assert LINKS.opened(said, NOW) == (alert_id, True)
    with pytest.raises(LinkExpired):
        LINKS.opened(said, until)


@given(IDS, st.integers(0, SIGNS - 1), st.sampled_from(ALPHABET))
def test_a_link_with_another_sign_opens_nothing(alert_id: str, place: int, sign: str) -> None:
    said = code(alert_id)
    other = said[:place] + sign + said[place + 1 :]

    if other != said:
        with pytest.raises(NotALink):
            LINKS.opened(other, NOW)


@given(st.text(max_size=60))
def test_what_is_no_link_opens_nothing(said: str) -> None:
    with pytest.raises(NotALink):
        LINKS.opened(said, NOW)


def test_a_link_for_a_group_says_that_it_is_one() -> None:
    alert_id = "a" + "0" * 24

    assert LINKS.opened(code(alert_id, LINKS.shared), NOW) == (alert_id, False)
    assert LINKS.shared.opened(code(alert_id), NOW) == (alert_id, True)
    assert code(alert_id) != code(alert_id, LINKS.shared)
    assert (LINKS.acts, LINKS.shared.acts, LINKS.shared.shared.acts) == (True, False, False)


def test_the_largest_number_that_fits_no_link_opens_nothing() -> None:
    with pytest.raises(NotALink):
        LINKS.opened(ALPHABET[-1] * SIGNS, NOW)


def test_another_key_and_another_purpose_of_the_same_key_open_nothing() -> None:
    other = ActLinks(hashlib.sha256(b"another").digest(), "https://town.example")

    for said in (code("a" + "0" * 24, other), ticket("p1", KEY, NOW)):
        with pytest.raises(NotALink):
            LINKS.opened(said, NOW)


@pytest.mark.parametrize("wrong", ["", "a1", "b" + "0" * 24, "a" + "0" * 25, "a" + "G" * 24, "../../x"])
def test_only_an_alert_gets_a_link(wrong: str) -> None:
    with pytest.raises(ValueError, match="no id of an alert"):
        LINKS.link(wrong, UNTIL)


def test_a_link_stands_in_no_log() -> None:
    link = LINKS.link("a" + "0" * 24, UNTIL)

    assert link.rpartition("/")[2] not in without_persons(f"GET {link} 404")
