"""The WeCom application: its token, its receivers, and what it drops in silence."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import cast

import pytest
from pydantic import SecretStr

from services.notify.channels.keys import WrongKey
from services.notify.channels.wecom_app import WecomApp, WecomAppSettings
from tests.fakes import wecom
from tests.fakes.chat import path_and_query, said
from tests.fakes.provider import answer
from tests.fakes.wecom import Wecom
from tests.services.channel_setup import a_message
from tests.services.chat_setup import Talk, talking


def fake_of(talk: Talk) -> Wecom:
    return cast("Wecom", talk.fake)


async def test_one_token_serves_many_messages_and_is_fetched_anew_before_it_ends() -> None:
    async with talking("wecom_app") as talk:
        await asyncio.gather(*(talk.send() for _ in range(10)))
        talk.clock.forward(timedelta(minutes=114))
        await talk.send()
        assert fake_of(talk).fetched == 1
        talk.clock.forward(timedelta(minutes=1))
        assert await talk.said() == ("accepted", "0", None)
        assert fake_of(talk).fetched == 2


async def test_a_token_that_ends_before_its_time_is_fetched_once_for_all_who_wait_and_the_messages_go() -> None:
    async with talking("wecom_app") as talk:
        await talk.send()
        fake_of(talk).end_token()
        each_said = await asyncio.gather(*(talk.send() for _ in range(10)))
        assert {each.became for each in each_said} == {"accepted"}
        assert fake_of(talk).fetched == 2
        assert len(talk.fake.received) == 11


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_fresh_token_that_is_refused_too_is_not_fetched_for_ever(code: int) -> None:
    async with talking("wecom_app") as talk:
        talk.fake.refusing = code
        assert await talk.said() == ("retry", str(code), None)
        assert fake_of(talk).fetched == 2


async def test_a_receiver_whom_the_answer_lists_was_not_reached_though_the_errcode_is_0() -> None:
    async with talking("wecom_app") as talk:
        fake_of(talk).unlicensed = {"anon01"}
        assert await talk.said() == ("unknown_address", "unlicenseduser", None)
        talk.provider.failing = said(errcode=0, errmsg="ok", invaliduser="anon01", msgid="m-2")
        assert await talk.said() == ("unknown_address", "invaliduser", None)


async def test_a_member_who_left_is_an_unknown_address() -> None:
    async with talking("wecom_app") as talk:
        assert (await talk.send(address="anon99")).became == "unknown_address"


@pytest.mark.parametrize("address", ["@all", "anon01|anon02", "", "张三", "a" * 65, "anon01\n"])
async def test_an_address_of_another_form_could_reach_others_and_is_never_sent(address: str) -> None:
    async with talking("wecom_app") as talk:
        refused = await talk.sender.send(a_message(), address)
        assert (refused.became, refused.code) == ("unknown_address", "userid_form")
        assert talk.provider.asked == []


async def test_the_providers_id_of_the_message_is_the_receipt() -> None:
    async with talking("wecom_app") as talk:
        assert (await talk.send()).receipt == "m-1"


async def test_what_is_too_much_is_called_a_success_and_dropped_so_the_quotas_are_as_documented() -> None:
    async with talking("wecom_app") as talk:
        for _ in range(31):
            assert (await talk.send()).became == "accepted"
        assert len(talk.fake.received) == 30
        minute, hour = talk.sender.quotas("anon01")
        assert (minute.most, minute.within) == (30, timedelta(minutes=1))
        assert (hour.most, hour.within) == (1000, timedelta(hours=1))


async def test_a_quota_is_a_members_own_and_letters_large_or_small_are_the_same_member() -> None:
    async with talking("wecom_app") as talk:
        assert talk.sender.quotas("anon01") == talk.sender.quotas("ANON01")
        assert talk.sender.quotas("anon01") != talk.sender.quotas("anon02")


async def test_a_long_text_is_cut_by_us_so_that_wecom_does_not_cut_the_link() -> None:
    async with talking("wecom_app") as talk:
        assert (await talk.send(a_message(body="堵" * 1000))).became == "accepted"
        (text,) = talk.fake.received
        assert text.endswith("…\nhttps://shaoyin.example/c/1")


@pytest.mark.parametrize("lasts", [10**15, -(10**15)])
async def test_a_token_that_claims_an_absurd_life_is_used_and_soon_asked_for_anew(lasts: int) -> None:
    async with talking("wecom_app") as talk:
        talk.provider.failing = said(errcode=0, access_token="token-1", expires_in=lasts)
        assert await talk.said() == ("accepted", "0", None)
        talk.clock.forward(timedelta(days=1))
        talk.provider.failing = None
        assert await talk.said() == ("accepted", "0", None)
        assert fake_of(talk).fetched == 1


@pytest.mark.parametrize("token", ["", "漏" * 6000])
async def test_what_cannot_be_a_token_is_not_used(token: str) -> None:
    async with talking("wecom_app") as talk:
        whole = json.dumps({"errcode": 0, "access_token": token, "expires_in": 7200}, ensure_ascii=False).encode()
        talk.provider.failing = answer(200, whole)
        assert await talk.said() == ("retry", "no_code", None)
        assert [asked.method for asked in talk.provider.asked] == ["GET"]


async def test_token_and_message_together_take_no_longer_than_one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.channels.wecom_app.WITHIN", timedelta(seconds=0.1))
    async with talking("wecom_app") as talk:
        talk.provider.silent = True
        async with asyncio.timeout(2):
            assert await talk.said() == ("retry", "timeout", None)
        talk.provider.silent = False
        assert await talk.said() == ("accepted", "0", None)


async def test_the_secret_is_sent_for_the_token_alone() -> None:
    async with talking("wecom_app") as talk:
        await talk.send()
        first, second = (path_and_query(asked) for asked in talk.provider.asked)
        assert first == ("/cgi-bin/gettoken", {"corpid": wecom.CORP_ID, "corpsecret": wecom.SECRET})
        assert second == ("/cgi-bin/message/send", {"access_token": "token-1"})


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        (WecomAppSettings("ww0", wecom.AGENT_ID, SecretStr(wecom.SECRET)), "wecom_corp_id"),
        (WecomAppSettings(wecom.CORP_ID, 0, SecretStr(wecom.SECRET)), "wecom_agent_id"),
        (WecomAppSettings(wecom.CORP_ID, wecom.AGENT_ID, SecretStr("s" * 42)), "wecom_app_secret"),
        (WecomAppSettings(wecom.CORP_ID, wecom.AGENT_ID, SecretStr(" ")), "wecom_app_secret"),
        (WecomAppSettings(wecom.CORP_ID, wecom.AGENT_ID, SecretStr(wecom.SECRET), "http://qy.example"), "wecom_url"),
    ],
)
def test_a_setting_of_the_wrong_form_is_named_and_not_shown(settings: WecomAppSettings, setting: str) -> None:
    with pytest.raises(WrongKey) as refused:
        WecomApp(settings)
    assert refused.value.setting == setting
    assert "sss" not in str(refused.value)
