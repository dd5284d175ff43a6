"""The suggestion against the labelled sentences: danger is seen, the matter is among three, the set is sound."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.domain.town import wulibao
from tests.suggest.measures import Judged, judged, measures
from tests.suggest.sentences import Part, of_part, parted, sentences

AMONG_THREE = {"held_out": 0.98, "learnt": 0.99, "fresh": 0.88}
PRECISION = {"held_out": 0.92, "learnt": 0.96, "fresh": 1.0}
"""What was reached, rounded down (README.md); it does not fall."""


@pytest.fixture(scope="module")
def held_out() -> list[Judged]:
    return judged(wulibao(), of_part("held_out"))


def test_danger_is_seen_in_99_of_100_held_out_sentences(held_out: list[Judged]) -> None:
    found = measures(held_out)

    assert found.in_danger >= 50
    assert found.danger_recall >= 0.99


def test_danger_is_seen_in_the_sentences_that_were_written_last() -> None:
    found = measures(judged(wulibao(), of_part("fresh")))

    assert found.in_danger >= 35
    assert found.danger_recall >= 0.99


@pytest.mark.parametrize("part", ["held_out", "learnt", "fresh"])
def test_neither_figure_falls_below_what_was_reached(part: Part) -> None:
    found = measures(judged(wulibao(), of_part(part)))

    assert found.among_three >= AMONG_THREE[part]
    assert found.danger_precision >= PRECISION[part]


def test_every_category_has_words_and_sentences_in_both_parts() -> None:
    categories = set(wulibao().categories)
    said = Counter(category for each in sentences() for category in each.categories)

    assert {each.category for each in wulibao().tellings} == categories
    assert {category for category in categories if said[category] >= 5} == categories
    for part in ("tuning", "held_out"):
        assert {each.categories[0] for each in sentences() if each.part == part and each.categories} == categories


def test_the_set_is_large_and_nothing_stands_twice() -> None:
    every = sentences()

    assert len(every) >= 650
    assert len({each.id for each in every}) == len({each.text for each in every}) == len(every)


def test_every_danger_is_one_of_the_pack_and_is_said_in_both_parts() -> None:
    dangers = {sign.danger for sign in wulibao().emergencies}

    for part in ("tuning", "held_out"):
        assert {each.danger for each in sentences() if each.part == part} == dangers | {""}


def test_a_hash_decides_which_part_a_sentence_belongs_to() -> None:
    first = [each for each in sentences() if each.part in ("tuning", "held_out")]

    assert {each.id: each.part for each in first} == parted(first)


@pytest.mark.parametrize("manner", ["cantonese", "yunnan", "henan", "hakka", "slip", "english", "elderly"])
def test_it_is_heard_however_people_speak_and_type(held_out: list[Judged], manner: str) -> None:
    of_this_manner = [each for each in held_out if each.sentence.manner == manner]

    assert of_this_manner
    assert measures(of_this_manner).among_three >= 0.9
    assert measures(of_this_manner).danger_recall == 1
