"""Publishing a pack: two officers, every problem told, nothing changed by a refusal, and the way back."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.router.memory_pack_versions import MemoryPackVersions
from services.router.publish_packs import settle
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.folder_packs import packed_folder
from shaoyin.adapters.pack_cells import packed_cells_of
from shaoyin.adapters.packs import pages_of, version_of
from tests.domain.town import PACKS, wulibao
from tests.services.publication_setup import (
    APPROVER,
    OFFICER,
    STRANGER,
    Office,
    another_limit,
    changes,
    office,
    one_more_category,
    other_words,
)


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as found:
        yield found


def code(answer: httpx.Response) -> tuple[int, str]:
    """The status, and the rule or the code."""
    body = answer.json()
    return answer.status_code, str(body.get("rule", body.get("code", "")))


async def test_at_the_first_start_the_folder_is_version_one_and_the_system_says_so(here: Office) -> None:
    now = await here.in_force()

    assert (now["number"], now["publication"], now["version"]) == (1, 1, wulibao().version)
    assert now["handed_in"]["person"] is None
    assert now["approved"]["person"] is None
    assert now["folder"] == {"version": wulibao().version, "in_force": True}
    assert now["problems"] == []


async def test_a_draft_is_handed_in_by_one_officer_and_put_in_force_by_another(here: Office) -> None:
    handed_in = await here.hands_in(another_limit("7 h"), note="排水改快")
    draft = handed_in.json()

    assert (handed_in.status_code, handed_in.headers["location"]) == (201, "/api/packs/wulibao/versions/2")
    assert (draft["number"], draft["note"], draft["based_on"]) == (2, "排水改快", 1)
    assert draft["handed_in"]["person"] == OFFICER
    assert (await here.in_force())["number"] == 1

    approved = await here.approves(2)
    now = approved.json()

    assert (approved.status_code, now["number"], now["publication"]) == (200, 2, 2)
    assert (now["handed_in"]["person"], now["handed_in"]["post"]) == (OFFICER, "rules-officer")
    assert (now["approved"]["person"], now["approved"]["post"]) == (APPROVER, "rules-approver")
    assert str(here.desk.packs["wulibao"].categories["WAT.sewer_blocked"].result) == "7 h"


async def test_the_list_of_packs_says_what_is_in_force(here: Office) -> None:
    await here.publishes(another_limit("7 h"))

    (pack,) = (await here.get("")).json()["items"]

    assert (pack["pack"], pack["number"], pack["usable"]) == ("wulibao", 2, True)
    assert pack["folder"]["in_force"] is False


async def test_a_refused_draft_is_told_every_problem_and_changes_nothing(here: Office) -> None:
    before = await here.in_force()
    wrong = changes(
        categories={"WAT.sewer_blocked": {"name": {"zh-CN": "堵", "en": "blocked"}, "urgency": "soonish"}},
        areas=[{"id": "nowhere", "kind": "building", "parent": "wulibao", "name": {"zh-CN": "无", "en": "none"}}],
        invented={},
    )

    refused = await here.hands_in(wrong)
    problems = refused.json()["problems"]

    assert code(refused) == (422, "pack_refused")
    assert refused.headers["content-type"] == "application/problem+json"
    assert {each["file"] for each in problems} >= {"wulibao/categories.yaml", "wulibao/invented.yaml"}
    assert all(each["zh"] and each["en"] and each["row"] >= 1 and each["column"] >= 1 for each in problems)
    assert f"{len(problems)} 处" in refused.json()["detail"]
    assert await here.in_force() == before
    assert [each["number"] for each in (await here.get("/wulibao/versions")).json()["items"]] == [1]


async def test_a_page_that_breaks_is_told_with_its_row_and_column(here: Office) -> None:
    (problem,) = (await here.hands_in({"rules.yaml": "- row: 1\n  when: {\n"})).json()["problems"]

    assert (problem["file"], problem["code"]) == ("wulibao/rules.yaml", "not_yaml")
    assert problem["row"] == 3


async def test_only_a_rules_officer_hands_in_and_only_an_approver_approves(here: Office) -> None:
    for person in (STRANGER, APPROVER):
        assert code(await here.hands_in(another_limit("7 h"), person)) == (403, "not_permitted")
    await here.hands_in(another_limit("7 h"))
    for person in (STRANGER, OFFICER):
        assert code(await here.approves(2, person)) == (403, "not_permitted")
    assert (await here.in_force())["number"] == 1


async def test_who_handed_a_version_in_cannot_approve_it_himself(here: Office) -> None:
    posts = (PACKS / "wulibao" / "orgs.yaml").read_text("utf-8")
    both = posts.replace("holders: [p-ren-2]", "holders: [p-ren-2, p-ren-3]")
    assert both != posts
    await here.publishes({**changes(), "orgs.yaml": both})
    await here.hands_in(another_limit("7 h"), APPROVER)

    refused = await here.approves(3, APPROVER)

    assert code(refused) == (403, "own_version")
    assert "另一个人" in refused.json()["detail"]
    english = await here.post("/wulibao/versions/3/approve", APPROVER, language="en")
    assert english.json()["detail"] == "You handed in version 3 yourself; another person has to approve it."
    assert (await here.in_force())["number"] == 2


async def test_a_version_that_leaves_nobody_to_publish_the_next_is_refused(here: Office) -> None:
    posts = (PACKS / "wulibao" / "orgs.yaml").read_text("utf-8")
    alone = posts.replace("holders: [p-ren-3]", "holders: [p-ren-2]")

    problems = (await here.hands_in({**changes(), "orgs.yaml": alone})).json()["problems"]

    assert [each["code"] for each in problems] == ["nobody_publishes"]


async def test_going_back_is_approving_an_earlier_version_anew(here: Office) -> None:
    await here.publishes(another_limit("7 h"))

    back = await here.approves(1)

    assert (back.status_code, back.json()["number"], back.json()["publication"]) == (200, 1, 3)
    assert here.desk.packs["wulibao"].version == wulibao().version


async def test_a_version_left_lying_until_its_calendar_is_too_short_is_refused_when_it_is_approved(
    here: Office,
) -> None:
    await here.hands_in(another_limit("7 h"))
    clock = here.desk.clock
    assert isinstance(clock, FakeClock)
    clock.forward(timedelta(days=800))

    refused = await here.approves(2)

    assert code(refused) == (422, "pack_refused")
    assert {each["code"] for each in refused.json()["problems"]} <= {"calendar_too_short", "year_missing"}
    now = await here.in_force()
    assert now["number"] == 1
    assert [each["code"] for each in now["problems"]], "what is in force has the same calendar, and says so"


async def test_history_keeps_every_version_and_who_approved_it_when(here: Office) -> None:
    await here.publishes(another_limit("7 h"))
    await here.approves(1)
    await here.hands_in(another_limit("8 h"))

    items = (await here.get("/wulibao/versions")).json()["items"]

    assert [(each["number"], each["in_force"]) for each in items] == [(3, False), (2, False), (1, True)]
    approvals = {each["number"]: [(one["publication"], one["person"]) for one in each["approvals"]] for each in items}
    assert approvals == {3: [], 2: [(2, APPROVER)], 1: [(1, None), (3, APPROVER)]}


async def test_the_pages_of_a_version_are_for_the_officers(here: Office) -> None:
    await here.publishes(another_limit("7 h"))

    found = await here.get("/wulibao/versions/1")
    files = found.json()["files"]

    assert files["wulibao/pack.yaml"] == (PACKS / "wulibao" / "pack.yaml").read_text("utf-8")
    assert files["base/rules.yaml"] == (PACKS / "base" / "rules.yaml").read_text("utf-8")
    assert "7 h" in (await here.get("/wulibao/versions/2", APPROVER)).json()["files"]["wulibao/categories.yaml"]
    assert code(await here.get("/wulibao/versions/1", STRANGER)) == (403, "not_permitted")


async def test_what_was_not_handed_in_stays_as_it_is_in_force(here: Office) -> None:
    await here.publishes(another_limit("7 h"))
    await here.publishes(other_words("state.closed", "办好了", "all done"))
    pack = here.desk.packs["wulibao"]

    assert (str(pack.categories["WAT.sewer_blocked"].result), pack.text("state.closed", "en")) == ("7 h", "all done")

    await here.publishes({"categories.yaml": None})
    assert str(here.desk.packs["wulibao"].categories["WAT.sewer_blocked"].result) != "7 h"


async def test_the_same_pages_again_are_no_second_version(here: Office) -> None:
    first = await here.hands_in(another_limit("7 h"))
    again = await here.hands_in(another_limit("7 h"))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


async def test_a_draft_on_a_version_that_was_replaced_meanwhile_is_refused(here: Office) -> None:
    await here.publishes(another_limit("7 h"))

    refused = await here.hands_in(one_more_category(), based_on=1)

    assert code(refused) == (409, "moved_on")
    assert "第 2 版" in refused.json()["detail"]
    assert (await here.hands_in(one_more_category(), based_on=2)).status_code == 201


async def test_approving_twice_is_answered_alike_and_by_another_is_told(here: Office) -> None:
    await here.publishes(another_limit("7 h"))

    again = await here.approves(2)

    assert (again.status_code, again.json()["publication"]) == (200, 2)
    assert code(await here.approves(1)) == (200, "")
    assert code(await here.approves(7)) == (404, "unknown_version")
    assert code(await here.post("/wulibao/versions/two/approve", APPROVER)) == (404, "unknown_version")
    assert code(await here.post("/elsewhere/versions/1/approve", APPROVER)) == (404, "unknown_community")


async def test_two_approvals_at_once_come_one_after_the_other(here: Office) -> None:
    await here.hands_in(another_limit("7 h"))
    await here.hands_in(another_limit("8 h"))

    answers = await asyncio.gather(here.approves(2), here.approves(3))

    assert [each.status_code for each in answers] == [200, 200]
    now = await here.in_force()
    assert now["publication"] == 3
    assert now["number"] in (2, 3)
    assert here.desk.packs["wulibao"].version == now["version"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "files"),
        ({"files": {"categories.yaml": "{}"}, "folder": True}, "files"),
        ({"files": {"../base/rules.yaml": "[]"}}, "files.../base/rules.yaml.[key]"),
        ({"files": {"rules.yaml": 4}}, "files.rules.yaml"),
        ({"files": {"rules.yaml": "[]"}, "number": 4}, "number"),
    ],
)
async def test_what_is_no_draft_is_refused_by_its_field(here: Office, body: dict[str, object], field: str) -> None:
    refused = await here.post("/wulibao/versions", OFFICER, body)

    assert code(refused) == (422, "invalid_fields")
    assert [each["field"] for each in refused.json()["errors"]] == [field]


async def test_a_folder_that_was_edited_waits_until_an_officer_hands_it_in(tmp_path: Path) -> None:
    store = MemoryPackVersions()
    async with office(store) as before:
        await before.publishes(another_limit("7 h"))
    async with office(store) as after:
        now = await after.in_force()
        assert now["number"] == 2
        assert now["folder"] == {"version": wulibao().version, "in_force": False}

        handed_in = await after.post("/wulibao/versions", OFFICER, {"folder": True})

        assert (handed_in.status_code, handed_in.json()["number"]) == (200, 1), "it was version 1"


async def test_a_folder_that_was_edited_after_it_was_first_read_is_published_as_it_is_now(tmp_path: Path) -> None:
    for name in ("base", "wulibao"):
        shutil.copytree(PACKS / name, tmp_path / name)
    packed_folder(tmp_path / "wulibao")
    with (tmp_path / "wulibao" / "areas.yaml").open("a", encoding="utf-8") as areas:
        areas.write("- {id: new-b1, kind: building, parent: courtyard-51, name: {zh-CN: 新楼, en: New}}\n")
    pages = pages_of(tmp_path / "wulibao")
    store = MemoryPackVersions()

    async with office(store, settled=False) as here:
        here.versions.packs.begun_with["wulibao"] = version_of(pages)
        await settle(here.desk, here.versions, tmp_path, follow_folder=False)

    assert await store.cells("wulibao", version_of(pages)) == packed_cells_of(pages)
    assert "new-b1" in here.versions.packs["wulibao"].areas.areas


async def test_in_development_an_edited_folder_is_published_once_and_what_is_published_later_stays(
    tmp_path: Path,
) -> None:
    store = MemoryPackVersions()
    async with office(store, settled=False) as here:
        here.versions.packs.begun_with["wulibao"] = "another"
        await settle(here.desk, here.versions, PACKS, follow_folder=False)
        assert here.versions.lines == {}, "what is not what was loaded is never published"
        here.versions.packs.begun_with["wulibao"] = wulibao().version
        await settle(here.desk, here.versions, PACKS, follow_folder=True)
        await here.publishes(another_limit("7 h"))
        await settle(here.desk, here.versions, PACKS, follow_folder=True)
        assert (await here.in_force())["number"] == 2, "the folder is as it was"

        await store.see_folder("wulibao", "an older folder")
        await settle(here.desk, here.versions, PACKS, follow_folder=True)

        assert (await here.in_force())["number"] == 1
        assert (await here.in_force())["approved"]["person"] is None
