"""Notify's ringing as a process of its own, to be killed: `python -m tests.services.ring_child MONGO NAME FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from services.notify.channels.configured import Channels
from services.notify.channels.webhook import Webhook
from services.notify.ringing import rings
from shaoyin.adapters.clock import FakeClock
from tests.services.notify_setup import office
from tests.services.ringing_setup import BY_DAY
from tests.services.test_channel_webhook import KEYS


async def main(mongo_url: str, name: str, folder: str) -> None:
    """Claims run out soon, so that nobody has to wait for them."""
    rings.CLAIMED_FOR, rings.BEGUN_WITHIN = timedelta(seconds=4), timedelta(seconds=2)
    channels = Channels({"webhook": Webhook(KEYS, inside=True)})
    clock = FakeClock(BY_DAY)
    async with office(mongo_url, name, Path(folder), clock=clock, channels=channels):
        while True:
            await asyncio.sleep(0.1)
            clock.forward(timedelta(seconds=0.1))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
