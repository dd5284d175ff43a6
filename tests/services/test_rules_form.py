"""Rules changed in a form: what a cell may hold is chosen, the whole is checked and tried, and two people publish."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.router.documents import opened
from shaoyin.adapters.pack_cells import unpacked_pages
from shaoyin.adapters.rule_table import PAGE
from shaoyin.domain.commands import OpenCase
from shaoyin.domain.flow import decision
from shaoyin.domain.report import case_id_of
from tests.domain.town import MORNING, PACKS, wulibao
from tests.services.html_page import Page
from tests.services.publication_setup import (
    APPROVER,
    DRAIN,
    OFFICER,
    STRANGER,
    Office,
    a_drain,
    another_row,
    changes,
    office,
    other_words,
)
from tests.services.rules_desk import Browser, form

ROW = "/rules/wulibao/rows/36"
DRAFT = "/rules/wulibao/draft"
VERSIONS = "/rules/wulibao/versions"


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    """A community whose scenarios do not stand in the way."""
    async with office() as found:
        await found.publishes({**changes(), **other_words("state.closed", "办好了", "all done")})
        yield found


@pytest.fixture
async def browser(here: Office) -> Browser:
    found = Browser(here)
    await found.signs_in(OFFICER)
    return found


async def put(browser: Browser, row: str = ROW, /, **typed: str | list[str]) -> Page:
    return await browser.sends(await browser.reads(row), DRAFT, do="put", **typed)


def drafted(page: Page) -> Any:
    return json.loads(str(form(page, DRAFT)["draft"]))


async def test_a_cell_offers_what_it_may_hold_and_nothing_else_can_be_written_there(browser: Browser) -> None:
    page = await browser.reads(ROW)

    fields = form(page, DRAFT)
    assert (fields["main"], fields["mode"], fields["result_within.n"]) == (["community", "", ""], "WM", "24")
    assert page.all("option", value="community", selected="")
    assert page.all("input", type="checkbox", name="when.category.value", value="WAT.sewer_blocked", checked="")
    written = {each["name"] for each in page.fields if "maxlength" in each}
    chosen = {each["name"] for each in (*page.all("select"), *page.all("input", type="checkbox"))}
    assert written | chosen == {each["name"] for each in page.fields}
    assert {re.sub(r"\d", "0", name) for name in written if "." in name} == {
        "first_step.n", "result_within.n", "claim.n", "whistles.0.places", "whistles.0.task",
    }  # fmt: skip
    assert written - {name for name in written if "." in name} == {"basis", "comment"}


async def test_every_control_of_the_form_has_a_name_and_no_id_stands_twice(browser: Browser) -> None:
    page = await browser.reads(ROW)

    labelled = {each["for"] for each in page.all("label")}
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert all(each.get("id") in labelled or each.get("aria-label") for each in page.fields)
    assert labelled <= set(ids)
    assert len(ids) == len(set(ids))


async def test_who_may_not_change_rules_sees_the_row_and_no_form(here: Office, browser: Browser) -> None:
    page = await browser.reads(ROW)
    await browser.signs_in(STRANGER)

    read = await browser.reads(ROW)

    assert read.says("第 36 行 Row 36")
    assert not read.all("form", action=DRAFT)
    forged = Page(await here.http.post(DRAFT, data={**form(page, DRAFT), "do": "put"}))
    assert forged.status == 403


async def test_a_row_that_nobody_touched_is_no_change(browser: Browser) -> None:
    page = await put(browser)

    assert page.says("草稿里没有改动")
    assert drafted(page)["rows"] == {}
    assert not page.all("button", value="hand_in")


async def test_a_changed_cell_is_shown_beside_what_is_in_force_and_handed_in_and_approved_by_another(
    here: Office, browser: Browser
) -> None:
    typed: dict[str, str | list[str]] = {"result_within.n": "5", "main": ["street", "community", ""]}
    page = await put(browser, **typed)
    assert page.says("检查过了，没有问题")
    assert page.says("24小时内办结 result within 24 hours")
    assert page.says("5小时内办结 result within 5 hours")
    assert page.says("街道；没有的，由社区值班岗")

    version = await browser.sends(page, DRAFT, do="hand_in", note="先找街道")
    assert (version.status, version.says("第 3 版"), version.says("先找街道")) == (200, True, True)
    assert version.says("要由另一个人批准")
    assert not version.all("button", value="approve")
    assert (await here.in_force())["number"] == 2, "nothing is in force by one person alone"

    await browser.signs_in(APPROVER)
    seen = await browser.reads(f"{VERSIONS}/3")
    assert seen.says("5小时内办结")
    now = await browser.sends(seen, f"{VERSIONS}/3", do="approve")

    assert now.says("第 3 版 Version 3 · 现行")
    assert (await here.in_force())["number"] == 3
    row = here.desk.packs["wulibao"].rules.by_number[36]
    assert (row.then.main, row.then.result_within) == ("street|community", "5 h")


async def test_only_the_own_page_of_rules_changes_and_the_row_stays_as_its_clerk_wrote_it(
    here: Office, browser: Browser
) -> None:
    page = await put(browser, **{"result_within.n": "5"})
    await browser.sends(page, DRAFT, do="hand_in")

    before, after = [unpacked_pages(await here.versions.store.pages("wulibao", number) or "") for number in (2, 3)]

    assert before["base"] == after["base"]
    own = {name: raw for name, raw in after["wulibao"].items() if before["wulibao"].get(name) != raw}
    assert list(own) == [PAGE]
    as_written = (PACKS / "base" / PAGE).read_text("utf-8")
    entry = as_written[as_written.index("- row: 36\n") : as_written.index("\n- row: 39\n")]
    assert (
        entry.replace("24 h", "5 h").split("\n", 3)[:3]
        == own[PAGE].decode().partition("\n")[2].strip().split("\n", 3)[:3]
    )


async def test_what_is_wrong_with_a_cell_stands_beside_it_and_what_was_typed_stays(browser: Browser) -> None:
    page = await put(browser, **{"result_within.n": "five", "basis": "", "comment": "为什么"})

    assert page.status == 422
    assert set(page.errors) == {"cell-result_within", "cell-basis"}
    assert page.all("input", **{"name": "result_within.n", "value": "five", "aria-invalid": "true"})
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert {each["aria-describedby"] for each in page.all("input") if "aria-describedby" in each} <= ids
    assert page.says("为什么")
    part = page.html[page.html.index('id="cell-result_within"') :]
    assert part.index("✗") < part.index('name="result_within.n"')

    right = await browser.sends(page, DRAFT, do="put", **{"result_within.n": "5", "basis": "五小时"})
    assert (right.status, right.says("没有问题")) == (200, True)


async def test_a_row_that_the_change_makes_wrong_is_named_though_it_was_not_changed(
    here: Office, browser: Browser
) -> None:
    """Row 37 then holds for every blocked drain, so the community's own row 36 behind it is never reached."""
    await here.publishes(another_row(36, result_within="5 h"))

    page = await put(browser, "/rules/wulibao/rows/37", fact=["category"])

    assert page.status == 422
    assert re.findall(r'id="change-(\w+)"', page.html) == ["37", "36"]
    assert page.says("第 36 行（没有改，也受影响）")
    assert page.all("button", value="row:36")


async def test_a_condition_and_a_whistle_are_added_without_a_script(browser: Browser) -> None:
    page = await browser.reads(ROW)

    asked = await browser.sends(page, DRAFT, do="add", add="returns")
    assert asked.all("select", name="when.returns.op")
    assert form(asked, DRAFT)["result_within.n"] == "24"
    assert not asked.all("option", value="returns"), "what is asked is not offered again"
    more = await browser.sends(asked, DRAFT, do="whistle", **{"when.returns.op": "at_least", "when.returns.value": "2"})
    assert more.all("select", name="whistles.2.type")

    done = await browser.sends(
        more, DRAFT, do="put",
        **{"whistles.2.type": "member_service_whistle", "whistles.2.tier": "member",
           "whistles.2.task": "搬井口周围杂物", "whistles.2.places": "3"},
    )  # fmt: skip
    row = drafted(done)["rows"]["36"]["data"]
    assert row["when"]["returns"] == {"at_least": 2}
    assert row["then"]["whistles"][2] == {
        "type": "member_service_whistle", "tier": "member", "task": "搬井口周围杂物", "places": 3,
    }  # fmt: skip


async def test_several_rows_make_one_draft_and_each_can_be_changed_again_or_left(browser: Browser) -> None:
    one = await put(browser, **{"result_within.n": "5"})
    two = await browser.sends(await browser.sends(one, DRAFT, do="row:43"), DRAFT, do="put", urgency="urgent")
    assert set(drafted(two)["rows"]) == {"36", "43"}

    again = await browser.sends(two, DRAFT, do="row:36")
    assert form(again, DRAFT)["result_within.n"] == "5"
    left = await browser.sends(again, DRAFT, do="show")
    assert set(drafted(left)["rows"]) == {"36", "43"}

    assert set(drafted(await browser.sends(left, DRAFT, do="undo:36"))["rows"]) == {"43"}
    back = await browser.sends(
        await browser.sends(left, DRAFT, do="row:36"), DRAFT, do="put", **{"result_within.n": "24"}
    )
    assert set(drafted(back)["rows"]) == {"43"}, "what says what is in force again is no change"


async def test_a_new_row_begins_empty_or_like_another_and_is_the_communitys_own(here: Office, browser: Browser) -> None:
    empty = await browser.sends(await browser.reads("/rules/wulibao"), DRAFT, do="new")
    assert empty.says("新的一行，第 201 行")
    refused = await browser.sends(empty, DRAFT, do="put")
    assert refused.status == 422

    like = await browser.sends(await browser.reads(ROW), DRAFT, do="new:36")
    page = await browser.sends(
        like, DRAFT, do="put", basis="街道决定", main=["street"], fact=["category", "management"],
        **{"when.category.value": ["WAT.sewer_blocked"], "when.management.value": ["unit_managed"]},
    )  # fmt: skip
    assert page.says("第 201 行 Row 201 · 新的 new")
    await browser.sends(page, DRAFT, do="hand_in")
    await here.approves(3)

    row = here.desk.packs["wulibao"].rules.by_number[201]
    assert (row.said_by, row.then.main) == ("wulibao", "street")
    gone = await browser.sends(await browser.reads("/rules/wulibao/rows/201"), DRAFT, do="drop:201")
    assert gone.says("第 201 行 Row 201 · 去掉了 gone")
    kept = await browser.sends(gone, DRAFT, do="restore:201")
    assert kept.says("草稿里没有改动")


async def test_an_own_row_is_given_up_for_the_inherited_one(here: Office, browser: Browser) -> None:
    await here.publishes(another_row(36, result_within="5 h"))

    page = await browser.sends(await browser.reads(ROW), DRAFT, do="drop:36")

    assert page.says("24小时内办结")
    await browser.sends(page, DRAFT, do="hand_in")
    await here.approves(4)
    assert here.desk.packs["wulibao"].rules.by_number[36].said_by == "base"


async def test_a_draft_is_tried_on_past_cases_and_counted_row_by_row(here: Office, browser: Browser) -> None:
    report = replace(a_drain(1), category=DRAIN)
    command = OpenCase(
        at=MORNING, report=report, case_id=case_id_of(report.report_id), number_if_accepted="N-1"
    )  # fmt: skip
    await here.desk.store.insert([(opened(decision(None, command, wulibao()), "run-1"), wulibao())])
    page = await put(browser, **{"result_within.n": "5"})

    tried = await browser.sends(page, DRAFT, do="simulate", days="30")

    assert tried.says("最近 30 天的 1 件，其中 1 件会不同")
    assert tried.says("N-1")
    assert re.findall(r'<th scope="row">36</th><td>(\d)</td><td>(\d)</td><td>(\d)</td>', tried.html) == [
        ("0", "0", "1")
    ]
    assert (await browser.sends(page, DRAFT, do="simulate", days="many")).says("填得不对")
    handed = await browser.sends(tried, DRAFT, do="hand_in")
    of_version = await browser.sends(handed, f"{VERSIONS}/3", do="simulate", days="30")
    assert of_version.says("最近 30 天的 1 件，其中 1 件会不同")
    assert (await browser.sends(handed, f"{VERSIONS}/3", do="simulate", days="0")).says("1 到 366")


async def test_a_version_that_came_into_force_meanwhile_is_told_and_the_draft_is_made_on_it(
    here: Office, browser: Browser
) -> None:
    page = await put(browser, **{"result_within.n": "5"})
    await here.publishes(another_row(43, urgency="urgent"))

    told = await browser.sends(page, DRAFT, do="hand_in")

    assert told.says("现行版本已经是第 3 版")
    assert drafted(told)["based_on"] == 3
    assert re.findall(r'id="change-(\w+)"', told.html) == ["36"], "what somebody else changed is no change of the draft"
    assert (await browser.sends(told, DRAFT, do="hand_in")).says("第 4 版")


async def test_a_draft_that_was_handed_in_can_be_gone_on_with(browser: Browser) -> None:
    page = await put(browser, **{"result_within.n": "5"})
    version = await browser.sends(page, DRAFT, do="hand_in")

    again = await browser.sends(version, DRAFT, do="show")

    assert drafted(again)["rows"] == drafted(page)["rows"]


async def test_the_history_tells_who_handed_in_and_who_approved(here: Office, browser: Browser) -> None:
    await browser.sends(await put(browser, **{"result_within.n": "5"}), DRAFT, do="hand_in", note="五小时")

    page = await browser.reads(VERSIONS)

    assert [page.says(said) for said in ("五小时", "示例·壬二", "示例·壬三", "系统 system", "没有批准")] == [True] * 5
    await browser.signs_in(STRANGER)
    reader = await browser.reads(VERSIONS)
    assert not reader.all("a", href=f"{VERSIONS}/3")
    assert (await browser.reads(f"{VERSIONS}/3")).status == 403


async def test_nobody_approves_his_own_version_and_a_wrong_number_is_none(here: Office, browser: Browser) -> None:
    version = await browser.sends(await put(browser, **{"result_within.n": "5"}), DRAFT, do="hand_in")

    assert (await browser.sends(version, f"{VERSIONS}/3", do="approve")).status == 403
    assert (await browser.reads(f"{VERSIONS}/9")).status == 404
    assert (await browser.reads(f"{VERSIONS}/three")).status == 404
    assert (await here.in_force())["number"] == 2


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"seal": ""}, 403),
        ({"draft": "{}"}, 422),
        ({"draft": "[1"}, 422),
        ({"draft": '{"based_on":2,"rows":{"../x":null}}'}, 422),
        ({"do": "row:999"}, 404),
        ({"do": "put", "line": "1000"}, 404),
        ({"do": "nothing of the kind"}, 200),
    ],
)
async def test_what_no_page_of_ours_sends_is_refused(browser: Browser, fields: dict[str, str], status: int) -> None:
    page = await browser.sends(await browser.reads(ROW), DRAFT, **fields)

    assert page.status == status


async def test_who_was_signed_out_meanwhile_is_told_that_what_he_wrote_is_still_there(
    here: Office, browser: Browser
) -> None:
    page = await browser.reads(ROW)
    here.http.cookies.clear()

    told = await browser.sends(page, DRAFT, do="put")

    assert told.status == 401
    assert told.all("a", href="/rules/-/sign-in", target="_blank")
    assert (await here.http.get(DRAFT)).url.path == "/rules/-/sign-in"


async def test_scenarios_that_no_longer_come_true_are_shown_and_written_anew_in_the_same_draft() -> None:
    async with office() as here:
        browser = Browser(here)
        await browser.signs_in(OFFICER)
        page = await put(browser, **{"result_within.n": "5"})
        assert page.status == 422
        texts = {name: text for name, text in form(page, DRAFT).items() if name.startswith("scenario:")}
        assert len(texts) == 4
        assert all("24 h" in text for text in texts.values())
        refused = await browser.sends(page, DRAFT, do="hand_in")
        assert refused.status == 422

        right = {name: str(text).replace("result: 24 h", "result: 5 h") for name, text in texts.items()}
        anew = await browser.sends(page, DRAFT, do="show", **right)
        assert (anew.status, anew.says("没有问题")) == (200, True)
        assert anew.says("一同改动的文件")
        broken = await browser.sends(page, DRAFT, do="show", **{next(iter(texts)): "- id: [\n"})
        assert (broken.status, "- id: [" in broken.html) == (422, True)
        assert (await browser.sends(anew, DRAFT, do="scenarios")).status == 422

        version = await browser.sends(anew, DRAFT, do="hand_in")
        assert version.says("第 2 版")
        assert drafted(await browser.sends(version, DRAFT, do="show")) == drafted(anew)
