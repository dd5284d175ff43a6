"""A new pack holds from the first minute, and leads the clerk through what to write."""

from __future__ import annotations

from datetime import date

import pytest

from shaoyin.__main__ import main
from shaoyin.adapters.pack_check import check
from shaoyin.new_pack_command import PAGES
from tests.packs.conftest import SHIPPED, Copy


def test_the_skeleton_of_a_pack_passes_the_check_at_once(packs: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-pack", "hehuan", "--packs", str(packs.folder)]) == 0
    assert "骨架已建好" in capsys.readouterr().out

    loaded = check(packs.folder / "hehuan", date(2026, 11, 10))
    assert loaded.problems == ()
    assert loaded.pack is not None
    assert loaded.pack.name == "hehuan"
    assert all("NAME" not in (packs.folder / "hehuan" / page).read_text("utf-8") for page in PAGES)


def test_every_page_of_the_skeleton_begins_by_saying_what_to_do(packs: Copy) -> None:
    main(["new-pack", "hehuan", "--packs", str(packs.folder)])
    firsts = [(packs.folder / "hehuan" / page).read_text("utf-8").splitlines()[0] for page in PAGES]

    assert [each[2:5] for each in firsts] == ["第一步", "第二步", "第三步", "第四步", "第五步"]


def test_the_scenarios_of_the_skeleton_notice_another_rule(packs: Copy) -> None:
    main(["new-pack", "hehuan", "--packs", str(packs.folder)])
    packs.add(
        "hehuan/rules.yaml",
        "- row: 36\n  group: category\n  effect: decides\n  when: {category: WAT.sewer_blocked, management: none}\n"
        "  then: {main: grid_lead}\n  basis: x\n",
    )
    problems = check(packs.folder / "hehuan", date(2026, 11, 10)).problems

    assert {each.file.rsplit("/", 1)[-1] for each in problems} == {"scenarios.yaml"}


@pytest.mark.parametrize("name", ["Hehuan", "合欢", "a b", "../x", "a" * 21, ""])
def test_a_name_that_no_pack_can_have_makes_nothing(packs: Copy, name: str) -> None:
    before = sorted(packs.folder.iterdir())

    assert main(["new-pack", name, "--packs", str(packs.folder)]) == 1
    assert sorted(packs.folder.iterdir()) == before


def test_a_pack_that_is_there_is_left_alone(packs: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    before = (packs.own / "pack.yaml").read_bytes()

    assert main(["new-pack", "wulibao", "--packs", str(packs.folder)]) == 1
    assert "什么都没有改" in capsys.readouterr().out
    assert (packs.own / "pack.yaml").read_bytes() == before == (SHIPPED / "wulibao" / "pack.yaml").read_bytes()
