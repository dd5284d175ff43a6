"""Every SMS channel beside the provider it speaks to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import httpx
from pydantic import SecretStr

from services.notify.channels.calls import client_of
from services.notify.channels.sender import Message, Said, Sender
from services.notify.channels.sms_aliyun import AliyunSettings, SmsAliyun
from services.notify.channels.sms_tencent import SmsTencent, TencentSettings
from services.notify.channels.templates import Template
from shaoyin.adapters.clock import Clock, FakeClock
from tests.fakes import aliyun, tencent
from tests.fakes.provider import Asked, Provider, running
from tests.services.channel_setup import a_message, answered_within
from tests.services.chat_setup import START

MOBILE = "13800138000"
NUMBER = "4406059010012026093000018"
FIELDS = {"number": "number", "place": "place", "category": "category", "due": "due", "code": "link_code"}


class Fake(Protocol):
    refusing: str | None
    arrives: bool

    @property
    def received(self) -> list[str]: ...

    def takes(self, asked: Asked) -> bytes: ...


@dataclass(frozen=True)
class Sms:
    fake: Callable[[Clock], Fake]
    sender: Callable[[httpx.AsyncClient, Clock], Sender]
    with_another_key: Callable[[httpx.AsyncClient, Clock], Sender]


ALIYUN = AliyunSettings(
    aliyun.KEY_ID, SecretStr(aliyun.SECRET), aliyun.SIGN_NAME,
    {
        "alert": Template("SMS_100000001", FIELDS),
        "digest": Template("SMS_100000002", {"count": "count", "code": "link_code"}),
    },
)  # fmt: skip


TENCENT = TencentSettings(
    tencent.SECRET_ID, SecretStr(tencent.SECRET_KEY), tencent.APP_ID, tencent.SIGN_NAME,
    {
        "alert": Template(
            "1000001", {"1": "number_end", "2": "place", "3": "category", "4": "due_short", "5": "link_code"}
        ),
        "digest": Template("1000002", {"2": "link_code", "1": "count"}),
    },
)  # fmt: skip


def sms_aliyun(client: httpx.AsyncClient, clock: Clock, settings: AliyunSettings = ALIYUN) -> SmsAliyun:
    return SmsAliyun(settings, client=client, clock=clock)


def sms_tencent(client: httpx.AsyncClient, clock: Clock, settings: TencentSettings = TENCENT) -> SmsTencent:
    return SmsTencent(settings, client=client, clock=clock)


SMS = {
    "sms_aliyun": Sms(
        aliyun.Aliyun, sms_aliyun,
        lambda c, t: sms_aliyun(c, t, replace(ALIYUN, access_key_secret=SecretStr("x" * 30))),
    ),
    "sms_tencent": Sms(
        tencent.Tencent, sms_tencent,
        lambda c, t: sms_tencent(c, t, replace(TENCENT, secret_key=SecretStr("x" * 32))),
    ),
}  # fmt: skip


def a_text(
    *, place: str = "城河街12号2单元", number: str = NUMBER, link: str = "https://shaoyin.example/c/k7Q_x-2"
) -> Message:
    return replace(a_message(), number=number, place=place, category="下水道堵塞", due="2026年9月30日 18:00", link=link)


@dataclass
class Talk:
    sender: Sender
    fake: Fake
    provider: Provider
    clock: FakeClock

    async def send(self, message: Message | None = None, address: str = MOBILE) -> Said:
        return await self.sender.send(message or a_text(), address)

    async def said(self) -> tuple[str, str, object]:
        said = await self.send()
        return said.became, said.code, said.retry_after


@asynccontextmanager
async def texting(channel: str, *, key: str = "ours", within: float = 5.0) -> AsyncIterator[Talk]:
    """`within`: seconds that the client waits for an answer."""
    sms, clock = SMS[channel], FakeClock(START)
    fake = sms.fake(clock)
    async with running(Provider(fake.takes)) as provider, client_of(provider.url) as client:
        make = sms.sender if key == "ours" else sms.with_another_key
        with answered_within(within):
            yield Talk(make(client, clock), fake, provider, clock)
