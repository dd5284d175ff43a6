"""A pack that somebody hands in as bytes is read as one that lies in a folder, and nothing is read from a disk."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from shaoyin.adapters.pack_check import check, check_handed
from shaoyin.adapters.packs import load_handed, pages_of
from shaoyin.domain.pack import Pack
from tests.packs.conftest import SHIPPED

TODAY = date(2026, 11, 10)


def test_a_pack_of_bytes_is_the_pack_of_the_folder(wulibao: Pack) -> None:
    handed = load_handed("wulibao", pages_of(SHIPPED / "wulibao"))

    assert handed.problems == ()
    assert handed.pack is not None
    assert handed.pack.version == wulibao.version


def test_the_bytes_of_a_pack_are_its_own_and_those_it_extends() -> None:
    packs = pages_of(SHIPPED / "wulibao")

    assert list(packs) == ["base", "wulibao"]
    assert packs["wulibao"]["pack.yaml"] == (SHIPPED / "wulibao" / "pack.yaml").read_bytes()


def test_a_problem_is_named_by_pack_and_file(tmp_path: Path) -> None:
    packs = {name: dict(pages) for name, pages in pages_of(SHIPPED / "wulibao").items()}
    packs["wulibao"]["people.yaml"] = packs["wulibao"]["people.yaml"].replace(b"state: ended", b"state: over")
    (found,) = check_handed("wulibao", packs, TODAY).problems

    assert (found.file, found.code) == ("wulibao/people.yaml", "not_one_of")
    assert (found.row, found.column) == _place(packs["wulibao"]["people.yaml"], b"over")


def _place(page: bytes, words: bytes) -> tuple[int, int]:
    before = page.split(words)[0].decode()
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def test_what_a_pack_extends_is_handed_in_with_it_or_it_is_no_pack() -> None:
    own = {"wulibao": pages_of(SHIPPED / "wulibao")["wulibao"]}

    assert "no_pack" in {each.code for each in load_handed("wulibao", own).problems}
    assert [each.code for each in load_handed("elsewhere", own).problems] == ["no_pack"]


def test_a_page_with_another_name_is_no_page_of_a_pack_handed_in() -> None:
    packs = {name: dict(pages) for name, pages in pages_of(SHIPPED / "wulibao").items()}
    packs["wulibao"]["rule.yaml"] = b"[]\n"
    packs["wulibao"]["notes.txt"] = b"not looked at"

    assert [(each.file, each.code) for each in load_handed("wulibao", packs).problems] == [
        ("wulibao/rule.yaml", "unknown_file")
    ]


def test_the_reach_of_the_calendar_is_judged_where_a_pack_is_to_be_published() -> None:
    packs = pages_of(SHIPPED / "wulibao")
    late = date(2029, 1, 1)

    assert load_handed("wulibao", packs).problems == ()
    in_memory, on_disk = check_handed("wulibao", packs, late), check(SHIPPED / "wulibao", late)
    assert [each.code for each in in_memory.problems] == [each.code for each in on_disk.problems]
    assert in_memory.problems
