"""Every channel of staff beside the provider it speaks to, each able to fail in the ways that the matrix names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from pydantic import SecretStr

from services.notify.channels.calls import client_of
from services.notify.channels.dingtalk_robot import DingtalkRobot
from services.notify.channels.feishu_robot import FeishuRobot
from services.notify.channels.mail import Mail
from services.notify.channels.robots import Robot
from services.notify.channels.sender import Sender
from services.notify.channels.templates import Template
from services.notify.channels.web_push import WebPush
from services.notify.channels.webhook import Webhook
from services.notify.channels.wecom_robot import WecomRobot
from shaoyin.adapters.clock import Clock, FakeClock, SystemClock
from tests.fakes import dingtalk, feishu, wecom
from tests.fakes.provider import CUT, Asked, Provider, answer, running
from tests.fakes.push_service import Browser
from tests.fakes.smtp import CUT as CUT_LETTER
from tests.fakes.smtp import PASSWORD, SILENT, Smtp, smtp_running
from tests.fakes.tls import Tls
from tests.fakes.webhook_receiver import Receiver
from tests.services.chat_setup import wecom_app
from tests.services.sms_setup import MOBILE, SMS, TENCENT, sms_tencent
from tests.services.test_channel_mail import ADDRESS as MAILBOX
from tests.services.test_channel_mail import SETTINGS as LETTERS
from tests.services.test_channel_web_push import KEY as PUSH_KEY
from tests.services.test_channel_webhook import KEYS, NEW

UNIT = "south-committee"
FROM_OUTSIDE: Mapping[str, bytes] = {
    "429": answer(429), "429 with Retry-After": answer(429, retry_after="47"), "500": answer(500), "cut": CUT,
}  # fmt: skip
REFUSING: Mapping[str, int | str] = {
    "wecom_app": 40008, "wecom_robot": 40058, "dingtalk_robot": 460101, "feishu_robot": 9499,
    "sms_aliyun": "isv.BLACK_KEY_CONTROL_LIMIT", "sms_tencent": "FailedOperation.ContainSensitiveWord",
}  # fmt: skip
GONE: Mapping[str, int | str] = {
    "wecom_robot": 93000, "dingtalk_robot": 400013, "feishu_robot": 19001, "wecom_app": 40003,
    "sms_aliyun": "isv.MOBILE_NUMBER_ILLEGAL", "sms_tencent": "InvalidParameterValue.IncorrectPhoneNumber",
}  # fmt: skip
SHORT = {"alert": Template("1000003", {"1": "number_end", "2": "place", "3": "category", "4": "due_short"})}
"""Without the code of the link, which is longer than Tencent's twelve characters."""
LETTER: Mapping[str, Mapping[str, str]] = {
    "refused in the body": {".": "554 5.7.1 content"}, "429": {"RCPT": "450 4.2.1 slow down"},
    "429 with Retry-After": {"RCPT": "450 4.2.1 slow down"}, "500": {".": "451 4.3.0 local error"},
    "cut": {"RCPT": CUT_LETTER}, "timeout": {"RCPT": SILENT}, "gone": {"RCPT": "550 5.1.1 no such user"},
}  # fmt: skip


@dataclass
class Kit:
    """`address` of the person; None for a robot. `heal` ends the failure that it was made with."""

    sender: Sender
    address: str | None
    heal: Callable[[], None]
    arrived: Callable[[], int]


@asynccontextmanager
async def kit(channel: str, case: str, folder: Path, told: Clock) -> AsyncIterator[Kit]:
    if channel == "mail":
        async with _letters(case, folder) as found:
            yield found
        return
    fake, make = _fake(channel, case), _sender(channel, case, told)
    async with running(Provider(fake.takes)) as provider, client_of(provider.url) as client:
        provider.failing, provider.silent = FROM_OUTSIDE.get(case), case == "timeout"
        if channel in ("web_push", "webhook") and case in ("refused in the body", "gone"):
            provider.failing = answer(410 if case == "gone" else 400)
        sender = make(client)
        yield Kit(sender, _address(channel, provider, fake), _healed(provider, fake), lambda: _arrived(provider, fake))
        await sender.close()


def _sender(channel: str, case: str, told: Clock) -> Callable[[httpx.AsyncClient], Sender]:
    clock, other = SystemClock(), case == "bad key"
    match channel:
        case "web_push":
            return lambda _client: WebPush(PUSH_KEY, "mailto:desk@shaoyin.example", inside=True, told=told)
        case "webhook":
            return lambda _client: Webhook(KEYS, inside=True)
        case "wecom_app":
            return lambda client: wecom_app(client, clock, secret="x" * 43 if other else wecom.SECRET)
        case "wecom_robot":
            key = "99999999-1111-2222-3333-444444444444" if other else wecom.ROBOT_KEY
            return lambda client: WecomRobot({UNIT: SecretStr(key)}, client=client)
        case "dingtalk_robot":
            ding = Robot(SecretStr(dingtalk.TOKEN), SecretStr("SEC" + "0" * 64 if other else dingtalk.SIGN_KEY))
            return lambda client: DingtalkRobot({UNIT: ding}, client=client, clock=clock)
        case "feishu_robot":
            fei = Robot(SecretStr(feishu.TOKEN), SecretStr("Z" * 22 if other else feishu.SIGN_KEY))
            return lambda client: FeishuRobot({UNIT: fei}, client=client, clock=clock)
        case "sms_tencent":
            key_of = SecretStr("x" * 32) if other else TENCENT.secret_key
            return lambda client: sms_tencent(client, clock, replace(TENCENT, secret_key=key_of, templates=SHORT))
        case _:
            sms = SMS[channel]
            return lambda client: (sms.with_another_key if other else sms.sender)(client, clock)


class Fake:
    """The provider's fake, and what it says to everything while it fails."""

    def __init__(self, inner: object, refusing: int | str | None) -> None:
        self.inner = inner
        if refusing is not None:
            self.inner.refusing = refusing  # type: ignore[attr-defined]

    def takes(self, asked: Asked) -> bytes:
        return self.inner.takes(asked)  # type: ignore[attr-defined, no-any-return]


def _fake(channel: str, case: str) -> Fake:
    clock: Clock = SystemClock()
    refusing = {"refused in the body": REFUSING, "gone": GONE}.get(case, {}).get(channel)
    match channel:
        case "web_push":
            ours = WebPush(PUSH_KEY, "mailto:desk@shaoyin.example", inside=True).public_key
            return Fake(Browser("another" if case == "bad key" else ours), None)
        case "webhook":
            return Fake(Receiver(NEW if case != "bad key" else "AAAA" * 8), None)
        case "wecom_app" | "wecom_robot":
            return Fake(wecom.Wecom(clock), refusing)
        case "dingtalk_robot":
            return Fake(dingtalk.Dingtalk(clock), refusing)
        case "feishu_robot":
            return Fake(feishu.Feishu(clock), refusing)
        case _:
            sms = SMS[channel].fake(clock)
            sms.arrives = True
            return Fake(sms, refusing)


def _address(channel: str, provider: Provider, fake: Fake) -> str | None:
    match channel:
        case "web_push":
            assert isinstance(fake.inner, Browser)
            return fake.inner.subscription(provider.url)
        case "webhook":
            return f"{provider.url}/hook"
        case "wecom_app":
            return "anon01"
        case "sms_aliyun" | "sms_tencent":
            return MOBILE
        case _:
            return None


def _healed(provider: Provider, fake: Fake) -> Callable[[], None]:
    def heal() -> None:
        provider.failing, provider.silent = None, False
        if hasattr(fake.inner, "refusing"):
            fake.inner.refusing = None

    return heal


def _arrived(provider: Provider, fake: Fake) -> int:
    taken = getattr(fake.inner, "received", None)
    return len(taken if taken is not None else fake.inner.taken)  # type: ignore[attr-defined]


@asynccontextmanager
async def _letters(case: str, folder: Path) -> AsyncIterator[Kit]:
    tls = Tls(folder)
    smtp = Smtp(FakeClock(SystemClock().now()), tls=tls.context("localhost"), failing=LETTER.get(case, {}))
    async with smtp_running(smtp):
        key = SecretStr("another" if case == "bad key" else PASSWORD)
        mail = Mail(replace(LETTERS, port=smtp.port, security="starttls", password=key), trusted=tls.trusted)

        def heal() -> None:
            smtp.failing = {}

        yield Kit(mail, MAILBOX, heal, lambda: len(smtp.received))
        await mail.close()
