"""The robot of a DingTalk group (钉钉自定义机器人), signed (加签)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

import httpx

from services.notify.channels.calls import Answer, answered, meaning_of_status, object_in
from services.notify.channels.codes import NO_CODE, Meanings, counted_under, number_in
from services.notify.channels.cut import in_json, text_of
from services.notify.channels.keys import of_form
from services.notify.channels.robots import NOT_SET_UP, TOO_LONG, Robot, client_for, named
from services.notify.channels.sender import Message, Quota, Said
from shaoyin.adapters.clock import Clock, SystemClock

HOST = "https://oapi.dingtalk.com"
TOKEN = re.compile(r"[0-9A-Za-z]{32,128}")
SIGN_KEY = re.compile(r"SEC[0-9A-Za-z]{16,128}")
TEXT_AT_MOST = 19_000
"""Bytes within the request's body, which may have 20,000."""
BLOCKED = timedelta(minutes=10)
"""After more than 20 in a minute everything is refused for so long."""
PUNISHED = 1111
"""`status` of the gateway's answer while it blocks, which need not have an errcode."""
MEANINGS = Meanings(
    {
        -1: "retry", 130101: "quota", 410100: "quota", 90030: "quota",
        310000: "bad_key", 300001: "bad_key", 300005: "bad_key", 400101: "bad_key", 400102: "bad_key",
        400013: "unknown_address", 400106: "unknown_address",
    },
    waits={130101: BLOCKED, 410100: BLOCKED},
)  # fmt: skip


class DingtalkRobot:
    """For each group the token in its robot's address, and the `SEC…` that signs."""

    name = "dingtalk_robot"

    def __init__(
        self, robots: Mapping[str, Robot], *, base_url: str = HOST, client: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        named("dingtalk_robots", robots)
        self._robots = {group: _keys(robot) for group, robot in robots.items()}
        self._client = client or client_for("dingtalk_robot_url", base_url)
        self._clock = clock or SystemClock()

    def quotas(self, address: str) -> Sequence[Quota]:
        robot = self._robots.get(address)
        return () if robot is None else (Quota(counted_under(self.name, robot[0]), 20, timedelta(minutes=1)),)

    async def send(self, message: Message, address: str) -> Said:
        robot = self._robots.get(address)
        if robot is None:
            return NOT_SET_UP
        content = text_of(message, TEXT_AT_MOST, in_json)
        if content is None:
            return TOO_LONG
        token, sign_key = robot
        at = round(self._clock.now().timestamp() * 1000)
        params = {"access_token": token, "timestamp": str(at), "sign": signature(sign_key, at)}
        told = {"msgtype": "text", "text": {"content": content}}
        answer = await answered(
            self._client, self._client.build_request("POST", "/robot/send", params=params, json=told)
        )
        return answer if isinstance(answer, Said) else _meant(answer)

    async def close(self) -> None:
        await self._client.aclose()


def signature(sign_key: str, at: int) -> str:
    """`at` in milliseconds, within an hour of DingTalk's clock."""
    signed = hmac.new(sign_key.encode(), f"{at}\n{sign_key}".encode(), hashlib.sha256).digest()
    return base64.b64encode(signed).decode()


def _keys(robot: Robot) -> tuple[str, str]:
    of_address = "须为机器人地址中 access_token= 之后的部分 / must be what follows access_token= in the robot's address"
    of_signing = "须为 SEC 开头的加签密钥 / must be the signing key that begins with SEC"
    return (
        of_form("dingtalk_robot_token", robot.token, TOKEN, of_address),
        of_form("dingtalk_robot_sign_key", robot.sign_key, SIGN_KEY, of_signing),
    )


def _meant(answer: Answer) -> Said:
    """A redirect is how the gateway turns away a robot that is blocked."""
    if answer.status == httpx.codes.FOUND:
        return Said("quota", "http_302", BLOCKED)
    if not httpx.codes.is_success(answer.status):
        return meaning_of_status(answer.status, answer.headers)
    body = object_in(answer)
    if isinstance(body, Said):
        return body
    code = number_in(body, "errcode")
    if code is None:
        return Said("quota", str(PUNISHED), BLOCKED) if number_in(body, "status") == PUNISHED else NO_CODE
    return Said("accepted", "0") if code == 0 else MEANINGS.said(code)
