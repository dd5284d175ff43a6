"""The robot of a Feishu group (飞书自定义机器人), signed (签名校验)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import httpx

from services.notify.channels.calls import Answer, answered, meaning_of_status, object_in, seconds_in
from services.notify.channels.codes import NO_CODE, Meanings, counted_under, number_in
from services.notify.channels.cut import in_json, text_of
from services.notify.channels.keys import of_form
from services.notify.channels.robots import NOT_SET_UP, TOO_LONG, Robot, client_for, named
from services.notify.channels.sender import Message, Quota, Said
from shaoyin.adapters.clock import Clock, SystemClock

HOST = "https://open.feishu.cn"
TOKEN = re.compile(r"[0-9A-Za-z-]{16,64}")
SIGN_KEY = re.compile(r"[0-9A-Za-z]{16,64}")
TEXT_AT_MOST = 19_000
"""Bytes within the request's body, which may have 20 KB."""
BAD_REQUEST = 9499
"""Also what it says, with other words, of too many requests."""
MEANINGS = Meanings(
    {
        11232: "quota", 99991400: "quota", 2200: "retry",
        19001: "bad_key", 19021: "bad_key", 19022: "bad_key", 19024: "bad_key",
    }
)  # fmt: skip
OPENS_IN = "x-ogw-ratelimit-reset"
"""Seconds, beside a quota: the gateway's own word for Retry-After."""


class FeishuRobot:
    """For each group the last part of its robot's address, and the key that signs."""

    name = "feishu_robot"

    def __init__(
        self, robots: Mapping[str, Robot], *, base_url: str = HOST, client: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        named("feishu_robots", robots)
        self._robots = {group: _keys(robot) for group, robot in robots.items()}
        self._client = client or client_for("feishu_robot_url", base_url)
        self._clock = clock or SystemClock()

    def quotas(self, address: str) -> Sequence[Quota]:
        robot = self._robots.get(address)
        if robot is None:
            return ()
        key = counted_under(self.name, robot[0])
        minute, second = timedelta(minutes=1), timedelta(seconds=1)
        return Quota(f"{key}:minute", 100, minute), Quota(f"{key}:second", 5, second)

    async def send(self, message: Message, address: str) -> Said:
        robot = self._robots.get(address)
        if robot is None:
            return NOT_SET_UP
        content = text_of(message, TEXT_AT_MOST, in_json)
        if content is None:
            return TOO_LONG
        token, sign_key = robot
        at = int(self._clock.now().timestamp())
        told = {
            "timestamp": str(at), "sign": signature(sign_key, at), "msg_type": "text", "content": {"text": content},
        }  # fmt: skip
        request = self._client.build_request("POST", f"/open-apis/bot/v2/hook/{token}", json=told)
        answer = await answered(self._client, request)
        return answer if isinstance(answer, Said) else _waiting(_meant(answer), answer.headers)

    async def close(self) -> None:
        await self._client.aclose()


def signature(sign_key: str, at: int) -> str:
    """`at` in seconds, within an hour of Feishu's clock. The key signs as part of the HMAC's key, and over nothing."""
    return base64.b64encode(hmac.new(f"{at}\n{sign_key}".encode(), b"", hashlib.sha256).digest()).decode()


def _keys(robot: Robot) -> tuple[str, str]:
    of_address = "须为机器人地址中 /hook/ 之后的部分 / must be what follows /hook/ in the robot's address"
    of_signing = "须为签名校验的密钥 / must be the key of the signature check"
    return (
        of_form("feishu_robot_token", robot.token, TOKEN, of_address),
        of_form("feishu_robot_sign_key", robot.sign_key, SIGN_KEY, of_signing),
    )


def _waiting(said: Said, headers: httpx.Headers) -> Said:
    """Retry-After, where something between has written one, is the later word and stays."""
    if said.became != "quota" or said.retry_after is not None:
        return said
    return replace(said, retry_after=seconds_in(headers, OPENS_IN))


def _meant(answer: Answer) -> Said:
    """400 has a body that says why; of any other failure the status says all."""
    told = httpx.codes.is_success(answer.status) or answer.status == httpx.codes.BAD_REQUEST
    body = object_in(answer) if told else None
    code = _code(body) if isinstance(body, Mapping) else None
    if body is None or (code is None and not httpx.codes.is_success(answer.status)):
        return meaning_of_status(answer.status, answer.headers)
    if isinstance(body, Said):
        return body
    if code is None:
        return NO_CODE
    if code == BAD_REQUEST and "too many" in str(body.get("msg")).lower():
        return Said("quota", str(code))
    return Said("accepted", "0") if code == 0 else MEANINGS.said(code)


def _code(body: Mapping[str, object]) -> int | None:
    """The older answers have `StatusCode` alone; where both stand there, either may be the failure."""
    codes = [code for name in ("code", "StatusCode") if (code := number_in(body, name)) is not None]
    return next((code for code in codes if code != 0), 0) if codes else None
