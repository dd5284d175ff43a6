"""Saying how to be told, over HTTP: what is kept, what is refused and how, and the browsers that ring."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.notify.channels.keys import from_base64, url_safe
from services.notify.channels.sender import Message, Quota, Said, Sender
from services.notify.channels.web_push import WebPush
from services.notify.channels.webhook import Webhook
from services.notify.preferences import SUBSCRIPTIONS_AT_MOST
from services.notify.words import problem_words
from shaoyin.adapters.problem import LANGUAGES, problem_texts
from tests.fakes.push_service import Browser
from tests.services.notify_setup import Office, office

ME, COLLEAGUE, ELSEWHERE = "p-jia-1", "p-jia-3", "p-nobody"
URL = "/api/preferences"
PUSH_KEY = SecretStr(url_safe(bytes(range(1, 33))))
HOOK_KEY = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
KEYS: dict[str, str] = json.loads(Browser("").subscription("https://push.example.org"))["keys"]
WHOLE = {
    "channels": ["sms_aliyun", "web_push", "wecom_app"],
    "addresses": {
        "sms": "+86 138-0013-8000", "wecom_app": "JiaYi.01", "mail": "jia@street.example.org",
        "webhook": "https://hooks.example.org/a",
    },
    "quiet_hours": {"from": "23:00", "to": "06:30"},
    "away": {"until": "2026-09-20T18:00:00+08:00", "stand_in": COLLEAGUE},
}  # fmt: skip


class Silent:
    """A channel that is set up and that nobody here sends by."""

    def __init__(self, name: str) -> None:
        self.name = name

    def quotas(self, address: str) -> list[Quota]:
        return []

    async def send(self, message: Message, address: str) -> Said:
        raise AssertionError("nothing is sent here")

    async def close(self) -> None:
        return


@pytest.fixture
async def here(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Office]:
    push, hook = WebPush(PUSH_KEY, "mailto:desk@shaoyin.example"), Webhook([HOOK_KEY])
    silent: list[Sender] = [Silent(name) for name in ("sms_aliyun", "wecom_app", "mail", "wecom_robot")]
    senders: list[Sender] = [push, hook, *silent]
    async with office(mongo_url, mongo_name, tmp_path, senders={each.name: each for each in senders}) as found:
        yield found
    await push.close()
    await hook.close()


@pytest.fixture
async def bare(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Where no channel is set up."""
    async with office(mongo_url, mongo_name, tmp_path) as found:
        yield found


async def put(here: Office, body: Mapping[str, object], person: str = ME) -> httpx.Response:
    return await here.http.put(URL, headers=await here.as_person(person), json=body)


def wrongs(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {each["field"]: each["code"] for each in answer.json()["errors"]}


def subscription(**changed: object) -> dict[str, object]:
    told = {"endpoint": "https://push.example.org/wpush/v2/abc", "expirationTime": None, "keys": KEYS}
    return {**told, **changed}


async def test_who_never_said_anything_sees_what_could_be_said(here: Office) -> None:
    told = (await here.get(ME, URL)).json()

    assert told == {
        "channels": [], "addresses": {}, "quiet_hours": None, "away": None, "subscriptions": [],
        "set_up": ["web_push", "webhook", "sms_aliyun", "wecom_app", "mail"],
        "channel_names": {
            "web_push": "浏览器推送", "webhook": "接口推送", "sms_aliyun": "短信（阿里云）", "wecom_app": "企业微信",
            "mail": "邮件",
        },
    }  # fmt: skip


async def test_what_was_said_is_kept_as_the_channels_take_it(here: Office) -> None:
    answer = await put(here, WHOLE)
    told = (await here.get(ME, URL)).json()

    assert answer.status_code == 200, answer.text
    assert answer.json() == told
    assert told["addresses"] == {**WHOLE["addresses"], "sms": "13800138000"}  # type: ignore[dict-item]
    assert told["away"] == {"until": "2026-09-20T10:00:00Z", "stand_in": COLLEAGUE}
    assert (told["channels"], told["quiet_hours"]) == (WHOLE["channels"], WHOLE["quiet_hours"])
    assert (await here.get(COLLEAGUE, URL)).json()["addresses"] == {}


async def test_what_is_shown_may_be_said_again_and_what_is_left_out_is_gone(here: Office) -> None:
    told = (await put(here, WHOLE)).json()

    assert (await put(here, told)).json() == told
    assert (await put(here, {})).json() == {**told, "channels": [], "addresses": {}, "quiet_hours": None, "away": None}


async def test_who_came_back_is_not_away_any_more(here: Office) -> None:
    await put(here, WHOLE)
    here.clock.forward(timedelta(days=7))

    assert (await here.get(ME, URL)).json()["away"] is None


async def test_a_channel_that_is_switched_off_is_shown_to_nobody(
    here: Office, mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    await put(here, WHOLE)

    async with office(mongo_url, mongo_name, tmp_path, senders={"mail": Silent("mail")}) as less:
        told = (await less.get(ME, URL)).json()

        assert (told["channels"], told["addresses"]) == ([], {"mail": "jia@street.example.org"})
        assert (await put(less, told)).status_code == 200


WRONG_ADDRESSES: list[tuple[str, str, str]] = [
    *(("sms", each, "not_a_mobile") for each in
      ("12800138000", "1380013800", "138001380000", "+1 4155550100", "010-88888888", "１３８００１３８０００",
       "13800138000\n1")),
    *(("wecom_app", each, "not_a_userid") for each in ("@all", "a|b", "张三", "a b", "x" * 65)),
    *(("mail", each, "not_a_mailbox") for each in
      ("jia", "jia@", "a@b", "a b@example.org", "a@example.org,b@example.org", ".a@example.org", "a..b@example.org",
       "a@example.org\r\nBcc: b@example.org", "a@-example.org", "甲@example.org",
       "a@" + "b" * 63 + ".example" * 30 + ".org")),
    ("webhook", "http://hooks.example.org/", "address_not_https"),
    ("webhook", "https://10.0.0.1/", "address_not_public"),
    ("webhook", "https://[::ffff:169.254.169.254]/", "address_not_public"),
    ("webhook", "https://hooks.example.org:8443/", "address_port"),
    ("webhook", "https://me:secret@hooks.example.org/", "address_not_readable"),
    ("webhook", "https://hooks.example.org:port/", "address_not_readable"),
    ("telegram", "jia", "channel_not_set_up"), ("sms_aliyun", "13800138000", "channel_not_set_up"),
    ("mail", "", "too_short"), ("mail", "x" * 1001, "too_long"),
]  # fmt: skip
WRONG_FORMS = {code for _, _, code in WRONG_ADDRESSES}


@pytest.mark.parametrize(("key", "address", "code"), WRONG_ADDRESSES)
async def test_an_address_of_a_wrong_form_is_refused_with_its_name_and_not_repeated(
    here: Office, caplog: pytest.LogCaptureFixture, key: str, address: str, code: str
) -> None:
    caplog.set_level(logging.INFO)

    answer = await put(here, {"addresses": {key: address}})

    assert wrongs(answer) == {f"addresses.{key}": code}
    assert not address or address not in answer.text + caplog.text
    assert (await here.get(ME, URL)).json()["addresses"] == {}


WRONG_FIELDS: list[tuple[dict[str, object], dict[str, str]]] = [
    ({"channels": ["mail"]}, {"channels.0": "no_address"}),
    ({"channels": ["web_push", "web_push"]}, {"channels.1": "said_twice"}),
    ({"channels": ["wecom_robot", "in_app"]}, {"channels.0": "channel_not_set_up", "channels.1": "channel_not_set_up"}),
    ({"channels": "mail"}, {"channels": "wrong_type"}),
    ({"channels": ["web_push"] * 21}, {"channels": "too_long"}),
    ({"quiet_hours": {"from": "22:00", "to": "22:00"}}, {"quiet_hours.to": "same_time"}),
    ({"quiet_hours": {"from": "08:00", "to": "20:01"}}, {"quiet_hours.to": "quiet_too_long"}),
    ({"quiet_hours": {"from": "24:00", "to": "7:00"}},
     {"quiet_hours.from": "wrong_value", "quiet_hours.to": "wrong_value"}),
    ({"quiet_hours": {"from": "22:00"}}, {"quiet_hours.to": "missing"}),
    ({"away": {"until": "2026-09-20T18:00:00", "stand_in": COLLEAGUE}}, {"away.until": "time_without_offset"}),
    ({"away": {"until": "2026-09-14T01:30:00Z", "stand_in": COLLEAGUE}}, {"away.until": "already_past"}),
    ({"away": {"until": "2027-09-16T01:30:00Z", "stand_in": COLLEAGUE}}, {"away.until": "too_far_away"}),
    ({"away": {"until": "2026-09-20T18:00:00Z"}}, {"away.stand_in": "missing"}),
    ({"away": {"until": "2026-09-20T18:00:00Z", "stand_in": ME}}, {"away.stand_in": "yourself"}),
    ({"away": {"until": "2026-09-20T18:00:00Z", "stand_in": ELSEWHERE}}, {"away.stand_in": "not_a_colleague"}),
    ({"ring": True}, {"ring": "unknown_field"}),
    ({"channels": ["mail"], "addresses": {"mail": "jia"}, "away": {"until": "2026-09-20T18:00:00Z", "stand_in": ME}},
     {"addresses.mail": "not_a_mailbox", "away.stand_in": "yourself"}),
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), WRONG_FIELDS)
async def test_every_wrong_field_is_named(here: Office, said: Mapping[str, object], expected: dict[str, str]) -> None:
    assert wrongs(await put(here, said)) == expected


async def test_a_stand_in_is_somebody_of_the_same_community(here: Office) -> None:
    stranger = {"away": {"until": "2026-09-20T18:00:00Z", "stand_in": COLLEAGUE}}

    assert wrongs(await put(here, stranger, ELSEWHERE)) == {"away.stand_in": "not_a_colleague"}


async def test_every_refusal_has_its_own_words_in_both_languages(here: Office) -> None:
    texts = problem_texts(problem_words())
    used = {*WRONG_FORMS, *(code for _, expected in WRONG_FIELDS for code in expected.values())}

    for code in used | {"subscription_key", "subscription_expired", "too_many_browsers"}:
        chinese, english = (texts.detail(code, language, {}) for language in LANGUAGES)
        assert code in texts.codes()
        assert [any("一" <= each <= "鿿" for each in said) for said in (chinese, english)] == [True, False]


async def test_a_browser_subscribes_with_the_key_and_is_rung_once(here: Office) -> None:
    key = (await here.get(ME, "/api/push-key")).json()["key"]
    first = await here.post(ME, "/api/push-subscriptions", subscription())
    again = await here.post(ME, "/api/push-subscriptions", subscription())
    told = (await here.get(ME, URL)).json()

    assert len(from_base64(key) or b"") == 65
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() == {"id": told["subscriptions"][0]["id"]}
    assert told["subscriptions"] == [{"id": first.json()["id"], "service": "push.example.org"}]
    assert "wpush" not in (await here.get(ME, URL)).text


async def test_a_browser_that_unsubscribes_is_gone_however_often(here: Office) -> None:
    ident = (await here.post(ME, "/api/push-subscriptions", subscription())).json()["id"]

    for person in (COLLEAGUE, ME, ME):
        headers = await here.as_person(person)
        answer = await here.http.delete(f"/api/push-subscriptions?id={ident}", headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
        assert bool((await here.get(ME, URL)).json()["subscriptions"]) is (person == COLLEAGUE)
    for query, field in (("", "id"), ("?id=%24x", "id"), (f"?id={ident}&all=1", "all")):
        wrong = await here.http.delete(f"/api/push-subscriptions{query}", headers=await here.as_person(ME))
        assert list(wrongs(wrong)) == [field]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"keys": {**KEYS, "auth": url_safe(bytes(15))}}, {"keys.auth": "subscription_key"}),
        ({"keys": {**KEYS, "auth": "!"}}, {"keys.auth": "subscription_key"}),
        ({"keys": {**KEYS, "p256dh": url_safe(bytes(65))}}, {"keys.p256dh": "subscription_key"}),
        ({"keys": {**KEYS, "p256dh": KEYS["p256dh"][:-4]}}, {"keys.p256dh": "subscription_key"}),
        ({"keys": {"auth": KEYS["auth"]}}, {"keys.p256dh": "missing"}),
        ({"keys": None}, {"keys": "wrong_type"}),
        ({"endpoint": "https://127.0.0.1/push"}, {"endpoint": "address_not_public"}),
        ({"endpoint": "https://192.168.1.10/push"}, {"endpoint": "address_not_public"}),
        ({"endpoint": "https://100.100.100.200/latest/meta-data"}, {"endpoint": "address_not_public"}),
        ({"endpoint": "http://push.example.org/a"}, {"endpoint": "address_not_https"}),
        ({"endpoint": "push"}, {"endpoint": "address_not_readable"}),
        ({"endpoint": "https://push.example.org/" + "a" * 2000}, {"endpoint": "too_long"}),
        ({"expirationTime": 1000}, {"expirationTime": "subscription_expired"}),
        ({"expirationTime": -1}, {"expirationTime": "wrong_value"}),
        ({"expirationTime": 1e300}, {"expirationTime": "wrong_value"}),
    ],
)  # fmt: skip
async def test_a_subscription_that_cannot_work_is_refused_with_the_field(
    here: Office, changed: Mapping[str, object], expected: dict[str, str]
) -> None:
    answer = await here.post(ME, "/api/push-subscriptions", subscription(**changed))

    assert wrongs(answer) == expected
    assert (await here.get(ME, URL)).json()["subscriptions"] == []


async def test_a_subscription_ends_when_the_browser_said_so(here: Office) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).timestamp() * 1000  # noqa: TID251

    assert (await here.post(ME, "/api/push-subscriptions", subscription(expirationTime=tomorrow))).status_code == 201
    assert len((await here.notify.preferences.of([ME]))[ME].subscriptions) == 1


async def test_one_browser_too_many_is_refused(here: Office) -> None:
    answers = [
        await here.post(ME, "/api/push-subscriptions", subscription(endpoint=f"https://push.example.org/{number}"))
        for number in range(SUBSCRIPTIONS_AT_MOST + 1)
    ]

    assert {each.status_code for each in answers[:-1]} == {201}
    assert wrongs(answers[-1]) == {"endpoint": "too_many_browsers"}


async def test_where_web_push_is_not_set_up_nobody_can_subscribe(bare: Office) -> None:
    asked = await bare.get(ME, "/api/push-key")
    given = await bare.post(ME, "/api/push-subscriptions", subscription())

    for answer in (asked, given):
        assert (answer.status_code, answer.json()["code"]) == (404, "channel_not_set_up")
        assert answer.json()["detail"] == "这里没有开通“web_push”通道。"
    assert wrongs(await put(bare, {"channels": ["web_push"]})) == {"channels.0": "channel_not_set_up"}


async def test_without_a_token_nobody_is_told_and_nothing_kept(here: Office) -> None:
    subscriptions = "/api/push-subscriptions"
    for call in (
        f"GET {URL}", f"PUT {URL}", "GET /api/push-key", f"POST {subscriptions}", f"DELETE {subscriptions}"
    ):  # fmt: skip
        answer = await here.http.request(*call.split())

        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), call


async def test_no_address_is_written_to_the_log(here: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await put(here, WHOLE)
    await here.post(ME, "/api/push-subscriptions", subscription())
    await here.get(ME, URL)

    for secret in ("13800138000", "138-0013-8000", "JiaYi.01", "street.example", "hooks.example", "push.example"):
        assert secret not in caplog.text
