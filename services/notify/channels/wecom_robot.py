"""The robot of a WeCom group (企业微信群机器人)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

import httpx
from pydantic import SecretStr

from services.notify.channels.calls import called, object_in
from services.notify.channels.codes import NO_CODE, Meanings, counted_under, number_in
from services.notify.channels.cut import in_bytes, text_of
from services.notify.channels.keys import of_form
from services.notify.channels.robots import NOT_SET_UP, TOO_LONG, client_for, named
from services.notify.channels.sender import Message, Quota, Said

HOST = "https://qyapi.weixin.qq.com"
KEY = re.compile(r"[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}")
TEXT_AT_MOST = 2048
"""Bytes."""
A_MINUTE = timedelta(minutes=1)
MEANINGS = Meanings(
    {-1: "retry", 45009: "quota", 45033: "quota", 93000: "bad_key"},
    waits={45009: A_MINUTE},
)


class WecomRobot:
    """`keys`: for each group the part of its robot's address behind `key=`."""

    name = "wecom_robot"

    def __init__(
        self, keys: Mapping[str, SecretStr], *, base_url: str = HOST, client: httpx.AsyncClient | None = None
    ) -> None:
        named("wecom_robot_keys", keys)
        must = "须为机器人地址中 key= 之后的部分 / must be what follows key= in the robot's address"
        self._keys = {group: of_form("wecom_robot_keys", key, KEY, must) for group, key in keys.items()}
        self._client = client or client_for("wecom_robot_url", base_url)

    def quotas(self, address: str) -> Sequence[Quota]:
        key = self._keys.get(address)
        return () if key is None else (Quota(counted_under(self.name, key), 20, A_MINUTE),)

    async def send(self, message: Message, address: str) -> Said:
        key = self._keys.get(address)
        if key is None:
            return NOT_SET_UP
        content = text_of(message, TEXT_AT_MOST, in_bytes)
        if content is None:
            return TOO_LONG
        told = {"msgtype": "text", "text": {"content": content}}
        request = self._client.build_request("POST", "/cgi-bin/webhook/send", params={"key": key}, json=told)
        answer = await called(self._client, request)
        body = answer if isinstance(answer, Said) else object_in(answer)
        return body if isinstance(body, Said) else _meant(body)

    async def close(self) -> None:
        await self._client.aclose()


def _meant(body: Mapping[str, object]) -> Said:
    code = number_in(body, "errcode")
    if code is None:
        return NO_CODE
    return Said("accepted", "0") if code == 0 else MEANINGS.said(code)
