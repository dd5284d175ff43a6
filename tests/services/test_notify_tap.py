"""What a link in a message shows, and what one confirmed tap does: once, for its person, and never by opening it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from services.notify.rates import LINK, rate_of
from services.notify.taps import INDEXES, LEASED_FOR
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.identity import on_behalf_of
from shaoyin.adapters.on_behalf import NotOnBehalf, OnBehalf
from shaoyin.adapters.settings import Settings
from shaoyin.domain import commands as cmd
from tests.domain.town import DUTY, MORNING, SECRETARY, members
from tests.services.notify_setup import Office, a_story, eventually, no_router, office

ME, GRID_LEAD, SECRETARY_PERSON = "p-jia-1", "p-yi-1", "p-jia-3"
SIGN_FOR = "/api/cases/c1/commands/sign_for"
PRESSED = {"confirm": "yes"}


@dataclass
class Router:
    """Notes what it was asked, answers as it is told, and holds an answer back until it may go."""

    status: int = 200
    body: dict[str, object] = field(default_factory=lambda: {"case_id": "c1"})
    asked: list[httpx.Request] = field(default_factory=list)
    may_go: asyncio.Event | None = None

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.may_go is not None:
            await self.may_go.wait()
        return httpx.Response(self.status, json=self.body)


@pytest.fixture
def router() -> Router:
    return Router()


@pytest.fixture
async def here(router: Router, mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(mongo_url, mongo_name, tmp_path, router=httpx.MockTransport(router)) as found:
        yield found


@pytest.fixture
def on_behalf(tmp_path: Path, here: Office) -> OnBehalf:
    return on_behalf_of(Settings.checked(env="test", local=tmp_path))


async def asked_to_sign(here: Office) -> str:
    """The path of the link to the first alert of a new case."""
    story = a_story()
    await story.send(here.bus)
    await here.all_raised()
    return link_to(here, await alert_id_of(here, ME))


async def alert_id_of(here: Office, person: str) -> str:
    return str((await here.inbox(person))[0]["alert_id"])


def link_to(here: Office, alert_id: str) -> str:
    return urlsplit(here.notify.tapping.links.link(alert_id, MORNING + timedelta(hours=4))).path


async def pressed(here: Office, path: str, language: str = "zh-CN") -> httpx.Response:
    return await here.http.post(path, data=PRESSED, headers={"accept-language": language})


def title(page: httpx.Response) -> str:
    assert page.headers["content-type"].startswith("text/html"), page.text
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    found = re.search(r'<h1><span lang="zh-CN">(.+?)</span>', page.text)
    assert found is not None, page.text
    return found[1]


async def test_opening_a_link_shows_the_alert_and_acts_on_nothing(here: Office, router: Router) -> None:
    path = await asked_to_sign(here)

    for method in ("GET", "HEAD", "GET"):
        page = await here.http.request(method, path)
        assert page.status_code == 200
    page = await here.http.get(path)

    assert title(page) == "等您答复"
    for said in (
        "51号院1号楼,下水道堵塞",
        "New case",
        "N1",
        "2026年9月15日 09:30",
        "15 Sep 2026, 09:30",
        "签收",
        "Sign for it",
    ):
        assert said in page.text, said
    assert router.asked == []
    assert (await here.inbox(ME))[0]["read_at"] is None
    assert await here.notify.tapping.taps.collection.count_documents({}) == 0


async def test_the_page_tells_nobody_who_or_what_was_described(here: Office) -> None:
    page = await here.http.get(await asked_to_sign(here))

    for secret in ("下水道堵了,没法用水", "reporter-1", ME, "c1"):
        assert secret not in re.sub(r'action="[^"]+"|href="[^"]+"', "", page.text), secret


async def test_one_tap_gives_the_offered_command_in_the_name_of_its_person(
    here: Office, router: Router, on_behalf: OnBehalf
) -> None:
    path = await asked_to_sign(here)

    page = await pressed(here, path)

    (asked,) = router.asked
    token = asked.headers["authorization"].removeprefix("Bearer ")
    assert (asked.method, asked.url.path, json.loads(asked.content)) == ("POST", SIGN_FOR, {"as": "duty"})
    assert on_behalf.person(token, f"POST {SIGN_FOR}") == ME
    with pytest.raises(NotOnBehalf):
        on_behalf.person(token, "POST /api/cases/c1/commands/close")
    assert (page.status_code, title(page)) == (200, "已经办好")
    assert "<button" not in page.text
    assert (await here.inbox(ME))[0]["read_at"] is not None


async def test_a_member_answers_as_himself(here: Office, router: Router, on_behalf: OnBehalf) -> None:
    story = a_story()
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="c1-w2", starts_at=MORNING + timedelta(hours=5))
    await story.send(here.bus)
    await here.all_raised()
    one = members(story.pack)[0]
    path = link_to(here, str((await here.alert(one, "member_called"))["alert_id"]))

    shown = await here.http.get(path)
    page = await pressed(here, path)

    (asked,) = router.asked
    call = "POST /api/cases/c1/commands/acknowledge"
    assert "I am on my way" in shown.text
    assert on_behalf.person(asked.headers["authorization"].removeprefix("Bearer "), call) == one
    assert json.loads(asked.content) == {"whistle_id": "c1-w2"}
    assert page.status_code == 200


async def test_a_link_is_used_once(here: Office, router: Router) -> None:
    path = await asked_to_sign(here)
    await pressed(here, path)

    again = await pressed(here, path)
    opened = await here.http.get(path)

    assert len(router.asked) == 1
    assert (again.status_code, title(again)) == (409, "这个链接已经用过")
    assert (opened.status_code, title(opened)) == (200, "这个链接已经用过")
    assert "2026年9月14日 09:30" in opened.text
    assert "<button" not in again.text + opened.text


async def test_of_many_taps_at_the_same_moment_on_two_replicas_one_is_given(
    here: Office, router: Router, mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    path = await asked_to_sign(here)
    router.may_go = asyncio.Event()

    async with office(mongo_url, mongo_name, tmp_path, bus=here.bus, router=httpx.MockTransport(router)) as other:
        taps = [asyncio.create_task(pressed(each, path)) for each in (here, other) * 8]
        await eventually(lambda: _enough(taps, 15))
        router.may_go.set()
        pages = await asyncio.gather(*taps)

    assert len(router.asked) == 1
    assert sorted(page.status_code for page in pages) == [200] + [409] * 15
    assert {title(page) for page in pages} == {"已经办好", "正在办理"}


async def _enough(taps: list[asyncio.Task[httpx.Response]], many: int) -> bool:
    return sum(each.done() for each in taps) >= many


async def test_a_tap_whose_replica_died_may_be_made_again_under_the_same_key(here: Office, router: Router) -> None:
    path = await asked_to_sign(here)
    taps = here.notify.tapping.taps
    died = await taps.begin(await alert_id_of(here, ME))
    assert died is not None
    busy = await pressed(here, path)
    await taps.collection.update_many({}, {"$set": {"leased_until": SystemClock().now() - LEASED_FOR}})

    page = await pressed(here, path)
    await taps.refused(died)

    assert (busy.status_code, busy.headers["retry-after"], title(busy)) == (409, "5", "正在办理")
    assert [each.headers["idempotency-key"] for each in router.asked] == [died.key]
    assert page.status_code == 200
    assert title(await here.http.get(path)) == "这个链接已经用过"


async def test_where_somebody_was_faster_the_page_says_so(here: Office, router: Router) -> None:
    story = a_story()
    await story.send(here.bus)
    await here.all_raised()
    path = link_to(here, await alert_id_of(here, ME))
    story.give(DUTY, cmd.SignFor)
    await story.send(here.bus)
    await here.all_raised()

    page = await pressed(here, path)

    assert (page.status_code, title(page)) == (409, "已经有人办了")
    assert title(await here.http.get(path)) == "已经有人办了"
    assert router.asked == []


async def test_a_refusal_is_shown_in_the_routers_words_and_may_be_tried_again(here: Office, router: Router) -> None:
    path = await asked_to_sign(here)
    router.status, router.body = 409, {"detail": "已经<b>签收</b>", "code": "not_now"}

    refused = await pressed(here, path, "en")
    router.status = 200
    done = await pressed(here, path)

    assert (refused.status_code, title(refused)) == (409, "没有办成")
    assert "已经&lt;b&gt;签收" in refused.text
    assert router.asked[0].headers["accept-language"] == "en"
    assert (done.status_code, title(done)) == (200, "已经办好")
    assert len({each.headers["idempotency-key"] for each in router.asked}) == 2


async def test_who_may_not_do_it_any_more_has_not_silenced_the_alert(here: Office, router: Router) -> None:
    path = await asked_to_sign(here)
    router.status, router.body = 403, {"detail": "您的岗位不能做这件事。"}

    page = await pressed(here, path)

    assert (page.status_code, title(page)) == (403, "没有办成")
    assert "您的岗位不能做这件事。" in page.text
    assert (await here.inbox(ME))[0]["read_at"] is None


@pytest.mark.parametrize("status", [500, 503, 429, 401])
async def test_where_nobody_knows_what_became_of_it_it_may_be_pressed_again(
    here: Office, router: Router, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    path = await asked_to_sign(here)
    router.status = status

    away = await pressed(here, path)
    router.status = 200
    done = await pressed(here, path)

    assert (away.status_code, away.headers["retry-after"]) == (503, "5")
    assert title(away) == "现在办不了，请再按一次"
    assert "<button" in away.text
    assert len({each.headers["idempotency-key"] for each in router.asked}) == 1
    assert done.status_code == 200
    assert ("SERVICE_TOKEN" in caplog.text) is (status == 401)


async def test_while_the_router_is_away_nothing_is_said_to_be_done(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with office(mongo_url, mongo_name, tmp_path, router=httpx.MockTransport(no_router)) as here:
        path = await asked_to_sign(here)

        page = await pressed(here, path)

        assert (page.status_code, title(page)) == (503, "现在办不了，请再按一次")
        assert (await here.inbox(ME))[0]["read_at"] is None


async def test_an_alert_that_asks_for_nothing_is_read_by_a_tap(here: Office, router: Router) -> None:
    await asked_to_sign(here)
    path = link_to(here, await alert_id_of(here, GRID_LEAD))

    opened = await here.http.get(path)
    assert (await here.inbox(GRID_LEAD))[0]["read_at"] is None
    page = await pressed(here, path)

    assert (title(opened), "知道了" in opened.text) == ("给您的提醒", True)
    assert (page.status_code, title(page), title(await here.http.get(path))) == (200, "已经看过", "已经看过")
    assert (await here.inbox(GRID_LEAD))[0]["read_at"] == "2026-09-14T01:30:00Z"
    assert router.asked == []


async def test_what_has_to_be_decided_is_not_decided_by_a_tap(here: Office, router: Router) -> None:
    await asked_to_sign(here)
    wanted = [each for each in await here.inbox(SECRETARY_PERSON) if each["kind"] == "whistle_approval"]
    path = link_to(here, str(wanted[0]["alert_id"]))

    opened = await here.http.get(path)
    page = await pressed(here, path)

    assert "这件事要登录后办理" in opened.text
    assert title(page) == "已经看过"
    assert "这件事要登录后办理" in page.text
    assert router.asked == []


async def test_by_a_link_in_a_group_nobody_answers_for_another(here: Office, router: Router) -> None:
    await asked_to_sign(here)
    alert_id = await alert_id_of(here, ME)
    path = urlsplit(here.notify.tapping.links.shared.link(alert_id, MORNING + timedelta(hours=4))).path

    opened = await here.http.get(path)
    page = await pressed(here, path)

    assert (title(opened), "下水道堵塞" in opened.text, "<button" in opened.text) == ("只供查看的提醒", True, False)
    assert (page.status_code, title(page)) == (409, "只供查看的提醒")
    assert router.asked == []
    assert (await here.inbox(ME))[0]["read_at"] is None


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"data": {"confirm": "no"}}, {"json": {"confirm": "yes"}}, {"params": PRESSED}, {"content": b"confirm=yes"},
        {"files": {"confirm": b"yes"}},
    ],
)  # fmt: skip
async def test_a_call_without_the_pages_own_button_is_no_tap(
    here: Office, router: Router, sent: dict[str, dict[str, str]]
) -> None:
    page = await here.http.post(await asked_to_sign(here), **sent)  # type: ignore[arg-type]

    assert (page.status_code, title(page)) == (422, "还没有办")
    assert router.asked == []


async def test_an_expired_link_opens_nothing(here: Office, router: Router) -> None:
    path = await asked_to_sign(here)
    here.clock.forward(timedelta(hours=4))

    for page in (await here.http.get(path), await pressed(here, path)):
        assert (page.status_code, title(page)) == (410, "链接已经过期")
        assert "下水道" not in page.text
    assert router.asked == []


async def test_a_link_that_we_never_gave_opens_nothing(here: Office, router: Router) -> None:
    path = await asked_to_sign(here)
    unknown = link_to(here, "a" + "0" * 24)

    for wrong in (path[:-1], path + "1", path.swapcase().replace("/ALERTS", "/alerts"), "/alerts/x", unknown):
        for page in (await here.http.get(wrong), await pressed(here, wrong)):
            assert (page.status_code, title(page)) == (404, "没有这个链接"), wrong
    assert router.asked == []


async def test_whoever_guesses_links_is_told_to_wait_on_a_page(here: Office) -> None:
    path, network = await asked_to_sign(here), {"x-forwarded-for": "203.0.113.7"}
    for number in range(60):
        assert (await here.http.get(f"/alerts/{number}", headers=network)).status_code == 404

    page = await here.http.post(path, data=PRESSED, headers=network)
    other = await here.http.get(path, headers={"x-forwarded-for": "198.51.100.7"})

    assert (page.status_code, title(page)) == (429, "操作太频繁")
    assert int(page.headers["retry-after"]) > 0
    assert title(other) == "等您答复"


def test_wrong_links_count_as_guesses_and_styles_are_free() -> None:
    assert rate_of("GET", "/alerts/abc") == rate_of("POST", "/alerts/abc") == LINK
    assert LINK.kind == "code"
    assert rate_of("GET", "/alerts/-/page.css") is None
    assert rate_of("GET", "/api/inbox") is not None
    assert rate_of("GET", "/health/live") is None


async def test_the_page_stands_in_the_frame_of_all_pages(here: Office) -> None:
    path = await asked_to_sign(here)
    small = (await here.http.get(path)).text
    view = re.search(r'href="(/alerts/-/view\?elder=1[^"]+)"', small)
    assert view is not None

    turned = await here.http.get(view[1].replace("&amp;", "&"))
    large = (await here.http.get(path, headers={"cookie": "view=elder"})).text
    style = await here.http.get("/alerts/-/page.css")

    assert (turned.status_code, turned.headers["location"]) == (303, path)
    assert '<html lang="zh-CN" class="elder">' in large
    assert ".alert" in style.text


async def test_taps_are_forgotten_after_a_while(here: Office) -> None:
    path = await asked_to_sign(here)
    await pressed(here, path)
    (kept,) = await here.notify.tapping.taps.collection.find({}).to_list(2)

    assert INDEXES[0].document["expireAfterSeconds"] == 90 * 24 * 3600
    assert kept["first_at"] <= SystemClock().now()
    assert not set(kept) & {"person", "address", "token"}


async def test_the_page_lists_what_else_is_unread_for_reading_only(here: Office, router: Router) -> None:
    """A digest carries one link; what it listed is found behind it, and a link that was passed on answers no other."""
    for number in (1, 2):
        await a_story(number).send(here.bus)
    await here.all_raised()
    first, second = (str(each["alert_id"]) for each in await here.inbox(ME))

    page = await here.http.get(link_to(here, first))

    links = re.findall(r'<li><a href="http://127.0.0.1:8000(/alerts/\w+)">', page.text)
    assert [here.notify.tapping.links.opened(each.rpartition("/")[2], MORNING) for each in links] == [(second, False)]
    assert title(await here.http.get(links[0])) == "只供查看的提醒"
    assert (await pressed(here, links[0])).status_code == 409
    assert router.asked == []


async def test_a_link_in_a_group_lists_nothing_else(here: Office) -> None:
    for number in (1, 2):
        await a_story(number).send(here.bus)
    await here.all_raised()
    shared = here.notify.tapping.links.shared.link(await alert_id_of(here, ME), MORNING + timedelta(hours=4))

    assert "<li>" not in (await here.http.get(urlsplit(shared).path)).text
