"""What can be reported where, for clients that draw their own form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.intake.communities import grouped
from services.intake.described import CommunitiesShown, FormShown, ProgressShown, ReceiptShown
from services.intake.program import program
from shaoyin.adapters.category_groups import group_names
from tests.domain.town import wulibao
from tests.services.intake_setup import Town, problem, resident, with_state
from tests.services.intake_setup import town as a_town


@pytest.fixture(scope="module")
async def town(mongo_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path_factory.mktemp("intake")) as found:
        yield found


async def test_the_communities_are_listed_in_the_readers_language(town: Town) -> None:
    answer = await town.http.get("/api/communities", headers={"Accept-Language": "en"})

    assert answer.json() == {
        "items": [
            {
                "community": "wulibao",
                "name": "Wulibao South community (demonstration)",
                "pack_version": wulibao().version,
            }
        ],
        "next": None,
    }
    CommunitiesShown.model_validate(answer.json())


async def test_the_form_of_a_community_says_everything_that_can_be_asked_and_picked(town: Town) -> None:
    answer = await town.http.get("/api/communities/wulibao/form")
    form = FormShown.model_validate(answer.json())

    categories = [each.category for group in form.groups for each in group.categories]
    assert sorted(categories) == sorted(wulibao().categories)
    asked = {question for group in form.groups for each in group.categories for question in each.questions}
    assert asked | set(form.asked_always) <= {each.question for each in form.questions}
    assert form.asked_always == ["danger"]
    buildings = {building.area for compound in form.places for building in compound.buildings}
    assert buildings == {area.area_id for area in wulibao().areas.areas.values() if area.kind == "building"}
    assert {each.number for each in form.emergency} == {"110", "119", "120"}
    assert form.secrecy == ["open", "confidential", "anonymous"]
    assert (form.limits.description, form.limits.photos) == (4000, 0)


async def test_a_community_that_is_none_has_no_form(town: Town) -> None:
    assert problem(await town.http.get("/api/communities/atlantis/form"))[:2] == (404, "unknown_community")


async def test_answers_are_what_the_description_of_the_interface_says(town: Town) -> None:
    receipt = await town.taken()
    ReceiptShown.model_validate(receipt)
    ProgressShown.model_validate(await town.progress(receipt["query_code"]))


def test_every_group_of_the_shipped_categories_has_a_name() -> None:
    assert set(grouped(wulibao())) <= set(group_names())


async def test_intake_runs_alone_with_its_own_health_and_description(town: Town) -> None:
    settings = town.settings.model_copy(update={"packs": Path(__file__).parents[2] / "packs"})
    app = program(settings)
    async with app.router.lifespan_context(app) as state, resident(with_state(app, state or {})) as http:
        assert (await http.get("/api/intake/health/live")).json() == {"live": True}
        assert (await http.get("/api/communities")).json()["items"][0]["community"] == "wulibao"
        assert (await http.get("/api/intake/openapi.json")).json()["info"]["title"] == "Shaoyin intake"
        assert (await http.get("/api/nothing")).json()["code"] == "not_found"
