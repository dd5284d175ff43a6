"""A subscription message of WeChat (小程序订阅消息 or 公众号订阅通知): one to whoever consented, for each consent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import httpx
from pydantic import SecretStr

from services.notify.channels.calls import WITHIN, called, object_in
from services.notify.channels.codes import NO_CODE, Meanings, number_in
from services.notify.channels.keys import WrongKey, of_form
from services.notify.channels.limits import Limits, check_limits, quotas_of
from services.notify.channels.robots import client_for
from services.notify.channels.sender import Message, Quota, Said
from services.notify.channels.templates import NO_TEMPLATE, Template, check_templates, filled
from services.notify.channels.tokens import KeptToken
from shaoyin.adapters.clock import Clock, SystemClock

HOST = "https://api.weixin.qq.com"
SENDS = {"mini_program": "/cgi-bin/message/subscribe/send", "official_account": "/cgi-bin/message/subscribe/bizsend"}
APP_ID, SECRET = re.compile(r"wx[0-9a-f]{16}"), re.compile(r"[0-9a-f]{32}")
OPENID = re.compile(r"[0-9A-Za-z_-]{28}")
TEMPLATE = re.compile(r"[0-9A-Za-z_-]{43}")
LONGEST = {
    "thing": 20, "character_string": 32, "number": 32, "letter": 32, "symbol": 5, "phrase": 5, "time": 40, "date": 40,
}  # fmt: skip
"""Characters, by the kind with which a parameter's name begins: `thing2`."""
PARAMETER = re.compile(rf"({'|'.join(LONGEST)})[0-9]{{1,2}}")
PAGE = re.compile(r"[0-9A-Za-z_/-]+(\?[0-9A-Za-z_=&-]*)?")
AS_DOCUMENTED = Limits((), a_day=10_000_000)
TOKEN_OVER = frozenset({40001, 40014, 42001})
A_MINUTE = timedelta(minutes=1)
MEANINGS = Meanings(
    {
        -1: "retry", 40001: "retry", 40014: "retry", 42001: "retry", 45009: "quota", 45011: "quota",
        41030: "bad_key", 48001: "bad_key", 40164: "bad_key",
        40003: "unknown_address", 43101: "unknown_address", 43104: "unknown_address",
    },
    waits={45011: A_MINUTE},
)  # fmt: skip
OF_THE_TOKEN = Meanings(
    {
        -1: "retry", 45009: "quota", 45011: "quota",
        40001: "bad_key", 40002: "bad_key", 40013: "bad_key", 40125: "bad_key", 40164: "bad_key",
        89503: "bad_key",
    },
    waits={45011: A_MINUTE},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WechatSettings:
    """`page`: what a tap opens in the mini program, the same for everybody, for whoever holds the phone can tap; an
    official account opens the message's link.
    """

    app_id: str
    app_secret: SecretStr
    templates: Mapping[str, Template]
    account: Literal["mini_program", "official_account"] = "mini_program"
    page: str = ""
    limits: Limits = AS_DOCUMENTED
    base_url: str = HOST


class Wechat:
    """The address is the person's openid with this account. Consents are counted by whoever asked for them: WeChat says
    only that there was none (43101), also where the person has since refused.
    """

    name = "wechat"

    def __init__(
        self, settings: WechatSettings, *, client: httpx.AsyncClient | None = None, clock: Clock | None = None
    ) -> None:
        self._app_id, self._secret = _keys(settings)
        check_templates("wechat_templates", settings.templates, "answer_result", TEMPLATE, PARAMETER)
        check_limits("wechat_limits", settings.limits)
        if settings.page and PAGE.fullmatch(settings.page) is None:
            raise WrongKey("wechat_page", "须为小程序页面路径 / must be the path of a page of the mini program")
        self._settings = settings
        self._client = client or client_for("wechat_url", settings.base_url)
        self._token = KeptToken(self._fetched, clock or SystemClock())

    @property
    def template_ids(self) -> Mapping[str, str]:
        """By our names of them: what people consent to."""
        return {name: template.code for name, template in self._settings.templates.items()}

    def quotas(self, address: str) -> Sequence[Quota]:
        known = OPENID.fullmatch(address) is not None
        return quotas_of(self._settings.limits, self.name, self._secret, address) if known else ()

    async def send(self, message: Message, address: str) -> Said:
        template = self._settings.templates.get(message.template)
        if OPENID.fullmatch(address) is None:
            return Said("unknown_address", "openid_form")
        if template is None:
            return NO_TEMPLATE
        parameters = filled(template, message, _longest)
        if isinstance(parameters, Said):
            return parameters
        told = {"touser": address, "template_id": template.code, **self._opens(message)}
        told["data"] = {name: {"value": value} for name, value in parameters.items()}
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                return await self._token.used(lambda token: self._sent_with(token, told), TOKEN_OVER)
        except TimeoutError:
            return Said("retry", "timeout")

    def _opens(self, message: Message) -> dict[str, object]:
        if self._settings.account == "official_account":
            return {"page": message.link}
        page = {"page": self._settings.page} if self._settings.page else {}
        return {**page, "miniprogram_state": "formal", "lang": "zh_CN" if message.language == "zh-CN" else "en_US"}

    async def _sent_with(self, token: str, told: Mapping[str, object]) -> Said:
        path = SENDS[self._settings.account]
        request = self._client.build_request("POST", path, params={"access_token": token}, json=told)
        body = await self._asked(request, MEANINGS)
        return body if isinstance(body, Said) else Said("accepted", "0")

    async def _fetched(self) -> Mapping[str, object] | Said:
        """The stable one: replicas get the same, and fetching does not end another's."""
        told = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret}
        request = self._client.build_request("POST", "/cgi-bin/stable_token", json=told)
        return await self._asked(request, OF_THE_TOKEN, without=0)

    async def _asked(
        self, request: httpx.Request, meanings: Meanings, without: int | None = None
    ) -> Mapping[str, object] | Said:
        """The body where its errcode is 0; `without` is what a body means that has none."""
        answer = await called(self._client, request)
        body = answer if isinstance(answer, Said) else object_in(answer)
        if isinstance(body, Said):
            return body
        code = number_in(body, "errcode") if "errcode" in body else without
        if code is None:
            return NO_CODE
        return body if code == 0 else meanings.said(code)

    async def close(self) -> None:
        await self._client.aclose()


def _longest(parameter: str) -> int:
    return LONGEST[parameter.rstrip("0123456789")]


def _keys(settings: WechatSettings) -> tuple[str, str]:
    of_app = "须为 18 位 AppID / must be the AppID of 18 characters"
    must_be = "须为 32 位 AppSecret / must be the AppSecret of 32 characters"
    return (
        of_form("wechat_app_id", SecretStr(settings.app_id), APP_ID, of_app),
        of_form("wechat_app_secret", settings.app_secret, SECRET, must_be),
    )
