"""The form without JavaScript: two steps, every label in its place, mistakes told with everything that was typed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest

from services.intake.pages import FOLDER, LABELS
from tests.services.html_page import Page
from tests.services.intake_setup import Town, with_a_result
from tests.services.intake_setup import town as a_town

FORM = "/c/wulibao?category=WAT.sewer_blocked"


@pytest.fixture(scope="module")
async def town(mongo_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path_factory.mktemp("intake")) as found:
        yield found


async def get(town: Town, path: str) -> Page:
    return Page(await town.http.get(path))


async def fields_of(town: Town, **typed: str) -> dict[str, str]:
    page = await get(town, FORM)
    return {
        "idempotency_key": page.key, "category": "WAT.sewer_blocked", "description": "下水道堵了",
        "place.area": "courtyard-51-b1", "place.text": "", "answers.danger": "none", "answers.inside_flat": "no",
        "reporter.secrecy": "open", "reporter.name": "", "reporter.phone": "", **typed,
    }  # fmt: skip


async def post(town: Town, fields: Mapping[str, str | list[str]], path: str = "/c/wulibao") -> httpx.Response:
    return await town.http.post(path, data=fields)


async def test_the_first_page_lists_the_communities_and_asks_for_a_query_code(town: Town) -> None:
    page = await get(town, "/")

    assert page.all("a", href="/c/wulibao")
    assert page.says("五里堡南社区(演示) Wulibao South community (demonstration)")
    assert page.all("input", name="code")


async def test_the_first_step_asks_for_the_category_in_groups_and_lets_one_be_unsure(town: Town) -> None:
    page = await get(town, "/c/wulibao")

    assert page.all("a", href="/c/wulibao?category=unsure")
    assert page.all("a", href=FORM)
    assert page.says("供水排水 Water and drains")
    assert len(page.all("summary")) == len(page.all("details")) > 10


async def test_the_second_step_asks_the_questions_of_the_category_and_danger_first(town: Town) -> None:
    page = await get(town, FORM)

    asked = [each["name"] for each in page.fields]
    names = list(dict.fromkeys(name for name in asked if name.startswith("answers.")))
    questions = town.intake.packs["wulibao"].categories["WAT.sewer_blocked"].questions
    assert names == list(dict.fromkeys(["answers.danger", *(f"answers.{each}" for each in questions)]))
    assert len(page.all("optgroup")) > 3
    assert page.all("option", value="courtyard-51-b1")
    unsure = await get(town, "/c/wulibao?category=unsure")
    assert {each["name"] for each in unsure.fields if each["name"].startswith("answers.")} == {"answers.danger"}


@pytest.mark.parametrize("category", ["DIS.group", "DIS.neighbour", "PRO.lift_upkeep", "SAN.exposed_waste"])
async def test_every_question_may_stay_unanswered_and_none_is_answered_beforehand(town: Town, category: str) -> None:
    page = await get(town, f"/c/wulibao?category={category}")
    for name in {each["name"] for each in page.fields if each["name"].startswith("answers.")}:
        fields = [each for each in page.fields if each["name"] == name]
        if {each["type"] for each in fields} == {"checkbox"}:
            assert not [each for each in fields if "checked" in each], name
            continue
        unanswered = [each for each in fields if each.get("value", "") == ""]
        assert len(unanswered) == 1, name
        assert unanswered[0]["type"] == "text" or "checked" in unanswered[0], name


async def test_every_field_has_a_label_and_every_group_a_legend(town: Town) -> None:
    for path in ("/", FORM, "/c/wulibao?category=unsure"):
        page = await get(town, path)
        labelled = {each["for"] for each in page.all("label")}
        assert labelled == {each["id"] for each in page.fields}, path
        assert len(page.all("fieldset")) == len(page.all("legend"))
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        described = {one for each in page.fields for one in each.get("aria-describedby", "").split()}
        assert described <= set(ids)


async def test_every_page_can_be_skipped_says_its_language_and_shows_the_emergency_numbers_first(town: Town) -> None:
    code = (await town.taken())["query_code"]
    for path in ("/", "/c/wulibao", FORM, f"/reports/{code}", "/reports/nothing"):
        page = await get(town, path)
        assert page.all("html", lang="zh-CN"), path
        assert page.elements[[tag for tag, _ in page.elements].index("body") + 1][1]["class"] == "skip"
        assert page.all("a", href="#main")
        assert len(page.all("main", id="main")) == 1
        assert {each["href"] for each in page.all("a", **{"class": "call"})} >= {"tel:110", "tel:119", "tel:120"}
        assert page.html.index("tel:110") < page.html.index("<main")
        assert len(page.all("h1")) == 1
        assert page.all("span", lang="en")
        assert all(each["src"].startswith("/static/") and "defer" in each for each in page.all("script"))
        assert "style=" not in page.html


async def test_a_report_from_the_form_leads_to_its_progress_page(town: Town) -> None:
    answer = await post(town, await fields_of(town))

    assert answer.status_code == 303
    code = answer.headers["location"].removeprefix("/reports/")
    page = await get(town, f"/reports/{code}")
    assert page.status == 200
    assert page.says(f"{code[:5]}-{code[5:]}")
    assert page.says("已收到,正在看 Received, being looked at")
    assert page.says("五里堡南社区居委会 Wulibao South residents' committee") or page.says("五里堡南社区居委会")
    progress = await town.progress(code)
    document = (await town.intake.reports.by_id([str(progress["report_id"])]))[str(progress["report_id"])]
    assert document["report"]["answers"] == {"danger": "none", "inside_flat": False}
    assert document["report"]["place"]["area"] == "courtyard-51-b1"


async def test_a_form_posted_as_multipart_is_the_same(town: Town) -> None:
    fields = await fields_of(town)

    answer = await town.http.post("/c/wulibao", files={name: (None, value) for name, value in fields.items()})

    assert answer.status_code == 303


async def test_sending_the_same_form_twice_is_one_report(town: Town) -> None:
    fields = await fields_of(town)

    first, second = await post(town, fields), await post(town, fields)

    assert first.headers["location"] == second.headers["location"]


async def test_what_is_missing_is_told_and_what_was_typed_is_kept(town: Town) -> None:
    typed = {
        "description": "", "place.area": "", "place.text": "", "answers.danger": "smoke", "reporter.name": '张三 "<b>"',
        "reporter.phone": "打给我", "reporter.secrecy": "confidential",
    }  # fmt: skip
    sent = await fields_of(town, **typed)
    page = Page(await post(town, sent))

    assert page.status == 422
    assert page.errors == ["description", "place", "reporter-phone"]
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert set(page.errors) <= ids
    assert page.all("textarea", id="description")[0]["aria-invalid"] == "true"
    assert "description-wrong" in page.all("textarea", id="description")[0]["aria-describedby"].split()
    assert page.all("input", id="reporter-name")[0]["value"] == '张三 "<b>"'
    assert "<b>" not in page.html
    assert "checked" in page.all("input", name="answers.danger", value="smoke")[0]
    assert "checked" in page.all("input", name="reporter.secrecy", value="confidential")[0]
    assert page.all("section", role="alert")
    assert "有误" in page.html[: page.html.index("</title>")]
    assert page.key == sent["idempotency_key"]
    corrected = await post(town, sent | {"description": "堵了", "place.area": "courtyard-51", "reporter.phone": ""})
    assert corrected.status_code == 303


async def test_a_kept_place_is_still_chosen(town: Town) -> None:
    page = Page(await post(town, await fields_of(town, description="")))

    assert page.errors == ["description"]
    assert "selected" in page.all("option", value="courtyard-51-b1")[0]


async def test_a_changed_text_under_a_used_key_is_told_and_can_be_sent_as_a_new_report(town: Town) -> None:
    fields = await fields_of(town)
    first = await post(town, fields)
    page = Page(await post(town, fields | {"description": "另一件事"}))

    assert page.status == 422
    assert page.key != fields["idempotency_key"]
    again = await post(town, fields | {"description": "另一件事", "idempotency_key": page.key})
    assert again.status_code == 303
    assert again.headers["location"] != first.headers["location"]


async def test_danger_is_answered_with_the_numbers_on_top_of_the_progress_page(town: Town) -> None:
    answer = await post(town, await fields_of(town, **{"answers.danger": "smoke"}))

    page = await get(town, answer.headers["location"])

    assert page.all("section", **{"class": "now"})[0]["role"] == "alert"
    assert page.says("请立即拨打119")


async def test_of_a_question_with_several_answers_as_many_are_ticked_as_are_true_and_kept(town: Town) -> None:
    page, dangers = await get(town, FORM), town.intake.packs["wulibao"].questions["danger"].choices
    boxes = page.all("input", name="answers.danger")
    assert {each["type"] for each in boxes} == {"checkbox"}
    assert [each["value"] for each in boxes] == [name for name, _ in dangers]

    ticked = {"answers.danger": ["smoke", "injury"]}
    again = Page(await post(town, {**await fields_of(town, description=""), **ticked}))
    kept = [each["value"] for each in again.all("input", name="answers.danger") if "checked" in each]
    shown = await get(town, (await post(town, {**await fields_of(town), **ticked})).headers["location"])

    assert sorted(kept) == ["injury", "smoke"]
    assert shown.says("请立即拨打119")
    assert shown.says("请立即拨打120")


async def test_a_masked_category_does_not_offer_to_be_open(town: Town) -> None:
    page = await get(town, "/c/wulibao?category=DIS.neighbour")

    assert {each["value"] for each in page.all("input", name="reporter.secrecy")} == {"confidential", "anonymous"}
    assert "checked" in page.all("input", name="reporter.secrecy", value="confidential")[0]


async def test_the_elder_version_is_kept_in_a_cookie_and_leads_back_to_the_page(town: Town) -> None:
    on = await town.http.get("/view", params={"elder": "1", "to": "/c/wulibao?category=unsure"})
    assert (on.status_code, on.headers["location"]) == (303, "/c/wulibao?category=unsure")
    assert "view=elder" in on.headers["set-cookie"]
    assert "HttpOnly" in on.headers["set-cookie"]

    page = Page(await town.http.get("/", headers={"Cookie": "view=elder"}))
    assert page.all("html", **{"class": "elder"})
    assert page.says("标准版 Standard size")
    assert page.all("a", href="/view?elder=0&to=/")
    await town.http.get("/view", params={"elder": "0"})
    assert (await get(town, "/")).says("长辈版")


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""])
async def test_the_way_back_never_leads_to_another_site(town: Town, to: str) -> None:
    answer = await town.http.get("/view", params={"elder": "0", "to": to})

    assert answer.headers["location"] == "/"


async def test_a_typed_code_leads_to_its_page_and_a_wrong_one_says_what_a_code_looks_like(town: Town) -> None:
    code = (await town.taken())["query_code"]
    found = await town.http.get("/reports", params={"code": f" {code[:5].lower()} {code[5:]}"})
    assert (found.status_code, found.headers["location"]) == (303, f"/reports/{code}")

    page = await get(town, "/reports?code=0O1IL")
    assert (page.status, page.errors) == (422, [])
    assert page.all("input", id="code")[0]["aria-invalid"] == "true"
    missing = await get(town, "/reports/AAAAAAAAAA")
    assert missing.status == 404
    assert missing.says("没有找到")


async def test_what_goes_wrong_on_a_page_is_told_as_a_page(town: Town) -> None:
    assert (await get(town, "/c/atlantis")).status == 404
    too_big = await post(town, await fields_of(town, description="x" * (1024 * 1024)))
    assert Page(too_big).status == 413
    wrong_kind = await town.http.post("/c/wulibao", json={})
    assert Page(wrong_kind).status == 415
    file = await town.http.post("/c/wulibao", data=await fields_of(town), files={"photos": ("a.jpg", b"x")})
    assert Page(file).status == 422
    assert Page(file).says("照片")
    unreadable = await town.http.post(
        "/c/wulibao", content=b"description=%FF", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert Page(unreadable).status == 400


async def test_an_unknown_category_leads_to_the_first_step_again(town: Town) -> None:
    page = await get(town, "/c/wulibao?category=WAT.flood")

    assert page.says("第一步")


async def test_the_progress_page_asks_for_a_rating_in_time_and_takes_it(town: Town) -> None:
    answer = await post(town, await fields_of(town, category="SAN.exposed_waste", description="垃圾没人清"))
    path = answer.headers["location"]
    assert not (await get(town, path)).all("form", action=f"{path}/rating")
    progress = await town.progress(path.removeprefix("/reports/"))
    await with_a_result(town, str(progress["report_id"]))

    page = await get(town, path)
    assert page.all("form", action=f"{path}/rating")
    assert page.says("垃圾已清走") or page.says("提交了办理结果")
    labelled = {each["for"] for each in page.all("label")}
    assert labelled == {each["id"] for each in page.fields}
    empty = Page(await post(town, {"idempotency_key": page.key, "text": "还行"}, f"{path}/rating"))
    assert (empty.status, empty.errors) == (422, ["rating-solved"])
    assert ">还行</textarea>" in empty.html
    rated = await post(town, {"idempotency_key": page.key, "solved": "solved", "text": "还行"}, f"{path}/rating")
    assert (rated.status_code, rated.headers["location"]) == (303, path)
    assert (await get(town, path)).says("已收到，正在办理。")


async def test_a_rating_too_early_is_told_as_a_page(town: Town) -> None:
    code = (await town.taken())["query_code"]

    page = Page(await post(town, {"solved": "solved"}, f"/reports/{code}/rating"))

    assert page.status == 409
    assert page.says("现在还不能评价")


async def test_no_page_is_kept_by_a_browser_or_tells_its_address(town: Town) -> None:
    code = (await town.taken())["query_code"]
    answer = await town.http.get(f"/reports/{code}")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_the_styles_are_large_and_the_contrast_is_strong(town: Town) -> None:
    answer = await town.http.get("/intake.css")
    assert answer.headers["content-type"].startswith("text/css")
    css = answer.text

    assert "[hidden] { display: none !important; }" in css, (
        "a button says how it is displayed, and is hidden all the same"
    )
    assert int(re.findall(r"font-size: (\d+)px", css)[0]) >= 18
    assert all(int(size) >= 18 for size in re.findall(r"font-size: (\d+)px", css))
    assert all(float(size) >= 1 for size in re.findall(r"font-size: ([\d.]+)rem", css))
    assert all(int(size) >= 28 for size in re.findall(r"min-height: (\d+)px", css))
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css))
    for ink in ("ink", "main", "main-dark", "bad", "quiet"):
        for paper in ("#ffffff", colours["soft"], "#fff5f5"):
            assert contrast(colours[ink], paper) >= 4.5, (ink, paper)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((light(one), light(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_field_of_the_pages_has_a_name_for_its_errors() -> None:
    html = "".join(path.read_text("utf-8") for path in Path(FOLDER).glob("*.html"))
    ids = set(re.findall(r'told\(errors, "([\w-]+)"', html)) | set(re.findall(r'<fieldset id="([\w-]+)"', html))

    assert ids <= set(LABELS)
