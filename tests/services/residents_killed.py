"""A notify that only tells residents, for a test that kills it: `… URL DATABASE FILE KILL_AT`.

Its provider writes the id of each message it takes into a file, and kills the process with the `KILL_AT`-th, before
anything can be written down.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from services.notify.channels.sender import Message, Quota, Said
from services.notify.deliveries import Deliveries
from services.notify.publish_deliveries import PublishDeliveries
from services.notify.residents.contacts import Contacts
from services.notify.residents.start import outside_of, residents_of
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.settings import Settings
from tests.domain.town import MORNING, wulibao


@dataclass
class Deadly:
    """`kill_at` 0: never."""

    file: Path
    kill_at: int
    name: str = "sms_aliyun"
    taken: int = 0

    def quotas(self, address: str) -> Sequence[Quota]:
        return (Quota("sms_aliyun:all", 1000, timedelta(minutes=1)),)

    async def send(self, message: Message, address: str) -> Said:
        await asyncio.sleep(0.001)
        with self.file.open("a", encoding="utf-8") as kept:
            kept.write(f"{message.message_id}\n")
        self.taken += 1
        if self.taken == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return Said("accepted", "OK")

    async def close(self) -> None:
        """Nothing is open."""


def intake(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"ways": [{"kind": "sms", "number": "13800138000"}], "language": "zh-CN"})


async def tell(url: str, name: str, file: Path, kill_at: int) -> None:
    client, clock = connect(Settings(mongo_url=url)), FakeClock(MORNING)
    deliveries = Deliveries(client[name])
    async with httpx.AsyncClient(transport=httpx.MockTransport(intake), base_url="http://intake.test") as to_intake:
        residents = residents_of(
            client[name], outside_of({"sms_aliyun": Deadly(file, kill_at)}, "http://127.0.0.1"),
            Contacts(to_intake, "token"), {"wulibao": wulibao()}, clock, deliveries=deliveries,
            publisher=PublishDeliveries(MemoryBus(), deliveries, clock), alert_key=b"k" * 32, noticed=lambda *_: None,
        )  # fmt: skip
        await residents.prepare()
        await residents.quotas.prepare()
        while await residents.telling.round():
            pass
    await close(client)


if __name__ == "__main__":
    asyncio.run(tell(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
