"""`python -m shaoyin publish`: a folder handed in to a router, its problems as `check` says them, and the approval."""

from __future__ import annotations

import asyncio
import shutil
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shaoyin import publish_command
from shaoyin.__main__ import main
from shaoyin.adapters.publishing import Router
from shaoyin.adapters.words import Language
from tests.domain.town import PACKS
from tests.services.notify_setup import served
from tests.services.publication_setup import APPROVER, OFFICER, STRANGER, Office, office, other_words

WORDS = other_words("state.closed", "办好了", "all done")["messages.yaml"] or ""


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for pack in ("base", "wulibao"):
        shutil.copytree(PACKS / pack, tmp_path / "packs" / pack)
    return tmp_path / "packs" / "wulibao"


async def said(
    here: Office, *arguments: str, person: str = OFFICER, language: Language = "zh-CN"
) -> tuple[int, list[str]]:
    """What the command returns and says, at a router in memory."""
    page = ArgumentParser()
    publish_command.add_to(page.add_subparsers())
    told: list[str] = []
    router = Router(here.http, person, language)
    result = await publish_command.done(router, page.parse_args(["publish", *arguments]), told.append)
    return result, "".join(told).splitlines()


async def test_a_folder_is_handed_in_and_approved_by_somebody_else(here: Office, folder: Path) -> None:
    (folder / "messages.yaml").write_text(WORDS, "utf-8")

    result, lines = await said(here, str(folder), "--note", "换说法")

    assert (result, lines[0]) == (0, f"{folder}/messages.yaml: 改了 / changed")
    assert lines[-1] == f"  python -m shaoyin publish {folder} --approve 2"
    assert here.desk.packs["wulibao"].text("state.closed", "en") != "all done"

    assert await said(here, str(folder), "--approve", "2", person=APPROVER) == (
        0, ["wulibao: 第 2 版生效 / version 2 is in force"],
    )  # fmt: skip
    assert here.desk.packs["wulibao"].text("state.closed", "en") == "all done"
    assert (await here.in_force())["note"] == "换说法"


async def test_what_is_in_force_already_is_not_handed_in_again(here: Office, folder: Path) -> None:
    assert await said(here, str(folder)) == (0, [f"{folder}: 与现行第 1 版一样 / the same as version 1 in force"])


async def test_problems_are_printed_as_check_prints_them_and_nothing_is_handed_in(here: Office, folder: Path) -> None:
    (folder / "messages.yaml").write_text("state.closed: {zh-CN: 办好了}\n", "utf-8")

    result, lines = await said(here, str(folder))

    assert result == 1
    assert lines[0].startswith(f"{folder}/messages.yaml:1:")
    assert (
        lines[-1] == f"{folder}: 有 {len(lines) - 1} 处问题,没有提交 / {len(lines) - 1} problems, nothing was handed in"
    )
    assert [each["number"] for each in (await here.get("/wulibao/versions")).json()["items"]] == [1]


async def test_a_page_that_is_gone_goes_and_a_changed_base_is_told_and_stays(here: Office, folder: Path) -> None:
    (folder / "messages.yaml").write_text(WORDS, "utf-8")
    await said(here, str(folder))
    await said(here, str(folder), "--approve", "2", person=APPROVER)
    (folder / "messages.yaml").unlink()
    with (folder.parent / "base" / "rules.yaml").open("a", encoding="utf-8") as page:
        page.write("# 更多\n")

    result, lines = await said(here, str(folder))

    assert result == 0
    assert lines[0].startswith("base/rules.yaml: 与现行的不同")
    assert lines[1] == f"{folder}/messages.yaml: 删去 / gone"
    await said(here, str(folder), "--approve", "1", person=APPROVER)
    assert (await here.in_force())["number"] == 1, "the same pages are the version they were"


async def test_a_draft_is_tried_on_past_cases_without_being_kept(here: Office, folder: Path) -> None:
    (folder / "messages.yaml").write_text(WORDS, "utf-8")

    result, lines = await said(here, str(folder), "--simulate", "30")

    assert (result, lines[0]) == (
        0, "最近 30 天 0 件,其中 0 件会不同 / 0 cases of 30 days, 0 of them would go otherwise",
    )  # fmt: skip
    assert [each["number"] for each in (await here.get("/wulibao/versions")).json()["items"]] == [1]


async def test_who_may_not_is_told_so_in_his_language(here: Office, folder: Path) -> None:
    (folder / "messages.yaml").write_text(WORDS, "utf-8")

    assert (await said(here, str(folder), person=STRANGER))[0] == 1
    await said(here, str(folder))
    chinese = await said(here, str(folder), "--approve", "2")
    english = await said(here, str(folder), "--approve", "2", language="en")
    assert (chinese[0], english[0]) == (1, 1)
    assert chinese[1][0].startswith("not_permitted: ")
    assert english[1][0].isascii()
    assert not chinese[1][0].isascii()


async def test_what_is_no_text_and_what_is_no_folder_is_told_before_anything_is_sent(
    here: Office, folder: Path
) -> None:
    (folder / "messages.yaml").write_bytes("state.closed: {zh-CN: 办好了}".encode("gbk"))

    assert await said(here, str(folder)) == (1, [f"{folder}/messages.yaml: 不是 UTF-8 / not UTF-8"])
    assert (await said(here, str(folder.parent / "nowhere")))[0] == 2


async def test_over_a_network_with_the_token_from_a_file_and_nothing_where_nobody_answers(
    here: Office, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "messages.yaml").write_text(WORDS, "utf-8")
    token = tmp_path / "token"
    token.write_text(f"{OFFICER}\n")
    async with served(here.app) as address:
        there = ["publish", str(folder), "--to", address]
        assert await asyncio.to_thread(main, [*there, "--token-file", str(token)]) == 0
        assert await asyncio.to_thread(main, [*there, "--approve", "2", "--token-file", str(token)]) == 1
        monkeypatch.setenv("SHAOYIN_TOKEN", APPROVER)
        assert await asyncio.to_thread(main, [*there, "--approve", "2"]) == 0
    assert (await here.in_force())["number"] == 2
    assert await asyncio.to_thread(main, there) == 2
    assert "联系不上" in capsys.readouterr().out
    monkeypatch.delenv("SHAOYIN_TOKEN")
    assert main(there) == 2
    assert "SHAOYIN_TOKEN" in capsys.readouterr().out
