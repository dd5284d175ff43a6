"""WeChat's subscription messages: one for each consent, the stable token, and all that can go wrong."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from services.notify.channels.calls import client_of
from services.notify.channels.keys import WrongKey
from services.notify.channels.limits import Limits
from services.notify.channels.sender import Became, Message, Said
from services.notify.channels.templates import Template
from services.notify.channels.wechat import Wechat, WechatSettings
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.logs import log_to_stderr
from tests.fakes import wechat
from tests.fakes.chat import path_and_query, said
from tests.fakes.provider import EMPTY, HTML, Provider, answer, running
from tests.services.channel_setup import FAILURES, a_message, answered_within
from tests.services.chat_setup import START
from tests.services.sms_setup import NUMBER

MINUTE = timedelta(minutes=1)
PROGRESS, RESULT = wechat.TEMPLATES
SETTINGS = WechatSettings(
    wechat.APP_ID, SecretStr(wechat.SECRET),
    {
        "answer_progress": Template(PROGRESS, {"character_string1": "number", "thing2": "title", "time3": "due"}),
        "answer_result": Template(RESULT, {"character_string1": "number", "thing2": "title"}),
    },
    page="pages/progress/index",
)  # fmt: skip
FROM_OUTSIDE = {
    **FAILURES,
    "HTML": (HTML, ("retry", "not_json", None)),
    "an empty answer": (EMPTY, ("retry", "not_json", None)),
    "half of the JSON": (answer(200, b'{"errcode": 0, "errm'), ("retry", "not_json", None)),
    "JSON without a number": (said(errmsg="ok"), ("retry", "no_code", None)),
    "a number as text": (said(errcode="0"), ("retry", "no_code", None)),
    "true for a number": (said(errcode=False), ("retry", "no_code", None)),
    "null for a number": (said(errcode=None), ("retry", "no_code", None)),
}
OF_MESSAGES: dict[int, tuple[Became, timedelta | None]] = {
    -1: ("retry", None), 40003: ("unknown_address", None), 43101: ("unknown_address", None),
    40037: ("refused", None), 47003: ("refused", None), 41030: ("bad_key", None), 48001: ("bad_key", None),
    45009: ("quota", None), 45011: ("quota", MINUTE), 987654: ("refused", None),
}  # fmt: skip
OF_TOKENS: dict[int, tuple[Became, timedelta | None]] = {
    -1: ("retry", None), 40001: ("bad_key", None), 40013: ("bad_key", None), 40125: ("bad_key", None),
    40164: ("bad_key", None), 45009: ("quota", None), 45011: ("quota", MINUTE), 987654: ("refused", None),
}  # fmt: skip


def an_answer(*, template: str = "answer_result", number: str = NUMBER, title: str = "您反映的事已有结果") -> Message:
    return replace(a_message(), template=template, number=number, title=title, due="10月1日 18:00", place=None)


@dataclass
class Talk:
    sender: Wechat
    fake: wechat.Wechat
    provider: Provider
    clock: FakeClock

    async def send(self, message: Message | None = None, address: str = wechat.OPENID) -> Said:
        return await self.sender.send(message or an_answer(), address)

    async def said(self) -> tuple[str, str, object]:
        said = await self.send()
        return said.became, said.code, said.retry_after


@asynccontextmanager
async def answering(
    settings: WechatSettings = SETTINGS, *, consents: int = 1, within: float = 5.0
) -> AsyncIterator[Talk]:
    clock = FakeClock(START)
    fake = wechat.Wechat(clock)
    fake.consent(consents)
    async with running(Provider(fake.takes)) as provider, client_of(provider.url) as client:
        with answered_within(within):
            yield Talk(Wechat(settings, client=client, clock=clock), fake, provider, clock)


async def test_an_answer_arrives_in_its_template_and_opens_the_page_of_the_query_code() -> None:
    async with answering() as talk:
        assert await talk.send() == Said("accepted", "0")
        (received,) = talk.fake.received
        assert received == {
            "touser": wechat.OPENID, "template_id": RESULT, "page": "pages/progress/index", "lang": "zh_CN",
            "miniprogram_state": "formal",
            "data": {"character_string1": {"value": NUMBER}, "thing2": {"value": "您反映的事已有结果"}},
        }  # fmt: skip


async def test_another_answer_has_another_template_and_language() -> None:
    async with answering() as talk:
        said = await talk.send(replace(an_answer(template="answer_progress", title="Accepted"), language="en"))
        assert said == Said("accepted", "0")
        assert talk.fake.received[0]["lang"] == "en_US"
        assert talk.fake.received[0]["data"]["time3"] == {"value": "10月1日 18:00"}


async def test_an_official_account_opens_the_link_by_its_own_interface() -> None:
    async with answering(replace(SETTINGS, account="official_account")) as talk:
        assert await talk.send() == Said("accepted", "0")
        assert talk.fake.received[0]["page"] == "https://shaoyin.example/c/1"
        assert path_and_query(talk.provider.asked[-1])[0] == "/cgi-bin/message/subscribe/bizsend"


async def test_without_a_page_a_tap_opens_nothing() -> None:
    async with answering(replace(SETTINGS, page="")) as talk:
        assert await talk.send() == Said("accepted", "0")
        assert "page" not in talk.fake.received[0]


async def test_one_consent_is_one_message() -> None:
    async with answering(consents=2) as talk:
        assert [await talk.send() for _ in range(3)] == [
            Said("accepted", "0"), Said("accepted", "0"), Said("unknown_address", "43101"),
        ]  # fmt: skip
        assert len(talk.fake.received) == 2


async def test_a_try_that_was_cut_behind_the_message_has_used_the_consent_up() -> None:
    async with answering() as talk:
        await talk.send(an_answer(template="answer_progress"))
        takes = talk.provider.takes
        talk.provider.takes = lambda asked: takes(asked)[:0]
        assert await talk.said() == ("retry", "cut", None)
        talk.provider.takes = takes
        assert await talk.said() == ("unknown_address", "43101", None)
        assert len(talk.fake.received) == 2


async def test_a_long_title_is_cut_to_its_kind_and_a_long_number_is_not_sent() -> None:
    async with answering() as talk:
        assert (await talk.send(an_answer(title="结" * 30))).became == "accepted"
        assert talk.fake.received[0]["data"]["thing2"] == {"value": "结" * 19 + "…"}
        assert await talk.send(an_answer(number="B" * 33)) == Said("refused", "number_too_long")
        assert await talk.send(an_answer(template="alert")) == Said("refused", "no_template")
        assert len(talk.provider.asked) == 2


async def test_a_text_of_another_form_than_its_parameter_is_refused() -> None:
    async with answering() as talk:
        assert await talk.send(an_answer(number="城东-1")) == Said("refused", "47003")


@pytest.mark.parametrize("what", FROM_OUTSIDE)
async def test_each_failure_is_said_as_it_is_with_the_token_and_with_the_message(what: str) -> None:
    failing, expected = FROM_OUTSIDE[what]
    async with answering(consents=2) as talk:
        talk.provider.failing = failing
        assert await talk.said() == expected
        talk.provider.failing = None
        assert await talk.said() == ("accepted", "0", None)
        talk.provider.failing = failing
        assert await talk.said() == expected
        assert len(talk.fake.received) == 1


@pytest.mark.parametrize("code", OF_MESSAGES)
async def test_a_refusal_in_the_body_of_a_200_is_no_success(code: int) -> None:
    async with answering() as talk:
        talk.fake.refusing = code
        became, wait = OF_MESSAGES[code]
        assert await talk.said() == (became, str(code), wait)
        assert talk.fake.received == []


@pytest.mark.parametrize("code", OF_TOKENS)
async def test_a_refused_token_says_whose_trouble_it_is(code: int) -> None:
    async with answering() as talk:
        talk.fake.refusing_tokens = code
        became, wait = OF_TOKENS[code]
        assert await talk.said() == (became, str(code), wait)


async def test_another_secret_is_a_bad_key() -> None:
    async with answering(replace(SETTINGS, app_secret=SecretStr("f" * 32))) as talk:
        assert await talk.said() == ("bad_key", "40125", None)


async def test_one_stable_token_serves_all_and_is_fetched_anew_before_it_ends() -> None:
    async with answering(consents=30) as talk:
        await asyncio.gather(*(talk.send() for _ in range(10)))
        talk.clock.forward(timedelta(minutes=114))
        await talk.send()
        assert talk.fake.fetched == 1
        talk.clock.forward(MINUTE)
        assert await talk.said() == ("accepted", "0", None)
        assert talk.fake.fetched == 2


async def test_a_token_that_ends_before_its_time_is_fetched_once_and_the_messages_go() -> None:
    async with answering(consents=30) as talk:
        await talk.send()
        talk.fake.end_token()
        talk.clock.forward(MINUTE)
        assert {(await each).became for each in [asyncio.create_task(talk.send()) for _ in range(10)]} == {"accepted"}
        assert talk.fake.fetched == 2


async def test_a_fresh_token_that_is_refused_too_is_not_fetched_for_ever() -> None:
    async with answering() as talk:
        talk.fake.refusing = 40001
        assert await talk.said() == ("retry", "40001", None)
        assert talk.fake.fetched == 2


async def test_the_secret_is_sent_for_the_token_alone_and_never_in_a_url() -> None:
    async with answering() as talk:
        await talk.send()
        first, second = talk.provider.asked
        assert first.target == "/cgi-bin/stable_token"
        assert json.loads(first.body)["secret"] == wechat.SECRET
        assert wechat.SECRET not in second.target + second.body.decode()
        assert wechat.OPENID not in first.target + second.target


async def test_token_and_message_together_take_no_longer_than_one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.channels.wechat.WITHIN", timedelta(seconds=0.1))
    async with answering() as talk:
        talk.provider.silent = True
        assert await talk.said() == ("retry", "timeout", None)
        talk.provider.silent = False
        assert await talk.said() == ("accepted", "0", None)


@pytest.mark.parametrize("address", ["", "o", wechat.OPENID + "\n", wechat.OPENID + "x", "张" * 28])
async def test_what_is_no_openid_is_never_sent_and_needs_no_quota(address: str) -> None:
    async with answering() as talk:
        assert await talk.send(address=address or " ") == Said("unknown_address", "openid_form")
        assert talk.sender.quotas(address) == ()
        assert talk.provider.asked == []


async def test_neither_secret_nor_token_nor_openid_nor_number_reaches_the_log_the_codes_or_the_quotas() -> None:
    root, lines = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    try:
        log_to_stderr(logging.DEBUG, frank=True, stream=lines)
        async with answering() as talk:
            all_said = [await talk.send() for _ in range(2)]
            shown = f"{lines.getvalue()}{all_said}{talk.sender.quotas(wechat.OPENID)}{talk.sender!r}{SETTINGS!r}"
            assert not [each for each in (wechat.SECRET, wechat.OPENID, "stable-0", NUMBER) if each in shown]
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def test_the_quota_is_wechats_day_and_the_operator_may_set_a_smaller_one() -> None:
    (day,) = Wechat(SETTINGS).quotas(wechat.OPENID)
    assert (day.most, day.within) == (10_000_000, timedelta(days=1))
    limits = Limits(((3, timedelta(days=1)),), a_day=500)
    assert [each.most for each in Wechat(replace(SETTINGS, limits=limits)).quotas(wechat.OPENID)] == [3, 500]


@pytest.mark.parametrize(
    ("settings", "setting", "names"),
    [
        (replace(SETTINGS, app_id="wx1"), "wechat_app_id", ""),
        (replace(SETTINGS, app_secret=SecretStr("0123456789abcdef" * 2 + "0")), "wechat_app_secret", ""),
        (replace(SETTINGS, templates={}), "wechat_templates", "answer_result"),
        (replace(SETTINGS, templates={"answer_result": Template("short", {})}), "wechat_templates", "answer_result"),
        (
            replace(SETTINGS, templates={"answer_result": Template(RESULT, {"keyword1": "number"})}),
            "wechat_templates", "answer_result.keyword1",
        ),
        (
            replace(SETTINGS, templates={"answer_result": Template(RESULT, {"thing1": "reporter"})}),
            "wechat_templates", "answer_result.thing1",
        ),
        (replace(SETTINGS, page="https://shaoyin.example"), "wechat_page", ""),
        (replace(SETTINGS, limits=Limits((), a_day=0)), "wechat_limits", ""),
        (replace(SETTINGS, base_url="http://api.example"), "wechat_url", ""),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_named_and_no_key_is_shown(
    settings: WechatSettings, setting: str, names: str
) -> None:
    with pytest.raises(WrongKey) as refused:
        Wechat(settings)
    assert refused.value.setting == setting
    assert names in str(refused.value)
    assert "0123456789abcdef" not in str(refused.value)
