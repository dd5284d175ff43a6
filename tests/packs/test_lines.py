"""Plain lines are read quickly, and say what the YAML reader would have said, at the same place."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shaoyin.adapters.pack_files import Page, Unreadable, read, whole
from shaoyin.adapters.pack_lines import SIGN
from tests.packs.conftest import SHIPPED

PAGES = sorted(SHIPPED.glob("*/*.yaml"))
BEGINNING = 25_000
"""Characters: the careful reader takes a second for each hundred thousand, and long pages go on as they begin."""


def _outcome(reading: Callable[[], Page]) -> object:
    """What is read; what cannot be read as the slip that says why."""
    try:
        page = reading()
    except Unreadable as error:
        return error.slip
    return page.data, page.slips


def _beginning(text: str) -> str:
    """As far as the first entry after so many characters."""
    entries = (found.start() for found in re.finditer("^ *- ", text, re.MULTILINE))
    return text[: next((at for at in entries if at > BEGINNING), len(text))]


def the_same(text: str) -> bool:
    quick, slow = _outcome(lambda: read(text.encode())), _outcome(lambda: whole(text))
    return quick == slow and repr(quick) == repr(slow)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: "-".join(path.parts[-2:]))
def test_every_shipped_page_says_the_same_read_quickly_and_slowly(path: Path) -> None:
    text = _beginning(path.read_text(encoding="utf-8"))
    quick, slow = read(text.encode()), whole(text)
    assert quick.data == slow.data
    for cell in slow.values:
        assert quick.spot(cell) == slow.spot(cell)
    for name in slow.keys:
        assert quick.spot(name, key=True) == slow.spot(name, key=True)


@pytest.mark.parametrize(
    "text",
    [
        "- {id: a, count: 010, on: 2026-02-30, day: 2026-02-28, yes: true}\n- {id: b, x: 1e3, y: -5, z: .5}\n",
        "- {id: a, id: b}\n- {id: c}\n",
        "- {id: a, name: {en: x, en: y}}\n",
        "- {id: a, none: null}\n",
        "- {true: a}\n",
        "- {id: a\n",
        "- {id: a}}\n- {id: b}\n",
        "list: |\n  - {id: a}\n  - {id: b}\n",
        "list: words\n  - {id: a}\n",
        "- {id: a}\n  words that go on\n",
        "- {id: a}: b\n",
        "? x\n- {id: a}\n",
        "[\n- {id: a}\n]\n",
        '"\n- {id: a}\n"\n',
        f"- {{id: a}}\n- {SIGN}1\n",
        "- {id: a}\r\n- {id: b}\r\n",
        "- {id: a}\u2028- {id: b}\n",
        "posts:\n  - {id: a}\n  - {id: b}\n - {id: c}\n",
        "posts:\n- {id: a}\n- id: b\n  x: [1, 2]\n- {id: c}\n# 完\n- {id: d}\n",
        "- {id: a b.c, d: e- f}\n- {id: a -b}\n- {id: a. b}\n- {id: (a)}\n- {id: /a/b}\n",
        '- {id: "a: b", n: {zh-CN: "1号楼, 东", en: "3"}, l: ["x", y z]}\n',
        "- {id: a, l: [{m: none, by: b}, {m: c}]}\n- {id: a, l: [{m: b, m: c}]}\n",
        "- - {id: a}\n- - {id: b}\n",
        "- {id: a}\n\n- {id: b}\n---\n- {id: c}\n",
        "---\n",
        "- a\n...\n...\n",
        "- a: b\ufeff: c\n",
        "- |-# no comment\n",
        "- |\n\n    later\n",
        "- >\n  \n    later\n",
        "- | # said\n  \n    later\n",
        "- a: {b:c, d: [e:f, 'g': h], \"i\":j}\n- [?k, ? l]\n",
        "- \x07\n",
        "x:\n" + "".join("  " * deep + "- \n" for deep in range(1, 14)) + "  " * 14 + "- {id: a}\n",
    ],
)
def test_a_line_in_doubt_is_read_as_yaml_reads_it(text: str) -> None:
    assert the_same(text)


def test_what_is_wrong_in_a_long_page_is_found_at_its_row_and_column() -> None:
    lines = [f"- {{id: a{number}, kind: building, name: {{zh-CN: 楼{number}, en: B}}}}" for number in range(50)]
    page = read("\n".join(lines).encode())
    assert len(page.lines) == 50
    assert page.spot((40, "name", "en")) == whole("\n".join(lines)).spot((40, "name", "en"))
    assert page.spot((40, "kind"), key=True).row == 41


_PIECES = st.sampled_from(
    ["a", "号楼", "1", "010", "-", ".", " ", ":", ": ", ", ", "{", "}", "[", "]", '"', "'", "#", " #", "null", "true",
     "~", "2026-02-30", "(", ")", "/", "\n", "\n- {id: ", "}\n- {id: ", "  ", "|", "\\", "&x", "*x", "!t", "é"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join), st.sampled_from(["", "  ", "posts:\n  "]))
def test_whatever_is_written_is_read_the_same_way(written: str, before: str) -> None:
    assert the_same(f"{before}- {{id: {written}}}\n{before.splitlines()[-1] if before else ''}- {{id: b, name: 甲}}\n")


_SIGNS = st.sampled_from([
    *"a1-. :,{}[]\"'#=(|>\\?@`\n", "号楼", "010", "  ", ": ", ", ", " #", "null", "<<", "\n  ", "\n- ", "\n  - ", "|-",
    "|2", "\\/", "\\n", "\\u4e00", "&x", "*x", "!t", "!!str", "? ", "%YAML 1.2\n", "---\n", "...\n", "- a: ", "\u00a0",
    "\ufeff", "😀", "\x07", "''", '""',
])  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(_SIGNS, max_size=14).map("".join), st.booleans())
def test_whatever_text_both_readers_take_says_the_same(written: str, in_a_list: bool) -> None:
    assert the_same("- " + written.replace("\n", "\n  ") if in_a_list else written)
