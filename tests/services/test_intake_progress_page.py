"""The progress page without JavaScript: a plain form for everything that may be asked now, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from services.intake.pages import LABELS
from services.intake.wishes import WISHES
from shaoyin.domain import commands as cmd
from tests.domain.town import CENTRE, DUTY
from tests.services.html_page import Page
from tests.services.intake_setup import GONE, Body, Routed, Town, a_case, a_drain, follow, given, with_a_result
from tests.services.intake_setup import town as a_town
from tests.services.test_intake_merged import merged

UNSORTED = a_drain(category=GONE, reporter={"name": "欧阳晓明", "phone": "13800138000"})


@pytest.fixture(scope="module")
async def town(mongo_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path_factory.mktemp("intake")) as found:
        yield found


async def page_of(town: Town, code: str) -> Page:
    return Page(await town.http.get(f"/reports/{code}"))


def offered(page: Page) -> list[str]:
    """The wishes for which there is a form, in the page's order."""
    return [each["action"].rpartition("/")[2] for each in page.all("form")]


async def send(town: Town, code: str, wish: str, **fields: str) -> httpx.Response:
    page = await page_of(town, code)
    return await town.http.post(f"/reports/{code}/{wish}", data={"idempotency_key": page.key, **fields})


async def asked_case(town: Town) -> tuple[str, Routed]:
    code, story = await a_case(town, UNSORTED)
    await given(town, story, DUTY, cmd.AskInfo, question="是哪一家漏的？")
    return code, story


async def refused_case(town: Town) -> tuple[str, Routed]:
    code, story = await a_case(town, UNSORTED)
    await given(town, story, DUTY, cmd.Refuse, ground="x", public_reply="这是业主的事。", where_instead="请找业委会。")
    return code, story


async def closed_case(town: Town) -> tuple[str, Routed]:
    receipt = await town.taken(a_drain(category="SAN.exposed_waste", reporter={"name": "欧阳晓明"}))
    story = await with_a_result(town, receipt["report_id"])
    story.rated_elsewhere("solved")
    await follow(town, story)
    return receipt["query_code"], story


async def test_there_is_a_form_for_each_thing_that_may_be_asked_and_for_nothing_else(town: Town) -> None:
    for make in (asked_case, refused_case, closed_case):
        code, _ = await make(town)
        may = (await town.progress(code))["may"]
        assert isinstance(may, list)
        assert sorted(offered(await page_of(town, code))) == sorted(may), make.__name__


async def test_every_field_of_every_form_has_a_label_and_an_id_of_its_own(town: Town) -> None:
    """Domain 6.6: usable with a keyboard and read aloud."""
    seen = set()
    for make in (asked_case, refused_case, closed_case):
        code, _ = await make(town)
        page = await page_of(town, code)
        labelled = {each["for"] for each in page.all("label")}
        assert labelled == {each["id"] for each in page.fields}
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert len(page.all("fieldset")) == len(page.all("legend"))
        assert len(page.all("button")) == len(page.all("form"))
        assert not page.all("script")
        seen |= set(offered(page))
    assert seen == set(WISHES)


def test_every_field_of_a_wish_has_a_name_for_its_errors() -> None:
    fields = {f"{kind.name}-{name}" for kind in WISHES.values() for name in kind.model.model_fields}

    assert fields - {"info-answers", "info-place"} <= set(LABELS)


SENT: list[tuple[str, dict[str, str]]] = [
    ("info", {"text": "三楼"}),
    ("urge", {"text": ""}),
    ("secrecy", {"secrecy": "confidential"}),
    ("withdraw", {"reason": ""}),
]


async def test_each_form_leads_back_to_the_page_which_says_that_it_is_pending(town: Town) -> None:
    for wish, fields in SENT:
        code, _ = await asked_case(town)
        answer = await send(town, code, wish, **fields)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/reports/{code}"), wish
        page = await page_of(town, code)
        assert page.says("已收到，正在办理。 Received; being dealt with."), wish
        assert wish not in offered(page) or wish == "secrecy"


async def test_not_fixed_and_disagreeing_are_forms_too(town: Town) -> None:
    closed, _ = await closed_case(town)
    assert (await send(town, closed, "reopen", reason="又来了")).status_code == 303
    refused, _ = await refused_case(town)
    assert (await send(town, refused, "dispute", text="不对")).status_code == 303
    assert offered(await page_of(town, refused)) == []


async def test_the_question_stands_above_its_form(town: Town) -> None:
    code, _ = await asked_case(town)

    page = await page_of(town, code)

    assert page.says("是哪一家漏的？")
    assert page.html.rindex("是哪一家漏的？") < page.html.index('id="info-text"')


async def test_what_is_missing_is_told_beside_its_field_and_what_was_typed_is_kept(town: Town) -> None:
    closed, _ = await closed_case(town)
    wrong = Page(await send(town, closed, "rating", text="还 <b>行"))
    assert (wrong.status, wrong.errors) == (422, ["rating-solved"])
    assert "还 &lt;b&gt;行</textarea>" in wrong.html
    assert set(wrong.errors) <= {attributes.get("id") for _, attributes in wrong.elements}

    empty = Page(await send(town, closed, "reopen"))
    assert empty.errors == ["reopen-reason"]
    assert empty.all("textarea", id="reopen-reason")[0]["aria-invalid"] == "true"
    assert empty.says("哪里没有修好：缺少这一项。 What is not fixed: This field is missing.")
    long = Page(await send(town, closed, "reopen", reason="x" * 1001))
    assert (long.status, long.errors) == (422, ["reopen-reason"])


async def test_what_is_not_possible_now_is_told_as_a_page_in_the_rules_words(town: Town) -> None:
    code, _ = await asked_case(town)
    await send(town, code, "urge")

    again = Page(await send(town, code, "urge", text="快"))

    assert again.status == 409
    assert again.says("今天已经催过一次,明天可以再催。 You have urged today; tomorrow you may again.")


async def test_the_same_form_sent_twice_is_one_request(town: Town) -> None:
    code, _ = await asked_case(town)
    page = await page_of(town, code)
    for _ in range(2):
        data = {"idempotency_key": page.key, "text": "三楼"}
        assert (await town.http.post(f"/reports/{code}/info", data=data)).status_code == 303
    requests = (await town.progress(code))["requests"]
    assert isinstance(requests, list)
    assert len(requests) == 1


async def test_the_way_to_more_secrecy_offers_only_what_is_above(town: Town) -> None:
    hidden: Body = {**UNSORTED, "reporter": {"name": "欧阳晓明", "secrecy": "confidential"}}
    for body, levels in ((UNSORTED, {"confidential", "anonymous"}), (hidden, {"anonymous"})):
        code, _ = await a_case(town, body)
        page = await page_of(town, code)
        assert {each["value"] for each in page.all("input", name="secrecy")} == levels


async def test_a_merged_report_shows_the_leads_number_and_goes_on(town: Town) -> None:
    """Row 11, on the page."""
    _, lead = await a_case(town, a_drain(reporter={"phone": "13900139000"}))
    code, story = await a_case(town, UNSORTED)
    merged(lead, story)
    await follow(town, lead)
    await follow(town, story)

    page = await page_of(town, code)

    assert page.says("编号 N1")
    assert page.says("You go on being told here.")
    assert page.says("已派给承办单位,等待签收")
    assert "urge" in offered(page)


async def test_a_report_that_ended_in_a_call_shows_the_number_on_top_and_keeps_it(town: Town) -> None:
    """Row 3, by staff: the number was not shown with the receipt."""
    code, story = await a_case(town, UNSORTED)
    assert not (await page_of(town, code)).all("section", **{"class": "now"})
    await given(town, story, DUTY, cmd.DivertEmergency, numbers=("119",), danger="gas")

    page = await page_of(town, code)

    assert page.all("section", **{"class": "now"})
    assert page.says("请立即拨打119")
    assert [each["href"] for each in page.all("a", **{"class": "call"})].count("tel:119") == 2
    assert offered(page) == []


async def test_a_report_that_was_handed_on_shows_the_receipt_number(town: Town) -> None:
    """Row 40."""
    code, story = await a_case(town, UNSORTED)
    await given(
        town, story, CENTRE, cmd.TransferOut, public_reply="归燃气公司。", receiver="燃气公司", receipt_number="R-17",
        how_to_follow="拨 96777 查询。",
    )  # fmt: skip

    page = await page_of(town, code)

    assert page.says("R-17")
    assert page.says("拨 96777 查询。")
