"""A store is there when it has just confirmed a write: whoever is silent for seconds is away, whatever is the cause."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shaoyin.adapters import store_pulse
from shaoyin.adapters.mongo import Client, StoreDown, close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.store_pulse import StorePulse


@pytest.fixture
async def client(mongo_url: str) -> AsyncIterator[Client]:
    made = connect(Settings.checked(env="test", mongo_url=mongo_url))
    yield made
    await close(made)


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


async def test_a_store_is_away_until_it_confirmed_a_write_and_again_when_it_says_nothing(
    client: Client, mongo_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Time()
    monkeypatch.setattr(store_pulse, "time", real)
    pulse = StorePulse(client[f"{mongo_name}_intake"])
    with pytest.raises(StoreDown):
        await pulse.check()

    await pulse.look()
    await pulse.check()
    real.now += 2.9
    await pulse.check()

    real.now += 0.2
    with pytest.raises(StoreDown):
        await pulse.check()
    await pulse.look()
    await pulse.check()
