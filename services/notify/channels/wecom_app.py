"""A message from an application to one member of WeCom (企业微信应用消息)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx
from pydantic import SecretStr

from services.notify.channels.calls import WITHIN, called, object_in
from services.notify.channels.codes import NO_CODE, Meanings, counted_under, number_in
from services.notify.channels.cut import in_bytes, text_of
from services.notify.channels.keys import WrongKey, of_form
from services.notify.channels.robots import TOO_LONG, client_for
from services.notify.channels.sender import Message, Quota, Said
from services.notify.channels.tokens import KeptToken
from services.notify.channels.wecom_robot import A_MINUTE, HOST, TEXT_AT_MOST
from shaoyin.adapters.clock import Clock, SystemClock

CORP_ID = re.compile(r"[0-9A-Za-z]{18}")
SECRET = re.compile(r"[0-9A-Za-z_-]{43}")
MEMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")
"""Never `@all`, and never several joined by `|`."""
TOKEN_OVER = frozenset({40014, 42001})
MEANINGS = Meanings(
    {
        -1: "retry", 40014: "retry", 42001: "retry", 45009: "quota", 45033: "quota",
        40001: "bad_key", 40013: "bad_key", 40056: "bad_key", 40091: "bad_key", 48002: "bad_key", 60020: "bad_key",
        301002: "bad_key",
        40003: "unknown_address", 40031: "unknown_address", 60111: "unknown_address", 81013: "unknown_address",
    },
    waits={45009: A_MINUTE},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WecomAppSettings:
    """`agent_id` is the application's number, `secret` its own secret: not that of the address book."""

    corp_id: str
    agent_id: int
    secret: SecretStr
    base_url: str = HOST


class WecomApp:
    """The address is the member's userid. What exceeds the quotas WeCom drops and calls a success, so they are ours to
    keep. Its own check for repeats is left off: it would drop a second alert of the same words.
    """

    name = "wecom_app"

    def __init__(
        self, settings: WecomAppSettings, *, client: httpx.AsyncClient | None = None, clock: Clock | None = None
    ) -> None:
        of_corp = "须为 18 位企业 ID / must be the corporation's id of 18 characters"
        of_app = "须为应用的 43 位 Secret / must be the application's secret of 43 characters"
        self._corp_id = of_form("wecom_corp_id", SecretStr(settings.corp_id), CORP_ID, of_corp)
        self._secret = of_form("wecom_app_secret", settings.secret, SECRET, of_app)
        if settings.agent_id <= 0:
            raise WrongKey("wecom_agent_id", "须为正整数 / must be a positive number")
        self._agent_id = settings.agent_id
        self._client = client or client_for("wecom_url", settings.base_url)
        self._token = KeptToken(self._fetched, clock or SystemClock())

    def quotas(self, address: str) -> Sequence[Quota]:
        key = counted_under(self.name, self._secret, str(self._agent_id), address.lower())
        return Quota(f"{key}:minute", 30, A_MINUTE), Quota(f"{key}:hour", 1000, timedelta(hours=1))

    async def send(self, message: Message, address: str) -> Said:
        if MEMBER.fullmatch(address) is None:
            return Said("unknown_address", "userid_form")
        content = text_of(message, TEXT_AT_MOST, in_bytes)
        if content is None:
            return TOO_LONG
        told = {"touser": address, "msgtype": "text", "agentid": self._agent_id, "text": {"content": content}}
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                return await self._token.used(lambda token: self._sent_with(token, told), TOKEN_OVER)
        except TimeoutError:
            return Said("retry", "timeout")

    async def _sent_with(self, token: str, told: Mapping[str, object]) -> Said:
        body = await self._asked("POST", "/cgi-bin/message/send", {"access_token": token}, told)
        return body if isinstance(body, Said) else _taken(body)

    async def _fetched(self) -> Mapping[str, object] | Said:
        params = {"corpid": self._corp_id, "corpsecret": self._secret}
        return await self._asked("GET", "/cgi-bin/gettoken", params, None)

    async def _asked(
        self, method: str, path: str, params: Mapping[str, str], told: Mapping[str, object] | None
    ) -> Mapping[str, object] | Said:
        """The body where its errcode is 0."""
        answer = await called(self._client, self._client.build_request(method, path, params=params, json=told))
        body = answer if isinstance(answer, Said) else object_in(answer)
        if isinstance(body, Said):
            return body
        code = number_in(body, "errcode")
        if code is None:
            return NO_CODE
        return body if code == 0 else MEANINGS.said(code)

    async def close(self) -> None:
        await self._client.aclose()


def _taken(body: Mapping[str, object]) -> Said:
    """There was one receiver: whoever is listed as invalid is that one."""
    for listed in ("invaliduser", "unlicenseduser"):
        if body.get(listed):
            return Said("unknown_address", listed)
    receipt = body.get("msgid")
    return Said("accepted", "0", receipt=receipt if isinstance(receipt, str) else None)
