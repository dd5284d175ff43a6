"""Robots of groups: signatures, quotas, and what only one provider says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest
from pydantic import SecretStr

from services.notify.channels import dingtalk_robot, feishu_robot
from services.notify.channels.dingtalk_robot import DingtalkRobot
from services.notify.channels.feishu_robot import FeishuRobot
from services.notify.channels.keys import WrongKey
from services.notify.channels.robots import Robot
from services.notify.channels.sender import Sender
from services.notify.channels.wecom_robot import WecomRobot
from tests.fakes import dingtalk, feishu, wecom
from tests.fakes.chat import said
from tests.fakes.dingtalk import Dingtalk
from tests.fakes.feishu import Feishu
from tests.fakes.provider import answer
from tests.services.channel_setup import a_message
from tests.services.chat_setup import GROUP, talking

ROBOTS = ["wecom_robot", "dingtalk_robot", "feishu_robot"]
MINUTE, BLOCKED = timedelta(minutes=1), timedelta(minutes=10)


def test_dingtalk_signs_as_openssl_does() -> None:
    """printf '1790734380000\\nSECab' | openssl dgst -sha256 -hmac SECab -binary | base64"""
    assert dingtalk_robot.signature("SECab", 1790734380000) == "8CX9EEgBRqsGmdAMtCrQBH+pECHSial6xJHdNPJZZ3A="


def test_feishu_signs_as_openssl_does() -> None:
    """printf '' | openssl dgst -sha256 -hmac "$(printf '1790734380\\nab')" -binary | base64"""
    assert feishu_robot.signature("ab", 1790734380) == "Xw7Sr3hEsGgVZOMnP4WtxR4aTbUN9S8YjtBbsAiBYC4="


@pytest.mark.parametrize(
    ("channel", "most", "within"),
    [("wecom_robot", 20, MINUTE), ("dingtalk_robot", 20, MINUTE), ("feishu_robot", 5, timedelta(seconds=1))],
)
async def test_the_last_message_of_a_quota_is_accepted_and_the_next_is_not(
    channel: str, most: int, within: timedelta
) -> None:
    async with talking(channel) as talk:
        assert (most, within) in [(quota.most, quota.within) for quota in talk.sender.quotas(GROUP)]
        assert {(await talk.send()).became for _ in range(most)} == {"accepted"}
        assert (await talk.send()).became == "quota"
        assert len(talk.fake.received) == most


async def test_feishu_takes_a_hundred_a_minute_at_five_a_second() -> None:
    async with talking("feishu_robot") as talk:
        for _ in range(20):
            assert {(await talk.send()).became for _ in range(5)} == {"accepted"}
            talk.clock.forward(timedelta(seconds=1))
        assert await talk.said() == ("quota", "11232", None)
        assert [quota.most for quota in talk.sender.quotas(GROUP)] == [100, 5]


async def test_dingtalk_blocks_for_ten_minutes_and_turns_away_by_redirect() -> None:
    async with talking("dingtalk_robot") as talk:
        for _ in range(20):
            await talk.send()
        assert await talk.said() == ("quota", "130101", BLOCKED)
        talk.clock.forward(timedelta(minutes=2))
        assert await talk.said() == ("quota", "http_302", BLOCKED)
        talk.clock.forward(timedelta(minutes=8))
        assert await talk.said() == ("accepted", "0", None)


async def test_dingtalks_gateway_may_block_without_an_errcode() -> None:
    async with talking("dingtalk_robot") as talk:
        talk.provider.failing = said(status=1111, wait=5, source="x5", punish="deny")
        assert await talk.said() == ("quota", "1111", BLOCKED)


@pytest.mark.parametrize("channel", ["dingtalk_robot", "feishu_robot"])
async def test_a_missing_keyword_is_for_the_operator_to_mend(channel: str) -> None:
    async with talking(channel) as talk:
        cast("Dingtalk | Feishu", talk.fake).keyword = "告警"
        assert (await talk.said())[0] == "bad_key"


@pytest.mark.parametrize("channel", ["dingtalk_robot", "feishu_robot"])
async def test_a_provider_whose_clock_is_more_than_an_hour_away_refuses_the_signature(channel: str) -> None:
    async with talking(channel) as talk, talking(channel) as elsewhere:
        elsewhere.clock.forward(timedelta(hours=1, seconds=1))
        talk.provider.takes = elsewhere.fake.takes
        assert (await talk.said())[0] == "bad_key"


@pytest.mark.parametrize("channel", ROBOTS)
async def test_a_text_over_the_limit_arrives_cut_with_its_link(channel: str) -> None:
    async with talking(channel) as talk:
        assert (await talk.send(a_message(body='堵"👨‍👩‍👧' * 4000))).became == "accepted"
        (text,) = talk.fake.received
        assert text.endswith("…\nhttps://shaoyin.example/c/1")
        assert len(text.encode()) > 2000


async def test_feishus_older_answers_are_read_too() -> None:
    async with talking("feishu_robot") as talk:
        cast("Feishu", talk.fake).older = True
        assert await talk.said() == ("accepted", "0", None)
        talk.provider.failing = said(StatusCode=19021, StatusMessage="sign match fail")
        assert await talk.said() == ("bad_key", "19021", None)


async def test_feishus_two_numbers_must_both_be_a_success() -> None:
    async with talking("feishu_robot") as talk:
        talk.provider.failing = said(code=0, StatusCode=11232)
        assert await talk.said() == ("quota", "11232", None)


async def test_feishu_says_too_many_with_the_number_of_a_bad_request_and_status_400() -> None:
    async with talking("feishu_robot") as talk:
        talk.provider.failing = said(400, code=9499, msg="too many request", data={})
        assert await talk.said() == ("quota", "9499", None)
        talk.provider.failing = said(400, code=9499, msg="Bad Request", data={})
        assert await talk.said() == ("refused", "9499", None)


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"x_ogw_ratelimit_reset": "52"}, timedelta(seconds=52)),
        (400, {"x_ogw_ratelimit_reset": "52"}, timedelta(seconds=52)),
        (429, {"x_ogw_ratelimit_reset": "52", "retry_after": "7"}, timedelta(seconds=7)),
        (400, {"x_ogw_ratelimit_reset": "soon"}, None),
        (400, {}, None),
    ],
)
async def test_feishus_gateway_says_in_a_header_of_its_own_when_it_opens_again(
    status: int, headers: dict[str, str], wait: timedelta | None
) -> None:
    limited = b'{"code": 99991400, "msg": "request trigger frequency limit"}'
    code = "http_429" if status == 429 else "99991400"
    async with talking("feishu_robot") as talk:
        talk.provider.failing = answer(status, limited, **headers)
        assert await talk.said() == ("quota", code, wait)


async def test_when_a_quota_opens_says_nothing_of_a_key_that_is_wrong() -> None:
    async with talking("feishu_robot") as talk:
        talk.provider.failing = answer(200, b'{"code": 19021}', x_ogw_ratelimit_reset="52")
        assert await talk.said() == ("bad_key", "19021", None)


@pytest.mark.parametrize("channel", ROBOTS)
async def test_two_replicas_count_under_one_key_and_two_robots_under_two(channel: str) -> None:
    async with talking(channel) as one, talking(channel) as two:
        assert one.sender.quotas(GROUP) == two.sender.quotas(GROUP)
    other = {"wecom_robot": "dingtalk_robot"}.get(channel, "wecom_robot")
    async with talking(other) as three:
        assert {quota.key for quota in one.sender.quotas(GROUP)}.isdisjoint(
            quota.key for quota in three.sender.quotas(GROUP)
        )


def _wecom(key: str, url: str = "https://qyapi.weixin.qq.com") -> Sender:
    return WecomRobot({GROUP: SecretStr(key)}, base_url=url)


def _dingtalk(token: str, sign_key: str) -> Sender:
    return DingtalkRobot({GROUP: Robot(SecretStr(token), SecretStr(sign_key))})


def _feishu(token: str, sign_key: str) -> Sender:
    return FeishuRobot({GROUP: Robot(SecretStr(token), SecretStr(sign_key))})


WRONG: list[tuple[Callable[[], Sender], str]] = [
    (lambda: _wecom("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + wecom.ROBOT_KEY), "wecom_robot_keys"),
    (lambda: _wecom(wecom.ROBOT_KEY[:-1]), "wecom_robot_keys"),
    (lambda: _wecom(wecom.ROBOT_KEY, "http://qyapi.example"), "wecom_robot_url"),
    (lambda: _wecom(wecom.ROBOT_KEY, "nowhere"), "wecom_robot_url"),
    (lambda: WecomRobot({}), "wecom_robot_keys"),
    (lambda: WecomRobot({" ": SecretStr(wecom.ROBOT_KEY)}), "wecom_robot_keys"),
    (lambda: _dingtalk("", dingtalk.SIGN_KEY), "dingtalk_robot_token"),
    (lambda: _dingtalk(dingtalk.TOKEN + "&at=1", dingtalk.SIGN_KEY), "dingtalk_robot_token"),
    (lambda: _dingtalk(dingtalk.TOKEN, "e" * 64), "dingtalk_robot_sign_key"),
    (lambda: _feishu("../" + feishu.TOKEN, feishu.SIGN_KEY), "feishu_robot_token"),
    (lambda: _feishu(feishu.TOKEN, "short"), "feishu_robot_sign_key"),
]


@pytest.mark.parametrize(("make", "setting"), WRONG)
def test_a_setting_of_the_wrong_form_is_named_and_not_shown(make: Callable[[], Sender], setting: str) -> None:
    with pytest.raises(WrongKey) as refused:
        make()
    assert refused.value.setting == setting
    for secret in (wecom.ROBOT_KEY, dingtalk.TOKEN, dingtalk.SIGN_KEY, feishu.TOKEN, feishu.SIGN_KEY):
        assert secret[:-1] not in str(refused.value)
