"""Phrases in a text: by sound, in any width, with a gap, the longest first; and nothing too eager."""

from __future__ import annotations

import pytest

from shaoyin.adapters.writing import sounds, writing
from shaoyin.domain.phrases import Phrases, clause_before, longest

WORDS = ("下水道堵", "漏气", "轮胎…漏气", "垃圾没人清", "电梯", "电梯…坏", "on fire", "lamp", "贼")


def found(text: str, by_sound_from: int = 2) -> list[str]:
    phrases, plain = Phrases(WORDS, writing(), by_sound_from), writing().plain(text)
    return [WORDS[hit.number] for hit in longest(phrases.find(plain))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("院里下水道堵了", ["下水道堵"]),
        ("下水到堵了", ["下水道堵"]),
        ("下碎道堵了", ["下水道堵"]),
        ("垃圾没人青", ["垃圾没人清"]),
        ("漏汽", ["漏气"]),
        ("樓道裡漏氣", ["漏气"]),
        ("轮胎又漏气了", ["轮胎…漏气"]),
        ("轮胎好好的,家里漏气", ["漏气"]),
        ("电梯昨天晚上坏了", ["电梯…坏"]),
        ("电梯好,门坏", ["电梯"]),
        ("The car is ON FIRE!", ["on fire"]),
        ("a street of lamps", ["lamp"]),
        ("有贼", ["贼"]),
    ],
)
def test_a_phrase_is_found_as_people_write_it(text: str, words: list[str]) -> None:
    assert found(text) == words


@pytest.mark.parametrize("text", ["", "楼七层", "下午到赌场", "lamppost", "on fireplace", "气", "电"])
def test_what_only_looks_like_a_phrase_is_none(text: str) -> None:
    assert found(text) == []


def test_a_short_phrase_may_be_asked_for_as_written_alone() -> None:
    assert found("漏汽", by_sound_from=3) == []
    assert found("漏气", by_sound_from=3) == ["漏气"]


def test_a_word_that_only_sounds_right_covers_none_that_is_right() -> None:
    phrases = Phrases(("水管暴", "水管"), writing())

    hits = longest(phrases.find("水管爆了"))

    assert [(hit.number, hit.slips) for hit in hits] == [(0, 1), (1, 0)]


def test_places_in_a_text_stay_what_they_are() -> None:
    text = "３號樓 LIFT，電梯壞"

    assert writing().plain(text) == "3号楼 lift,电梯坏"
    assert len(writing().heard(writing().plain(text))) == len(text)


def test_a_clause_ends_where_a_reader_pauses() -> None:
    assert clause_before("路灯坏了,没有着火", 7, 20) == "没有"
    assert clause_before("it is not on fire", 10, 20) == "it is not "
    assert clause_before("no smoke. on fire", 10, 20) == ""


def test_a_text_full_of_phrases_is_read_in_a_moment() -> None:
    """What is near is compared, not everything with everything."""
    hits = longest(Phrases(WORDS, writing()).find("漏气" * 2000))

    assert len(hits) == 2000


def test_the_table_of_sounds_is_what_pypinyin_says() -> None:
    assert writing().sounds == sounds()


def test_traditional_signs_come_in_pairs() -> None:
    signs = "".join(writing().traditional.split())

    assert len(signs) % 2 == 0
    assert all(left != right for left, right in zip(signs[::2], signs[1::2], strict=True))
