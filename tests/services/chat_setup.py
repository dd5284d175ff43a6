"""Every chat channel beside the provider it speaks to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import httpx
from pydantic import SecretStr

from services.notify.channels.calls import client_of
from services.notify.channels.dingtalk_robot import DingtalkRobot
from services.notify.channels.feishu_robot import FeishuRobot
from services.notify.channels.robots import Robot
from services.notify.channels.sender import Message, Said, Sender
from services.notify.channels.wecom_app import WecomApp, WecomAppSettings
from services.notify.channels.wecom_robot import WecomRobot
from shaoyin.adapters.clock import Clock, FakeClock
from tests.fakes import dingtalk, feishu, wecom
from tests.fakes.provider import Asked, Provider, running
from tests.services.channel_setup import a_message, answered_within

GROUP = "城河街网格群"
START = datetime(2026, 9, 30, 2, 13, tzinfo=UTC)


class Fake(Protocol):
    received: list[str]
    refusing: int | None

    def takes(self, asked: Asked) -> bytes: ...


@dataclass(frozen=True)
class Chat:
    address: str
    fake: Callable[[Clock], Fake]
    sender: Callable[[httpx.AsyncClient, Clock], Sender]
    with_another_key: Callable[[httpx.AsyncClient, Clock], Sender]


def wecom_app(client: httpx.AsyncClient, clock: Clock, *, secret: str = wecom.SECRET) -> WecomApp:
    settings = WecomAppSettings(wecom.CORP_ID, wecom.AGENT_ID, SecretStr(secret))
    return WecomApp(settings, client=client, clock=clock)


def wecom_robot(client: httpx.AsyncClient, clock: Clock, *, key: str = wecom.ROBOT_KEY) -> WecomRobot:
    return WecomRobot({GROUP: SecretStr(key)}, client=client)


def dingtalk_robot(client: httpx.AsyncClient, clock: Clock, *, sign_key: str = dingtalk.SIGN_KEY) -> DingtalkRobot:
    robot = Robot(SecretStr(dingtalk.TOKEN), SecretStr(sign_key))
    return DingtalkRobot({GROUP: robot}, client=client, clock=clock)


def feishu_robot(client: httpx.AsyncClient, clock: Clock, *, sign_key: str = feishu.SIGN_KEY) -> FeishuRobot:
    robot = Robot(SecretStr(feishu.TOKEN), SecretStr(sign_key))
    return FeishuRobot({GROUP: robot}, client=client, clock=clock)


CHATS = {
    "wecom_app": Chat("anon01", wecom.Wecom, wecom_app, lambda c, t: wecom_app(c, t, secret="x" * 43)),
    "wecom_robot": Chat(
        GROUP, wecom.Wecom, wecom_robot,
        lambda c, t: wecom_robot(c, t, key="99999999-1111-2222-3333-444444444444"),
    ),
    "dingtalk_robot": Chat(
        GROUP, dingtalk.Dingtalk, dingtalk_robot, lambda c, t: dingtalk_robot(c, t, sign_key="SEC" + "0" * 64)
    ),
    "feishu_robot": Chat(GROUP, feishu.Feishu, feishu_robot, lambda c, t: feishu_robot(c, t, sign_key="Z" * 22)),
}  # fmt: skip


@dataclass
class Talk:
    sender: Sender
    fake: Fake
    provider: Provider
    clock: FakeClock
    address: str

    async def send(self, message: Message | None = None, address: str | None = None) -> Said:
        return await self.sender.send(message or a_message(), address or self.address)

    async def said(self) -> tuple[str, str, object]:
        said = await self.send()
        return said.became, said.code, said.retry_after


@asynccontextmanager
async def talking(channel: str, *, key: str = "ours", within: float = 5.0) -> AsyncIterator[Talk]:
    """`within`: seconds that the client waits for an answer."""
    chat, clock = CHATS[channel], FakeClock(START)
    fake = chat.fake(clock)
    async with running(Provider(fake.takes)) as provider, client_of(provider.url) as client:
        make = chat.sender if key == "ours" else chat.with_another_key
        with answered_within(within):
            yield Talk(make(client, clock), fake, provider, clock, chat.address)
