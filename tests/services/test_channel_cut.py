"""Texts within a provider's limit: no character broken, and the link always there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.cut import CUT, Size, cut, in_bytes, in_characters, in_json, text_of
from tests.services.channel_setup import a_message

FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🇨🇳"
WAVING = "👋🏽"
ACCENTED = "é́"
SIZES = [in_bytes, in_characters, in_json]
PIECES = [FAMILY, FLAG, WAVING, ACCENTED, "漏", "a", '"', "\n", " ", "한"]


@pytest.mark.parametrize("seen_as_one", [FAMILY, FLAG, WAVING, ACCENTED, "한"])
@pytest.mark.parametrize("size", SIZES)
def test_what_is_seen_as_one_character_is_kept_whole_or_left_out(seen_as_one: str, size: Size) -> None:
    text = "水" + seen_as_one * 3
    whole = size("水" + seen_as_one + CUT)
    assert cut(text, whole, size) == "水" + seen_as_one + CUT
    assert cut(text, whole - 1, size) == "水" + CUT


@pytest.mark.parametrize("size", SIZES)
def test_a_text_of_exactly_the_limit_is_not_cut(size: Size) -> None:
    text = "下水道堵塞" + FAMILY
    assert cut(text, size(text), size) == text
    assert cut(text, size(text) - 1, size).endswith(CUT)


def test_a_limit_below_the_sign_of_a_cut_leaves_nothing() -> None:
    assert cut("漏水", 2, in_bytes) == ""


@given(st.lists(st.sampled_from(PIECES), max_size=60), st.integers(0, 200), st.sampled_from(SIZES))
def test_a_cut_text_fits_and_is_a_beginning_made_of_whole_characters(pieces: list[str], most: int, size: Size) -> None:
    text = "".join(pieces)
    short = cut(text, most, size)
    assert size(short) <= most
    beginnings = {"".join(pieces[:n]).rstrip() for n in range(len(pieces) + 1)}
    assert short in (text, "") or short.removesuffix(CUT) in beginnings


def test_a_long_body_is_cut_and_both_links_are_kept() -> None:
    message = replace(
        a_message(body="堵" * 1000), act_text="我来处理", act_link="https://shaoyin.example/act/" + "t" * 200
    )
    text = text_of(message, 2048, in_bytes)
    assert text is not None
    assert 2040 < in_bytes(text) <= 2048
    assert text.startswith("哨声 B-0001\n堵堵")
    assert text.endswith(f"堵{CUT}\nhttps://shaoyin.example/c/1\n我来处理 {message.act_link}")


def test_a_message_whose_link_alone_is_too_long_is_none() -> None:
    assert text_of(replace(a_message(), link="https://shaoyin.example/" + "c" * 2048), 2048, in_bytes) is None


def test_nothing_in_a_text_calls_a_whole_group() -> None:
    message = replace(
        a_message(body='<@all> <at user_id="all">'), title="<@all>", act_text="<@all>", act_link="https://x"
    )
    text = text_of(message, 2048, in_bytes)
    assert text is not None
    assert "<" not in text


def test_an_escaped_character_counts_as_it_is_sent() -> None:
    assert in_json('"\n') == 4
