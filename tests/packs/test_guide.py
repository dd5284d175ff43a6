"""The pack that the guide writes in an hour is a pack, and what it says of slips is what the check says."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from shaoyin.__main__ import main
from shaoyin.adapters.pack_check import check
from tests.packs.conftest import SHIPPED
from tests.packs.told_page import CHINESE, ENGLISH, Slip, blocks, example, slips

HEHUAN = Path("packs/hehuan")
SLIPS = list(slips(ENGLISH))


@pytest.fixture
def skeleton(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What step 1 leaves, with the check's paths as a reader sees them."""
    shutil.copytree(SHIPPED / "base", tmp_path / "packs" / "base")
    monkeypatch.chdir(tmp_path)
    assert main(["new-pack", "hehuan"]) == 0
    return HEHUAN


@pytest.fixture
def hehuan(skeleton: Path) -> Path:
    for file, text in example(ENGLISH).items():
        (skeleton / file).write_text(text, encoding="utf-8")
    return skeleton


def told(folder: Path) -> str:
    return "".join(f"{problem}\n" for problem in check(folder, date(2026, 11, 10)).problems)


def test_the_pack_of_the_guide_holds_after_every_step(skeleton: Path) -> None:
    for file, text in example(ENGLISH).items():
        (skeleton / file).write_text(text, encoding="utf-8")

        assert told(skeleton) == "", f"after {file}"


def test_the_guide_shows_the_pack_whole_with_a_row_and_scenarios_of_its_own(hehuan: Path) -> None:
    pack = check(hehuan, date(2026, 11, 10)).pack

    assert pack is not None
    assert set(example(ENGLISH)) == {each.name for each in hehuan.iterdir()}
    assert pack.rules.by_number[201].said_by == "hehuan"
    assert "NAME" not in "".join(example(ENGLISH).values())


@pytest.mark.parametrize("slip", SLIPS, ids=[each.told.split(": ")[1] for each in SLIPS])
def test_a_slip_of_the_guide_is_told_as_the_guide_says(hehuan: Path, slip: Slip) -> None:
    page = hehuan / slip.file
    right = page.read_text("utf-8")
    assert right.count(slip.right) == 1
    page.write_text(right.replace(slip.right, slip.wrong), encoding="utf-8")

    assert told(hehuan) == slip.told


def test_the_guide_shows_slips_on_every_page_that_a_clerk_writes_by_hand() -> None:
    assert {each.file for each in SLIPS} >= {"areas.yaml", "orgs.yaml", "rules.yaml", "scenarios.yaml"}


def test_the_chinese_guide_shows_the_same_pack_and_the_same_slips() -> None:
    assert blocks(CHINESE) == blocks(ENGLISH)


@pytest.mark.parametrize("guide", [ENGLISH, CHINESE], ids=lambda page: page.name)
def test_the_steps_of_the_guide_make_an_hour(guide: Path) -> None:
    minutes = re.findall(r"^\| \[.+?\]\(#.+?\) \| ([0-9]+) \|", guide.read_text("utf-8"), re.MULTILINE)

    assert len(minutes) == 9
    assert sum(map(int, minutes)) == 60
