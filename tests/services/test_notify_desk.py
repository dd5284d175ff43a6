"""The desk's view of deliveries: each try in words, rates by channel from an index, and a test message to oneself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.notify.channel_counts import KEPT_FOR, LONGEST, pipeline
from services.notify.channels.sender import Quota, Said
from services.notify.delivery_words import reason
from services.notify.preferences import Subscribed
from services.notify.rates import PAGE, rate_of
from services.notify.try_channel import TESTS_AT_MOST
from tests.services.notify_setup import Office, office
from tests.services.ringing_setup import OTHER, PERSON, Ringing, Scripted, a_telling, ringing

REFUSED = Said("refused", "40008")
RATES, TEST = "/api/deliveries/rates", "/api/deliveries/test"
STRANGER = "nobody-here"


@pytest.fixture
async def here(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Ringing]:
    async with ringing(mongo_url, mongo_name, tmp_path) as found:
        yield found


async def counted(here: Ringing, person: str = PERSON) -> dict[str, Any]:
    answer = await here.office.get(person, RATES)
    assert answer.status_code == 200, answer.text
    return {each["channel"]: each for each in answer.json()["items"]}


async def tried_out(here: Office, channel: object, person: str = PERSON, language: str = "zh-CN") -> httpx.Response:
    headers = await here.as_person(person, language)
    return await here.http.post(TEST, headers=headers, json={"channel": channel})


async def test_every_try_is_said_in_words_in_the_language_of_the_reader(here: Ringing) -> None:
    here.app.says.append(Said("refused", "81013"))
    telling = a_telling()
    await here.raised(telling)
    await here.ended(telling.alert_id, "rung")

    lines = {}
    for language in ("zh-CN", "en"):
        answer = await here.office.get(PERSON, f"/api/deliveries?case={telling.case_id}", language)
        lines[language] = {each["channel"]: each for each in answer.json()["items"]}

    chinese, english = lines["zh-CN"], lines["en"]
    assert chinese["wecom_app"]["channel_name"] == "企业微信"
    assert chinese["wecom_app"]["attempts"][0]["said"] == "企业微信里没有这个成员，或者看不到应用。"
    assert english["wecom_app"]["attempts"][0]["outcome_said"] == "not delivered"
    assert chinese["mail"]["attempts"][0]["said"] == "服务商已接收，是否送到不再回报。（0）"
    assert (chinese["mail"]["rang_said"], chinese["mail"]["number"]) == ("已有一个通道送出。", telling.number)
    assert (chinese["in_app"]["post_name"], chinese["in_app"]["recipient"]) == ("社区值班岗", PERSON)
    assert (chinese["in_app"]["title"][:4], english["in_app"]["title"][:9]) == ("新派单:", "New case:")


async def test_what_waits_says_why_and_until_when(here: Ringing) -> None:
    first, second = a_telling(), a_telling()
    await here.raised(first)
    await here.ended(first.alert_id, "rung")
    await here.raised(second)
    await here.held(second.alert_id, "bundled")

    (line,) = (await here.office.get(PERSON, f"/api/deliveries?case={second.case_id}")).json()["items"]

    assert line["held_said"] == "一分钟内刚发过，和后面的一起发。"
    assert line["held"]["until"] is not None


async def test_a_person_reads_his_own_log_newest_first(here: Ringing) -> None:
    tellings = [a_telling(level="info") for _ in range(3)]
    for each in (*tellings, a_telling(OTHER, level="info")):
        await here.raised(each)
        here.clock.forward(timedelta(minutes=1))

    first = (await here.office.get(PERSON, "/api/deliveries?person=me&most=2")).json()
    rest = (await here.office.get(PERSON, f"/api/deliveries?person=me&most=2&cursor={first['next']}")).json()

    told = [each["case_id"] for each in (*first["items"], *rest["items"])]
    assert (told, rest["next"]) == ([each.case_id for each in reversed(tellings)], None)
    assert (await here.office.get(STRANGER, "/api/deliveries?person=me")).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "case"), ("?person=p-jia-3", "person"), ("?person=me&case=c1", "person"),
        ("?case=c1&registration=r1", "registration"), ("?all=1", "all"),
    ],
)  # fmt: skip
async def test_it_is_asked_for_one_thing_at_a_time(here: Ringing, query: str, field: str) -> None:
    answer = await here.office.get(PERSON, f"/api/deliveries{query}")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_the_rates_say_by_channel_how_many_ended_how(here: Ringing) -> None:
    here.app.says.append(REFUSED)
    old, fresh, other = a_telling(), a_telling(), a_telling(OTHER)
    await here.raised(old)
    await here.ended(old.alert_id, "rung")
    here.clock.forward(timedelta(days=2))
    await here.raised(fresh, other)
    for each in (fresh, other):
        await here.ended(each.alert_id, "rung")

    found = await counted(here)

    day, week = found["wecom_app"]["24h"], found["wecom_app"]["7d"]
    assert (day["accepted"], day["failed"], day["reached"], day["tries"]) == (2, 0, 1.0, 2)
    assert (week["accepted"], week["failed"], week["reached"], week["tries"]) == (2, 1, 0.6667, 3)
    assert (found["mail"]["24h"]["accepted"], found["mail"]["24h"]["reached"]) == (0, None)
    assert found["in_app"]["7d"]["delivered"] == 3
    assert found["wecom_app"]["channel_name"] == "企业微信"


async def test_what_is_older_than_a_week_counts_no_more(here: Ringing) -> None:
    await here.raised(a_telling(level="info"))
    before = await counted(here)
    here.clock.forward(LONGEST)

    assert before["in_app"]["7d"]["delivered"] == 1
    assert await counted(here) == {}


async def test_the_rates_are_counted_anew_after_a_while_only(here: Ringing) -> None:
    await here.raised(a_telling(level="info"))
    await counted(here)
    await here.raised(a_telling(level="info"))

    kept = await counted(here)
    here.clock.forward(KEPT_FOR)
    anew = await counted(here, OTHER)

    assert (kept["in_app"]["24h"]["delivered"], anew["in_app"]["24h"]["delivered"]) == (1, 2)


async def test_whoever_may_read_no_case_is_told_no_rate(here: Ringing) -> None:
    answer = await here.office.get(STRANGER, RATES)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


async def test_the_rates_are_read_from_an_index(here: Ringing) -> None:
    for _ in range(40):
        await here.raised(a_telling(level="info"))
    now = here.clock.now()
    explained = {"aggregate": "alerts", "pipeline": pipeline(["wulibao"], now), "cursor": {}}

    plan = str(await here.office.notify.database.command({"explain": explained}))

    assert "'indexName': 'by_pack'" in plan
    assert "COLLSCAN" not in plan


async def test_a_test_message_goes_to_the_callers_own_address_and_its_outcome_is_said(here: Ringing) -> None:
    here.mail.says.append(Said("unknown_address", "550"))

    taken, refused = await tried_out(here.office, "wecom_app"), await tried_out(here.office, "mail", language="en")

    assert [(address, message.title) for address, message in here.app.sent] == [(f"{PERSON}-id", "试发：哨音")]
    assert here.app.sent[0][1].link.endswith("/deliveries")
    assert taken.json() == {
        "channel": "wecom_app", "channel_name": "企业微信",
        "tries": [{
            "to": None, "became": "accepted", "code": "0", "said": "服务商已接收，是否送到不再回报。（0）",
            "retry_after_seconds": None,
        }],
    }  # fmt: skip
    assert refused.json()["tries"][0]["said"].startswith("Nothing arrives at this address")
    assert f"{PERSON}@example.org" not in refused.text


async def test_a_test_counts_against_the_providers_quota_as_any_message_does(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    limits = {"mail": [Quota("mail:one", 1, timedelta(minutes=1))]}
    async with ringing(mongo_url, mongo_name, tmp_path, limits=limits) as here:
        first, second = await tried_out(here.office, "mail"), await tried_out(here.office, "mail", OTHER)

        assert (first.status_code, second.status_code) == (200, 429)
        assert 0 < int(second.headers["retry-after"]) <= 71
        assert len(here.mail.sent) == 1


async def test_what_a_provider_says_was_too_much_shuts_its_channel_for_alerts_too(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    limits = {"mail": [Quota("mail:one", 10, timedelta(minutes=1))]}
    async with ringing(mongo_url, mongo_name, tmp_path, limits=limits) as here:
        here.mail.says.append(Said("quota", "http_429", timedelta(minutes=5)))
        first, second = await tried_out(here.office, "mail"), await tried_out(here.office, "mail")

        assert first.json()["tries"][0]["retry_after_seconds"] == 300
        assert (second.status_code, len(here.mail.sent)) == (429, 1)


async def test_nobody_tests_without_end(here: Ringing) -> None:
    answers = [await tried_out(here.office, "mail") for _ in range(TESTS_AT_MOST + 1)]

    assert [each.status_code for each in answers] == [200] * TESTS_AT_MOST + [429]
    assert int(answers[-1].headers["retry-after"]) > 500
    assert (await tried_out(here.office, "mail", OTHER)).status_code == 200


@pytest.mark.parametrize(
    ("channel", "code"),
    [("web_push", "channel_not_set_up"), ("wecom_robot", "channel_not_set_up"), ("", "too_short"), (7, "wrong_type")],
)
async def test_a_channel_that_cannot_be_tested_is_refused(here: Ringing, channel: object, code: str) -> None:
    answer = await tried_out(here.office, channel)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "channel")
    assert answer.json()["errors"][0]["code"] == code


async def test_who_has_no_address_there_is_told_to_give_one(here: Ringing) -> None:
    answer = await tried_out(here.office, "mail", STRANGER)

    assert answer.json()["errors"] == [
        {"field": "channel", "code": "no_address", "text": "还没有填写这个通道的地址，请在 addresses.mail 里填写。"}
    ]
    assert here.mail.sent == []


async def test_a_browser_that_is_gone_is_unsubscribed_by_its_test(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    push = Scripted("web_push")
    push.says.extend([Said("unknown_address", "http_410"), Said("accepted", "http_201")])
    async with office(mongo_url, mongo_name, tmp_path, senders={"web_push": push}) as here:
        kept = here.notify.preferences
        for number in (1, 2):
            await kept.subscribe(
                PERSON, Subscribed(f"b{number}", f'{{"endpoint": "https://push.example.org/{number}"}}')
            )

        answer = await tried_out(here, "web_push")

        assert [(each["to"], each["became"]) for each in answer.json()["tries"]] == [
            ("b1", "unknown_address"), ("b2", "accepted"),
        ]  # fmt: skip
        assert list((await kept.of([PERSON]))[PERSON].subscriptions) == ["b2"]


async def test_without_a_token_nothing_is_counted_or_sent(here: Ringing) -> None:
    for call in (f"GET {RATES}", f"POST {TEST}", "GET /api/deliveries?person=me"):
        answer = await here.office.http.request(*call.split())

        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), call


async def test_the_page_is_empty_until_somebody_signs_in(here: Ringing) -> None:
    await here.raised(a_telling())

    page = await here.office.http.get("/deliveries")
    script = await here.office.http.get("/deliveries/-/deliveries.js")
    style = await here.office.http.get("/deliveries/-/page.css")

    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert '<script src="/deliveries/-/deliveries.js"></script>' in page.text
    assert PERSON not in page.text
    assert (script.status_code, script.headers["content-type"].partition(";")[0]) == (200, "text/javascript")
    assert "innerHTML" not in script.text
    assert style.status_code == 200
    assert rate_of("GET", "/deliveries") == PAGE
    assert rate_of("GET", "/deliveries/-/deliveries.js") is None


def test_a_code_that_nobody_has_words_for_is_still_shown() -> None:
    assert reason("mail", "failed", "571", "zh-CN") == "没有成功，不再用这个地址试。（571）"
    assert reason("mail", "retry", "http_429", "en") == "The provider says that it was too much for now."
    assert reason("unheard_of", "odd", "x", "en") == " (x)"
