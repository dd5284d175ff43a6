"""So many messages posted to one address by one program: `python -m bench.posting WAY URL MANY`; prints what it took.

web_push: our sender, each message encrypted and signed. httpx: one shared client and the same bytes, made beforehand.
apprise: its plain JSON channel with the same words, and no encryption.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import uvloop
from pydantic import SecretStr

from bench.phones import a_key, a_subscription
from services.notify.channels.calls import AT_ONCE
from services.notify.channels.sender import Message
from services.notify.channels.web_push import WebPush, payload

Post = Callable[[int], Awaitable[bool]]


def a_message(number: int) -> Message:
    link = "https://street.example.org/alerts/" + "a" * 33
    return Message(
        message_id=f"a{number:024x}", title="紧急:下水道堵了,没法用水", level="critical", link=link,
        body="编号 20261128-0001,五里堡南社区 51 号院 1 号楼,14:30 前签收", short="20261128-0001 下水道堵了",
        useful_until=datetime.now(UTC) + timedelta(hours=2), act_text="签收", act_link=link,
    )  # fmt: skip


async def _all(post: Post, many: int) -> None:
    """Twenty at a time, as notify does. Raises where one was not taken."""
    numbers = iter(range(many))

    async def one_after_another() -> None:
        for number in numbers:
            assert await post(number), "not taken"

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))


async def _timed(post: Post, many: int) -> dict[str, float]:
    await _all(post, many // 10)
    began, used = time.perf_counter(), time.process_time()
    await _all(post, many)
    return {"per_second": many / (time.perf_counter() - began), "processor": (time.process_time() - used) / many}


async def _web_push(url: str, many: int) -> dict[str, float]:
    sender, to = WebPush(SecretStr(a_key()), "mailto:bench@example.org", inside=True), a_subscription(f"{url}/push/1")

    async def post(number: int) -> bool:
        return (await sender.send(a_message(number), to)).became == "accepted"

    try:
        return await _timed(post, many)
    finally:
        await sender.close()


async def _httpx(url: str, many: int) -> dict[str, float]:
    body = payload(a_message(1), "a" * 32) + bytes(103)  # what encryption adds
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=url, limits=limits, trust_env=False) as client:

        async def post(_number: int) -> bool:
            answer = await client.post("/push/1", content=body, headers={"ttl": "7200", "urgency": "high"})
            return answer.status_code == httpx.codes.CREATED

        return await _timed(post, many)


async def _apprise(url: str, many: int) -> dict[str, float]:
    from apprise import Apprise

    peer = Apprise()
    assert peer.add(url.replace("http://", "json://") + "/push/1")

    async def post(number: int) -> bool:
        told = a_message(number)
        return bool(await peer.async_notify(title=told.title, body=told.body))

    return await _timed(post, many)


WAYS = {"web_push": _web_push, "httpx": _httpx, "apprise": _apprise}

if __name__ == "__main__":
    print(json.dumps(uvloop.run(WAYS[sys.argv[1]](sys.argv[2], int(sys.argv[3])))))
