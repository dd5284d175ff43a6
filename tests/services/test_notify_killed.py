"""Notify is killed in the middle of a thousand sends: none is lost, and only what was cut off goes twice."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.notify.preferences import Preference
from shaoyin.adapters.mongo import Collection
from tests.fakes.provider import Asked, Provider, running
from tests.fakes.webhook_receiver import Receiver
from tests.services.notify_setup import eventually, office
from tests.services.ringing_setup import BY_DAY, a_telling
from tests.services.test_channel_webhook import NEW

MANY = 1000
KILLED_AT = 300


class Counting:
    """A receiver that answers a little slowly, and counts each message."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self._inner = Receiver(NEW)

    def takes(self, asked: Asked) -> bytes:
        self.arrived[asked.headers["webhook-id"]] += 1
        return self._inner.takes(asked)


@asynccontextmanager
async def child(mongo_url: str, name: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.services.ring_child", mongo_url, name, str(folder)
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def said_to_be_sent(alerts: Collection) -> set[str]:
    sent = {"deliveries": {"$elemMatch": {"channel": "webhook", "state": "accepted"}}}
    return {each["_id"] for each in await alerts.find(sent, {"_id": 1}).to_list(None)}


@pytest.mark.faults
async def test_none_is_lost_and_only_what_was_cut_goes_twice(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    counting = Counting()
    async with running(Provider(counting.takes)) as receiver, office(mongo_url, mongo_name, tmp_path) as here:
        alerts = here.notify.deliveries.collection
        tellings = [a_telling(f"p-{number}", "critical", post=None) for number in range(MANY)]
        for number in range(MANY):
            person = f"p-{number}"
            await here.notify.preferences.keep(Preference(person, addresses={"webhook": f"{receiver.url}/{person}"}))
        here.notify.deliveries._rings = True
        await here.notify.deliveries.keep(tellings, BY_DAY)

        async with child(mongo_url, mongo_name, tmp_path) as first:
            await eventually(lambda: _is(len(counting.arrived) >= KILLED_AT), within=60)
            first.send_signal(signal.SIGKILL)
            await first.wait()
        arrived, written = set(counting.arrived), await said_to_be_sent(alerts)
        cut = arrived - written

        async with child(mongo_url, mongo_name, tmp_path):
            await eventually(lambda: _all_rung(alerts), within=60)

        assert set(counting.arrived) == {each.alert_id for each in tellings}, "none is lost"
        twice = {alert for alert, times in counting.arrived.items() if times > 1}
        assert twice <= cut, "doubled only where the send was cut"
        assert len(arrived) < MANY, "it was killed in the middle"
        assert max(counting.arrived.values()) <= 2


async def _is(value: bool) -> bool:
    return value


async def _all_rung(alerts: Collection) -> bool:
    return await alerts.count_documents({"rang": "rung"}) == MANY
