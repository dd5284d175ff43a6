"""The rules as a page: every row in words for whoever is signed in, looked for by words, group and category."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from services.router import read_rules
from services.router.documents import opened
from services.router.rates import rate_of
from services.router.rule_pages import FOLDER
from services.together import program
from shaoyin.adapters.html_pages import SHARED
from shaoyin.adapters.rate_limits import LIMITED
from shaoyin.adapters.settings import Settings
from shaoyin.domain.commands import OpenCase
from shaoyin.domain.flow import decision
from tests.domain.town import MORNING, PACKS, wulibao
from tests.services.html_page import Page
from tests.services.intake_setup import with_state
from tests.services.notify_setup import eventually
from tests.services.publication_setup import OFFICER, STRANGER, Office, a_drain, another_row, office
from tests.services.rules_desk import Browser

RULES = "/rules/wulibao"
ROWS = len(wulibao().rules.rows)
DUTY = next(post.holders[0] for post in wulibao().directory.posts.values() if post.kind == "community_duty")


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as found:
        yield found


@pytest.fixture
async def browser(here: Office) -> Browser:
    found = Browser(here)
    await found.signs_in(STRANGER)
    return found


def lines(page: Page) -> list[str]:
    return [each["id"].removeprefix("row-") for each in page.all("tr") if each.get("id", "").startswith("row-")]


async def test_every_row_in_force_is_shown_in_words_chinese_first_with_english_beside(browser: Browser) -> None:
    page = await browser.reads(RULES)

    assert (len(lines(page)), lines(page)[0], lines(page)[-1]) == (ROWS, "17a", "78")
    assert page.says(f"共 {ROWS} 行。 {ROWS} rows.")
    assert page.says("现在有没有危险：着火了 或 在冒烟 或 爆炸")
    assert page.says("转出险情 call first")
    assert page.html.index("反映人要不要保密") < page.html.index("secrecy the reporter asks for")
    assert page.html.count("《消防法》;着火、冒烟、爆炸先打119") == 1, "what is said in one language is said once"


async def test_the_table_is_one_for_a_reader_of_the_screen_and_for_the_keyboard(browser: Browser) -> None:
    page = await browser.reads(RULES)

    assert len(page.all("th", scope="col")) == 5
    assert len(page.all("th", scope="row")) == ROWS
    assert page.all("div", role="region", tabindex="0")
    assert page.all("p", role="status")
    labelled = {each["for"] for each in page.all("label")}
    assert {each["id"] for each in page.fields} == labelled == {"words", "group", "category"}
    assert page.all("a", **{"class": "skip"}, href="#main")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("words=楼道灯", {"43"}),
        ("words=corridor", {"43"}),
        ("words=36", {"36"}),
        ("group=fallback", {"78"}),
        ("category=WAT.sewer_blocked", {"36", "37"}),
        ("words=市政+管道&category=WAT.sewer_blocked", {"37"}),
        ("words=nothing+of+the+kind", set()),
    ],
)
async def test_rows_are_found_by_words_group_and_category_without_a_script(
    browser: Browser, asked: str, found: set[str]
) -> None:
    page = await browser.reads(f"{RULES}?{asked}")

    assert set(lines(page)) >= found
    assert len(lines(page)) < 20
    assert page.says(f"符合的 {len(lines(page))} 行")


async def test_a_category_is_found_in_rows_that_name_its_whole_first_level(browser: Browser) -> None:
    page = await browser.reads(f"{RULES}?category=PUB.epidemic")

    assert lines(page), "rows say PUB.*"
    assert all("PUB" in row or "公共事件" in row for row in re.findall(r'<tr id="row-.*?</tr>', page.html, re.DOTALL))


async def test_what_is_looked_for_stays_in_the_form_and_is_never_markup(browser: Browser) -> None:
    page = await browser.reads(f'{RULES}?words="><script>x&group=load')

    assert page.all("input", name="words", value="&quot;><script>x") or page.all("input", value='"><script>x')
    assert "<script>x" not in page.html
    assert page.all("option", value="load", selected="")


async def test_a_long_table_is_shown_in_parts(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_rules, "AT_A_TIME", 100)

    first = await browser.reads(f"{RULES}?words=&group=&category=")
    rest = await browser.reads(first.all("a", **{"class": "button quiet"})[-1]["href"].replace("&amp;", "&"))

    assert (len(lines(first)), len(lines(rest))) == (100, ROWS - 100)
    assert not set(lines(first)) & set(lines(rest))


async def test_a_row_of_the_community_itself_is_marked_and_stands_in_its_group(here: Office, browser: Browser) -> None:
    await here.publishes(another_row(36, result_within="5 h"))

    page = await browser.reads(RULES)

    assert page.says("现行规则，第 2 版")
    assert page.says("5小时内办结")
    assert page.html.count('<span class="own">') == 1


async def test_a_row_has_a_page_of_its_own_with_all_that_is_said_of_it(browser: Browser) -> None:
    page = await browser.reads(f"{RULES}/rows/4b")

    assert page.says("第 4b 行 Row 4b")
    assert page.says("公共的（base） inherited from base")
    assert page.says("燃气公司；没有的，由社区值班岗")
    assert page.all("a", href=f"{RULES}#row-4b")
    assert (await browser.reads(f"{RULES}/rows/4")).status == 404, "a row of several lines is named by its line"


async def test_the_script_is_given_the_rows_alone(browser: Browser) -> None:
    part = await browser.reads(f"{RULES}/-/found?words=楼道灯")

    assert "43" in lines(part)
    assert not part.all("html")


async def test_who_is_not_signed_in_is_led_to_where_he_does_and_back(here: Office) -> None:
    asked = await here.http.get(f"{RULES}?words=灯")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/rules/-/sign-in?to=/rules/wulibao%3Fwords%3D%25E7%2581%25AF"

    page = Page(await here.http.get(asked.headers["location"]))
    assert not page.all("select"), "nobody is invented where the town's provider signs people in"
    to = page.all("input", name="to")[0]["value"]
    signed = await here.http.post("/rules/-/sign-in", data={"to": to, "token": STRANGER})
    assert (signed.status_code, signed.headers["location"]) == (303, "/rules/wulibao?words=%E7%81%AF")
    cookie = signed.headers["set-cookie"]
    assert all(each in cookie for each in ("HttpOnly", "Path=/rules", "SameSite=lax"))


async def test_what_is_no_token_is_told_and_leads_nowhere_else(here: Office) -> None:
    for wrong in ("", "ü", "x" * 4000):
        page = Page(await here.http.post("/rules/-/sign-in", data={"to": "https://evil.example", "token": wrong}))
        assert (page.status, page.says("没有登录成功")) == (401, True)
        assert page.all("input", name="to", value="/rules")


async def test_signing_out_takes_a_form_of_this_page_and_forgets_the_token(here: Office, browser: Browser) -> None:
    page = await browser.reads(RULES)
    forged = Page(await here.http.post("/rules/-/sign-out", data={"seal": "0" * 32}))
    assert (forged.status, forged.says("这个表单不是本页面的")) == (403, True)

    out = await browser.sends(page, "/rules/-/sign-out")

    assert out.says("登录 Sign in")
    assert (await browser.reads(RULES)).says("登录 Sign in")


async def test_a_pack_that_is_none_is_told_as_a_page_and_several_are_listed(browser: Browser) -> None:
    page = await browser.reads("/rules/atlantis")

    assert page.status == 404
    assert page.all("a", href="/rules")
    assert (await browser.reads("/rules")).says("现行规则，第 1 版"), "the only community is shown at once"


async def test_the_larger_view_is_kept_and_leads_back(browser: Browser) -> None:
    page = await browser.reads(f"{RULES}?group=load")
    larger = await browser.reads(page.all("a", **{"class": "button quiet"})[0]["href"])

    assert larger.all("html", **{"class": "elder"})
    assert set(lines(larger)) == set(lines(page))


async def test_every_page_is_safe_and_no_page_is_kept(here: Office, browser: Browser) -> None:
    answer = await here.http.get(RULES)

    assert answer.headers["cache-control"] == "no-store"
    assert re.findall(r'(?:src|href)="(https?:|//)', answer.text) == []
    assert "style=" not in answer.text
    assert "onclick" not in answer.text


def test_all_text_is_at_least_sixteen_pixels_and_nothing_smaller_is_said_anywhere() -> None:
    css = (SHARED / "frame.css").read_text("utf-8") + (FOLDER / "rules.css").read_text("utf-8")

    assert all(int(size) >= 16 for size in re.findall(r"font-size: (\d+)px", css))
    assert all(float(size) * 18 >= 16 for size in re.findall(r"font-size: ([\d.]+)rem", css))


def test_the_pages_are_limited_as_calls_of_staff_and_their_styles_not_at_all() -> None:
    call = rate_of("GET", RULES)
    assert call is not None
    assert (call.kind, call.page) == ("staff", True)
    assert rate_of("GET", "/rules/-/page.css") is None
    assert rate_of("GET", "/rulesx") == rate_of("GET", "/api/packs")
    assert rate_of("GET", "/api/router/health/live") is None


async def test_a_page_that_was_asked_for_too_often_says_so_itself(here: Office) -> None:
    browser = Browser(here)
    await browser.signs_in()
    limited = with_state(here.app, {LIMITED: 7})
    here.http._transport.app = limited  # type: ignore[attr-defined]

    page = await browser.reads(RULES)

    assert (page.status, page.all("h1") != []) == (429, True)


async def test_the_product_in_one_process_serves_the_pages_and_signs_in_who_is_invented(
    mongo_url: str, mongo_name: str
) -> None:
    settings = Settings.checked(env="test", packs=PACKS, bus="memory", mongo_url=mongo_url, database_prefix=mongo_name)
    app = program(settings)
    async with app.router.lifespan_context(app) as state:
        transport = httpx.ASGITransport(app=with_state(app, state or {}))
        async with httpx.AsyncClient(transport=transport, base_url="http://town", follow_redirects=True) as http:
            page = Page(await http.get("/rules"))
            assert page.all("option", value=OFFICER)
            await http.post("/rules/-/sign-in", data={"to": RULES, "person": OFFICER})
            await eventually(lambda: answers(http), within=30)
            assert Page(await http.get(RULES)).says("现行规则，第 1 版")
            assert Page(await http.post("/rules/-/sign-in", data={"person": "p-nobody"})).status == 401


async def answers(http: httpx.AsyncClient) -> bool:
    """Before the pack of the folder is published, nothing is in force."""
    return (await http.get(RULES)).status_code == 200


async def test_a_case_is_explained_as_a_page_by_its_number_and_why_another_row_did_not_decide(here: Office) -> None:
    command = OpenCase(at=MORNING, report=a_drain(1), case_id="c1", number_if_accepted="N-1")
    await here.desk.store.insert([(opened(decision(None, command, wulibao()), "run-1"), wulibao())])
    browser = Browser(here)
    await browser.signs_in(DUTY)

    by_number = await browser.reads("/rules/-/case?case=N-1&row=43")
    assert by_number.says("按第 1 版规则")
    assert by_number.says("问过的每一行")
    assert re.search(r'<th scope="row">36</th><td><strong>', by_number.html), "the row that held"
    assert by_number.says("为什么不是第 43 行")
    assert re.search(r"楼道灯不亮.*?不符合.*?下水道堵塞", by_number.html, re.DOTALL)
    assert by_number.all("summary")
    by_id = await browser.reads("/rules/-/case?case=c1")
    assert by_id.says("问过的每一行")
    assert not by_id.says("为什么不是第 43 行")


@pytest.mark.parametrize(("asked", "status"), [("", 200), ("?case=nothing", 404), ("?case=c1&row=x", 422)])
async def test_what_cannot_be_explained_is_told_with_what_was_asked(here: Office, asked: str, status: int) -> None:
    browser = Browser(here)
    await browser.signs_in()

    page = await browser.reads(f"/rules/-/case{asked}")

    assert page.status == status
    assert page.all("input", name="case")
    assert bool(page.all("section", **{"class": "errors"})) == (status > 200)


async def test_nobody_is_told_of_a_case_that_he_may_not_see(here: Office) -> None:
    command = OpenCase(at=MORNING, report=a_drain(1), case_id="c1", number_if_accepted="N-1")
    await here.desk.store.insert([(opened(decision(None, command, wulibao()), "run-1"), wulibao())])
    browser = Browser(here)
    await browser.signs_in("p-nobody-here")

    assert (await browser.reads("/rules/-/case?case=N-1")).status == 404
