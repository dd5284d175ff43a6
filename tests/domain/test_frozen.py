"""The records of the domain show and compare themselves as the library's do."""

from __future__ import annotations

import dataclasses
from dataclasses import field
from typing import Any

import pytest

from shaoyin.domain import frozen


def of(make: Any) -> Any:
    """The same record, made with one decorator or the other."""

    @make(frozen=True, slots=True)
    class Post:
        name: str
        above: list[Any] = field(default_factory=list, hash=False)
        secret: str = field(default="", repr=False)

    return Post


OURS, LIBRARYS = of(frozen.dataclass), of(dataclasses.dataclass)


def test_a_record_shows_its_fields_as_the_librarys_does() -> None:
    ours, theirs = OURS("网格员", [OURS("a")], "s"), LIBRARYS("网格员", [LIBRARYS("a")], "s")

    assert repr(ours) == repr(theirs) == "of.<locals>.Post(name='网格员', above=[of.<locals>.Post(name='a', above=[])])"


@pytest.mark.parametrize("record", [OURS, LIBRARYS])
def test_a_record_that_holds_itself_can_be_shown(record: Any) -> None:
    itself = record("a")
    itself.above.append(itself)

    assert repr(itself) == "of.<locals>.Post(name='a', above=[...])"


def test_equal_records_are_one_in_a_set() -> None:
    assert len({OURS("a"), OURS("a"), OURS("b")}) == 2


def test_a_record_that_says_how_it_is_shown_is_shown_so() -> None:
    @frozen.dataclass
    class Loud:
        name: str

        def __repr__(self) -> str:
            return self.name.upper()

    assert repr(Loud("a")) == "A"
