"""One product on engines of its own for all the stories: they share its town and its clock, which only goes forward.

The clock begins on Monday 2026-08-03 in Shanghai: seven weeks for the stories, then the week of National Day.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from deploy.local import Engines
from deploy.story import Town, town
from tests.engines import own_engines
from tests.flow.another_day import DAY
from tests.running import Program, environment

FIRST_DAY = "2026-08-03T08:00:00+08:00"


@pytest.fixture(scope="package")
def engines_of_the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Its own engines: the stories read every topic and every collection afterwards."""
    with own_engines(tmp_path_factory.mktemp("town-engines")) as engines:
        engines.start()
        yield engines


@pytest.fixture(scope="package")
def running(engines_of_the_town: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    engines, folder = engines_of_the_town, tmp_path_factory.mktemp("town")
    told = environment(engines.kafka_address, engines.mongo_url, f"t{uuid4().hex[:8]}", folder) | {DAY: FIRST_DAY}
    program = Program("tests.flow.another_day", told, folder / "product.log")
    program.environment["SHAOYIN_ROUTER_URL"] = program.environment["SHAOYIN_INTAKE_URL"] = program.origin
    program.start()
    try:
        yield program
    finally:
        program.stop()


@pytest.fixture(scope="package")
def here(running: Program) -> Iterator[Town]:
    with town(running.origin) as told:
        yield told
