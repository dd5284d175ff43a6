"""Filling registered templates: no parameter is empty, none is half of what must be whole, none is a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from services.notify.channels.sender import Message, Said
from services.notify.channels.templates import FIELDS, Template, filled
from services.router.numbers import with_check_digit
from tests.services.channel_setup import a_message


def of(message: Message, **parameters: str) -> Mapping[str, str] | Said:
    return filled(Template("T", parameters), message, lambda _: 12)


@pytest.mark.parametrize("field", ["number", "number_end", "place", "category", "due", "due_short"])
def test_an_alert_without_a_fact_goes_all_the_same(field: str) -> None:
    assert of(a_message(), x=field) == {"x": "—"}
    assert of(a_message(), x=f"{field}|见系统") == {"x": "见系统"}
    assert of(replace(a_message(), place=" ", number="\n", due="", category="\t"), x=f"{field}|见系统") == {
        "x": "见系统"
    }


def test_what_is_said_otherwise_is_not_said_where_there_is_a_fact() -> None:
    assert of(replace(a_message(), due="18:00"), x="due|尽快") == {"x": "18:00"}


@pytest.mark.parametrize("link", ["https://shaoyin.example/c/", "https://shaoyin.example/c/1?x=2", "https://x/c/é"])
def test_a_link_without_a_code_that_can_be_typed_is_not_sent_as_one(link: str) -> None:
    assert of(replace(a_message(), link=link), x="link_code") == Said("refused", "no_link_code")


def test_a_title_that_shows_nothing_is_refused() -> None:
    assert of(replace(a_message(), title=" \n"), x="title") == Said("refused", "no_title")


@pytest.mark.parametrize("field", ["number", "due"])
def test_half_of_what_must_be_whole_is_not_sent(field: str) -> None:
    message = replace(a_message(), number="B" * 13, due="x" * 13)
    assert of(message, x=field) == Said("refused", f"{field}_too_long")


@pytest.mark.parametrize("field", ["place", "category", "short", "title"])
def test_a_long_text_is_cut(field: str) -> None:
    message = replace(a_message(), place="堵" * 13, category="堵" * 13, short="堵" * 13, title="堵" * 13)
    assert of(message, x=field) == {"x": "堵" * 11 + "…"}


def test_the_end_of_a_number_is_the_count_of_its_day_and_the_check_digit() -> None:
    assert of(replace(a_message(), number=with_check_digit("440605901001202609300001")), x="number_end") == {
        "x": "00018"
    }


@pytest.mark.parametrize(
    ("due", "short"),
    [("2026年12月31日 18:00", "12月31日 18:00"), ("3 Oct 2026, 09:05", "3 Oct, 09:05"), ("18:00", "18:00")],
)
def test_a_short_deadline_leaves_out_the_year(due: str, short: str) -> None:
    assert of(replace(a_message(), due=due), x="due_short") == {"x": short}


def test_a_digest_says_how_many() -> None:
    assert of(replace(a_message(), count=3), n="count", y="count|无") == {"n": "3", "y": "3"}


def test_every_field_is_one_of_the_message() -> None:
    message = replace(a_message(), number="1", place="2", category="3", due="4", link="https://shaoyin.example/c/5")
    assert not [name for name, field in FIELDS.items() if not field(message)]
