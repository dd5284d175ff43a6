"""What a text may be about, over the API and on the form with and without script: proposed, never decided or kept."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.intake.described import SuggestionShown
from services.intake.pages import FOLDER
from services.intake.rates import rate_of
from tests.services.html_page import Page
from tests.services.intake_setup import GONE, Town, a_drain, problem
from tests.services.intake_setup import town as a_town

CALL = "/api/communities/wulibao/suggest"
UNSURE = "/c/wulibao?category=unsure"
CHOOSE, PART = "/c/wulibao/choose", "/c/wulibao/suggested"


@pytest.fixture(scope="module")
async def town(mongo_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path_factory.mktemp("intake")) as found:
        yield found


async def suggested(town: Town, text: str, language: str = "zh-CN") -> SuggestionShown:
    answer = await town.http.post(CALL, json={"description": text}, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return SuggestionShown.model_validate(answer.json())


async def test_a_slip_of_the_keys_is_understood_and_the_words_are_shown(town: Town) -> None:
    found = await suggested(town, "下水到堵了两天")

    assert (found.categories[0].category, found.categories[0].name) == ("WAT.sewer_blocked", "下水道堵塞")
    assert "下水到堵" in found.categories[0].words
    assert (await suggested(town, "下水到堵了两天", "en")).categories[0].name == "Blocked sewer or drain"


async def test_danger_comes_with_the_number_and_what_to_do(town: Town) -> None:
    (danger,) = (await suggested(town, "厨房漏气了", "en")).dangers

    assert (danger.danger, danger.number, danger.words) == ("gas", "119", ["漏气"])
    assert danger.say.startswith("Leave now")


async def test_a_greeting_is_about_nothing(town: Town) -> None:
    found = await suggested(town, "你好")

    assert (found.categories, found.dangers) == ([], [])


@pytest.mark.parametrize("body", [{}, {"description": ""}, {"description": "堵" * 4001}, {"description": "堵", "x": 1}])
async def test_what_is_no_description_is_refused(town: Town, body: dict[str, object]) -> None:
    assert problem(await town.http.post(CALL, json=body))[0] == 422


async def test_there_is_no_suggestion_for_a_community_that_is_none(town: Town) -> None:
    answer = await town.http.post("/api/communities/atlantis/suggest", json={"description": "堵了"})

    assert problem(answer)[:2] == (404, "unknown_community")


async def test_what_was_asked_is_kept_nowhere(town: Town) -> None:
    database = town.client[town.settings.database("intake")]
    before = {name: await database[name].count_documents({}) for name in await database.list_collection_names()}

    await suggested(town, "下水道堵了")

    after = {name: await database[name].count_documents({}) for name in await database.list_collection_names()}
    assert after == before


async def test_the_residents_own_choice_and_no_choice_at_all_stand(town: Town) -> None:
    """The words speak of a drain; the report says what was chosen, or nothing."""
    chosen = await town.travelled((await town.taken(a_drain(category="LIG.lamp_out")))["report_id"])
    unsorted = await town.travelled((await town.taken(a_drain(category=GONE)))["report_id"])

    assert (chosen.category, unsorted.category) == ("LIG.lamp_out", None)


async def test_without_script_a_button_shows_what_it_may_be_and_keeps_what_was_typed(town: Town) -> None:
    page = Page(await town.http.get(UNSURE))
    asked = page.all("button", id="suggest-ask")[0]
    assert (asked["formaction"], "formnovalidate" in asked) == (CHOOSE, True)

    typed = {"idempotency_key": page.key, "description": "下水道堵了", "place.text": "井边", "choose": ""}
    found = Page(await town.http.post(CHOOSE, data=typed))

    assert (found.status, found.key, found.errors) == (200, page.key, [])
    assert found.says("可能是： It may be:")
    assert found.all("button", name="choose", value="WAT.sewer_blocked", formaction=CHOOSE)
    assert found.says("下水道堵了")
    assert found.all("input", value="井边")


async def test_a_tapped_suggestion_becomes_the_category_with_its_questions_and_can_be_sent(town: Town) -> None:
    page = Page(await town.http.get(UNSURE))
    typed = {"idempotency_key": page.key, "description": "下水道堵了", "place.area": "courtyard-51-b1"}

    found = Page(await town.http.post(CHOOSE, data={**typed, "choose": "WAT.sewer_blocked"}))

    assert found.all("input", name="category", value="WAT.sewer_blocked")
    assert "answers.inside_flat" in {each["name"] for each in found.fields}
    assert not found.all("section", **{"class": "suggest"})
    assert not found.all("script", src="/static/suggest.js")
    sent = await town.http.post("/c/wulibao", data={**typed, "category": "WAT.sewer_blocked"})
    assert sent.status_code == 303


async def test_a_choice_that_the_community_does_not_have_is_no_choice(town: Town) -> None:
    found = Page(await town.http.post(CHOOSE, data={"description": "路灯不亮", "choose": "XXX.nothing"}))

    assert not found.all("input", name="category")
    assert found.all("button", name="choose", value="LIG.lamp_out")


async def test_the_enter_key_sends_the_form_and_asks_for_nothing(town: Town) -> None:
    """The first button of a form is the one that the key presses."""
    page = Page(await town.http.get(UNSURE))

    first = page.all("button")[0]
    assert (first["type"], "formaction" in first, "hidden" in first) == ("submit", False, True)


async def test_the_script_is_loaded_only_where_no_category_is_chosen_and_asks_for_a_part_of_the_page(
    town: Town,
) -> None:
    page = Page(await town.http.get(UNSURE))
    assert page.all("script", src="/static/suggest.js")
    place = page.all("div", id="suggest-found")[0]
    assert (place["role"], place["data-from"]) == ("status", PART)

    script = await town.http.get("/static/suggest.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.text == (FOLDER / "suggest.js").read_text("utf-8")

    part = Page(await town.http.post(PART, data={"description": "厨房漏气,楼道灯也不亮 <b>"}))
    assert part.all("a", href="tel:119")
    assert part.all("button", name="choose", value="LIG.corridor_light")
    assert "<b>" not in part.html
    assert not part.all("html")


def test_asking_costs_nothing_of_the_reports_a_device_may_send() -> None:
    for path in (CALL, CHOOSE, PART):
        call = rate_of("POST", path)
        assert call is not None
        assert call.kind == "public"
    assert rate_of("GET", "/static/suggest.js") is None
