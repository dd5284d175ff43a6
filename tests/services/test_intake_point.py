"""A place said by the phone: added by a button, sent with the form, never needed; and how it was found is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.intake.pages import FOLDER
from services.intake.rates import rate_of
from services.router.views import words
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.coordinates import metres_between
from shaoyin.domain.located import located
from shaoyin.domain.report import PlaceGiven, Point, Report
from tests.domain.town import DUTY
from tests.services.html_page import Page
from tests.services.intake_setup import Routed, Town, a_drain, routed
from tests.services.intake_setup import town as a_town
from tests.services.test_intake_form import FORM, fields_of, get, post

BORDER = {"lng": 113.640665, "lat": 34.7209, "crs": "GCJ02"}
"""A step east of the line between the two grids of courtyard 51."""
pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
async def town(mongo_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path_factory.mktemp("intake")) as found:
        yield found


async def told(town: Town, point: dict[str, object], secrecy: str = "open") -> tuple[str, Report]:
    receipt = await town.taken(a_drain(place={"point": point}, reporter={"secrecy": secrecy}))
    return receipt["query_code"], await town.travelled(receipt["report_id"])


async def test_the_form_offers_the_phones_position_and_hides_the_button_until_the_script_has_looked(town: Town) -> None:
    page = await get(town, FORM)

    assert "hidden" in page.all("div", id="here")[0]
    assert {each["type"] for each in page.all("button", id="here-ask")} == {"button"}
    assert [each["src"] for each in page.all("script")] == ["/static/place.js"]
    assert all("defer" in each for each in page.all("script"))
    hidden = {each["name"]: each["value"] for each in page.all("input", type="hidden")}
    assert {hidden[f"place.point.{name}"] for name in ("lng", "lat", "crs")} == {""}


async def test_the_script_is_a_file_of_our_own_that_anybody_may_fetch(town: Town) -> None:
    script = await town.http.get("/static/place.js")

    assert script.headers["content-type"].startswith("text/javascript")
    assert script.text == (FOLDER / "place.js").read_text("utf-8")
    assert rate_of("GET", "/static/place.js") is None


async def test_a_form_with_a_position_and_nothing_else_says_where(town: Town) -> None:
    point = {"place.point.lng": "113.640665", "place.point.lat": "34.7209", "place.point.crs": "WGS84"}

    answer = await post(town, await fields_of(town, **{"place.area": "", **point}))

    assert answer.status_code == 303
    progress = await town.progress(answer.headers["location"].removeprefix("/reports/"))
    report = await town.travelled(str(progress["report_id"]))
    assert report.place.point == Point(113.640665, 34.7209, "WGS84")


async def test_a_form_that_comes_back_keeps_the_position(town: Town) -> None:
    point = {"place.point.lng": "113.640665", "place.point.lat": "34.7209", "place.point.crs": "WGS84"}

    page = Page(await post(town, await fields_of(town, description="", **point)))

    assert page.all("input", name="place.point.lng", value="113.640665")
    assert page.all("input", name="place.point.crs", value="WGS84")


async def test_a_position_that_is_none_is_told_at_the_place(town: Town) -> None:
    point = {"place.point.lng": "far away", "place.point.lat": "34.7209", "place.point.crs": "WGS84"}

    page = Page(await post(town, await fields_of(town, **point)))

    assert (page.status, page.errors) == (422, ["place"])


async def test_of_whoever_does_not_want_to_be_known_no_flat_can_be_told(town: Town) -> None:
    _, openly = await told(town, {"lng": 113.64066512345, "lat": 34.72093456, "crs": "WGS84"})
    _, hidden = await told(town, {"lng": 113.64066512345, "lat": 34.72093456, "crs": "WGS84"}, "anonymous")

    assert openly.place.point == Point(113.640665, 34.720935, "WGS84")
    assert hidden.place.point == Point(113.6407, 34.7209, "WGS84")
    assert metres_between(openly.place.point, hidden.place.point) < 10


@pytest.mark.parametrize(
    ("language", "why"),
    [
        ("zh-CN", "位置在网格交界处(51号院1号楼 31 m, 51号院3号楼 24 m),归较近的楼门所在的51号院第二微网格。"),
        ("en", "where grids meet (Courtyard 51, building 1 31 m, Courtyard 51, building 3 24 m); the nearer entrance"),
    ],
)
async def test_the_reporter_reads_how_the_place_was_found(town: Town, language: str, why: str) -> None:
    code, report = await told(town, BORDER)
    await town.told(routed(report).news)

    assert why in str((await town.progress(code, language))["why"])


@pytest.mark.parametrize(
    ("how", "seen", "area", "wanted"),
    [
        ("border", "courtyard-51-b1 27, courtyard-51-b3 28", "courtyard-51", "(51号院1号楼 27 m, 51号院3号楼 28 m)"),
        ("dedicated_grid", "mall-grid 0", "mall-grid", "在示例商场专属网格范围内,属专属网格。"),
        ("polygon", "wls-micro-51-1 4", "wls-micro-51-1", "在51号院第一微网格范围内。"),
        ("alias", "51号院", "courtyard-51", "从“51号院”认出地点:51号院。"),
        ("service_post", "service-desk", "wulibao-south", "先归窗口所在的"),
        ("fallback", "", "wulibao-south", "事情不能等"),
    ],
)
def test_staff_read_the_same_in_the_explanation(how: str, seen: str, area: str, wanted: str) -> None:
    story = Routed()
    story.report()
    opening = replace(story.only(ev.CaseReported), place_how=how, place_seen=seen, area=area)

    assert wanted in words(opening, located([opening]), None, story.pack, "zh-CN")


async def test_a_place_that_was_told_later_is_explained_as_it_was_found_then(town: Town) -> None:
    receipt = await town.taken(a_drain(place={"text": "桥洞底下"}))
    story = routed(await town.travelled(receipt["report_id"]))
    story.give(DUTY, cmd.AskInfo, question="在哪里?")
    story.ask(cmd.SupplyInfo, story.open_case.reporters[0].ref, text="51号院", place=PlaceGiven(text="51号院"))
    await town.told(story.news)
    why = str((await town.progress(receipt["query_code"]))["why"])

    assert "从“51号院”认出地点:51号院。" in why
    assert "没能认出来" not in why
    opening = story.only(ev.CaseReported)
    assert "从“51号院”认出地点:51号院。" in words(opening, located(story.history), None, story.pack, "zh-CN")


async def test_a_place_that_a_person_settled_is_explained_so(town: Town) -> None:
    receipt = await town.taken(a_drain(place={"text": "桥洞底下"}))
    story = routed(await town.travelled(receipt["report_id"]))
    said = {"category": "WAT.sewer_blocked", "area": "courtyard-51-b1", "urgency": "urgent", "number": "N1"}
    story.give(DUTY, cmd.Accept, **said)
    await town.told(story.news)
    progress = await town.progress(receipt["query_code"], "en")

    assert str(progress["why"]).startswith("The place was settled by a person: Courtyard 51, building 1.")
    opening = story.only(ev.CaseReported)
    assert words(opening, located(story.history), None, story.pack, "zh-CN").startswith(
        "地点由工作人员确定:51号院1号楼。"
    )
