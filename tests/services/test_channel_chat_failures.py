"""Every chat channel × everything that can go wrong × what is said of it."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from datetime import timedelta

import pytest

from services.notify.channels.calls import client_of
from services.notify.channels.sender import Became, Said
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.logs import log_to_stderr
from tests.fakes import dingtalk, feishu, wecom
from tests.fakes.chat import said
from tests.fakes.provider import EMPTY, HTML, answer
from tests.services.channel_setup import FAILURES, a_message
from tests.services.chat_setup import CHATS, START, talking

MINUTE, BLOCKED = timedelta(minutes=1), timedelta(minutes=10)
FROM_OUTSIDE = {
    **FAILURES,
    "HTML": (HTML, ("retry", "not_json", None)),
    "an empty answer": (EMPTY, ("retry", "not_json", None)),
    "half of the JSON": (answer(200, b'{"errcode": 0, "errm'), ("retry", "not_json", None)),
    "a list": (answer(200, b"[0]"), ("retry", "not_json", None)),
    "JSON without a number": (said(errmsg="ok"), ("retry", "no_code", None)),
    "a number as text": (said(errcode="0", code="0"), ("retry", "no_code", None)),
    "true for a number": (said(errcode=False, code=False), ("retry", "no_code", None)),
    "Retry-After of a digit that is no number": (answer(429, retry_after="²"), ("quota", "http_429", None)),
    "Retry-After in a zone that is none": (
        answer(429, retry_after="Mon, 05 Oct 2026 00:00:00 +" + "9" * 20), ("quota", "http_429", None),
    ),
    "403": (answer(403), ("bad_key", "http_403", None)),
    "410": (answer(410), ("unknown_address", "http_410", None)),
    "400 in HTML": (answer(400, b"<html>"), ("refused", "http_400", None)),
}  # fmt: skip
OTHERWISE = {("dingtalk_robot", "302"): ("quota", "http_302", BLOCKED)}
REFUSED: Mapping[str, Mapping[int, tuple[Became, timedelta | None]]] = {
    "wecom_app": {
        -1: ("retry", None), 45009: ("quota", MINUTE), 45033: ("quota", None), 60020: ("bad_key", None),
        60111: ("unknown_address", None), 81013: ("unknown_address", None), 40003: ("unknown_address", None),
        40056: ("bad_key", None), 48002: ("bad_key", None), 44004: ("refused", None), 987654: ("refused", None),
    },
    "wecom_robot": {
        -1: ("retry", None), 45009: ("quota", MINUTE), 93000: ("bad_key", None), 40058: ("refused", None),
        987654: ("refused", None),
    },
    "dingtalk_robot": {
        -1: ("retry", None), 130101: ("quota", BLOCKED), 410100: ("quota", BLOCKED), 90030: ("quota", None),
        310000: ("bad_key", None), 300001: ("bad_key", None), 400102: ("bad_key", None),
        400013: ("unknown_address", None), 460101: ("refused", None), 987654: ("refused", None),
    },
    "feishu_robot": {
        11232: ("quota", None), 2200: ("retry", None), 19022: ("bad_key", None), 19024: ("bad_key", None),
        9499: ("refused", None), 987654: ("refused", None),
    },
}  # fmt: skip
BY_CODE = [(channel, code) for channel, codes in REFUSED.items() for code in codes]
SECRETS = (wecom.SECRET, wecom.ROBOT_KEY, dingtalk.TOKEN, dingtalk.SIGN_KEY, feishu.TOKEN, feishu.SIGN_KEY, "token-1")


@pytest.mark.parametrize("channel", CHATS)
async def test_a_message_is_accepted_and_arrives_with_its_link(channel: str) -> None:
    async with talking(channel) as talk:
        assert await talk.said() == ("accepted", "0", None)
        assert talk.fake.received == [
            "哨声 B-0001\n城河街 12 号 2 单元下水道堵塞,请在 18:00 前到场。\nhttps://shaoyin.example/c/1"
        ]


@pytest.mark.parametrize("channel", CHATS)
@pytest.mark.parametrize("what", FROM_OUTSIDE)
async def test_each_failure_is_said_as_it_is(channel: str, what: str) -> None:
    failing, expected = FROM_OUTSIDE[what]
    async with talking(channel) as talk:
        talk.provider.failing = failing
        assert await talk.said() == OTHERWISE.get((channel, what), expected)
        assert talk.fake.received == []


@pytest.mark.parametrize("what", FROM_OUTSIDE)
async def test_a_failure_after_the_token_was_fetched_is_said_alike(what: str) -> None:
    failing, expected = FROM_OUTSIDE[what]
    async with talking("wecom_app") as talk:
        await talk.send()
        talk.provider.failing = failing
        assert await talk.said() == expected


@pytest.mark.parametrize("channel", CHATS)
async def test_a_provider_that_says_nothing_is_a_timeout(channel: str) -> None:
    async with talking(channel, within=0.1) as talk:
        talk.provider.silent = True
        assert await talk.said() == ("retry", "timeout", None)


@pytest.mark.parametrize("channel", CHATS)
async def test_a_provider_that_is_not_there_is_no_connection(channel: str) -> None:
    chat = CHATS[channel]
    async with client_of("http://127.0.0.1:1") as client:
        said = await chat.sender(client, FakeClock(START)).send(a_message(), chat.address)
    assert said == Said("retry", "no_connection")


@pytest.mark.parametrize(("channel", "code"), BY_CODE)
async def test_a_refusal_in_the_body_of_a_200_is_no_success(channel: str, code: int) -> None:
    became, wait = REFUSED[channel][code]
    async with talking(channel) as talk:
        talk.fake.refusing = code
        assert await talk.said() == (became, str(code), wait)
        assert talk.fake.received == []


@pytest.mark.parametrize(
    ("channel", "code"),
    [("wecom_app", "40001"), ("wecom_robot", "93000"), ("dingtalk_robot", "310000"), ("feishu_robot", "19021")],
)
async def test_another_key_is_a_bad_key(channel: str, code: str) -> None:
    async with talking(channel, key="another") as talk:
        assert await talk.said() == ("bad_key", code, None)


@pytest.mark.parametrize("channel", ["wecom_robot", "dingtalk_robot", "feishu_robot"])
async def test_a_group_without_a_robot_is_an_unknown_address_and_nobody_is_asked(channel: str) -> None:
    async with talking(channel) as talk:
        said = await talk.send(address="没有的群")
        assert (said.became, said.code) == ("unknown_address", "robot_not_set_up")
        assert talk.sender.quotas("没有的群") == ()
        assert talk.provider.asked == []


@pytest.mark.parametrize("channel", CHATS)
async def test_no_key_and_no_address_reaches_the_log_the_codes_or_the_names_of_quotas(channel: str) -> None:
    root, lines = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    try:
        log_to_stderr(logging.DEBUG, frank=True, stream=lines)
        async with talking(channel) as talk:
            said = [await talk.send() for _ in range(2)]
            talk.fake.refusing = -1
            said.append(await talk.send())
            shown = f"{lines.getvalue()}{said}{talk.sender.quotas(talk.address)}{talk.sender!r}"
            assert not [each for each in (*SECRETS, talk.address) if each in shown]
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
