"""Requests drawn from each service's own description: no 500, each answer as described, nothing half-written.

`make fuzz REQUESTS=10000` shoots longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local import Engines
from tests.fuzz.scene import SERVICES, Scene, scene
from tests.fuzz.shots import Shooter
from tests.fuzz.stores import half_written

pytestmark = pytest.mark.engines
REQUESTS = {"router": 170, "intake": 120, "notify": 80}


@pytest.fixture(scope="module")
def here(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(engines, tmp_path_factory.mktemp("fuzz")) as found:
        yield found


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_is_asked_is_answered_as_described(here: Scene, service: str) -> None:
    tally = Shooter(here, service).shoot(REQUESTS[service])

    assert tally.requests == REQUESTS[service]
    assert tally.wrong == {}
    assert tally.succeeded


def test_nothing_is_half_written_afterwards(here: Scene, engines: Engines) -> None:
    with MongoClient[dict[str, Any]](engines.mongo_url, tz_aware=True) as client:
        assert half_written(client, here) == []
