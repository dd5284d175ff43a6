"""What every test may ask for: one real Kafka and one real MongoDB a run, started when first asked for."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pymongo import MongoClient

from deploy.local import Engines
from tests.engines import end_tidily_when_terminated, own_engines

settings.register_profile("same", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("hunt", settings.get_profile("same"), derandomize=False, max_examples=20_000, print_blob=True)
settings.load_profile("same")
"""A run of the tests draws the same examples every time, and no busy machine fails it: how fast something is, is a
bench's to say. `pytest --hypothesis-profile=hunt` looks for examples that nobody has seen."""


def pytest_configure(config: pytest.Config) -> None:
    end_tidily_when_terminated()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that start engines come first: they take longest, and one that came last would leave a worker idle."""
    waits = {item.path for item in items if item.get_closest_marker("engines") or item.get_closest_marker("faults")}
    items.sort(key=lambda item: item.path not in waits)


@pytest.fixture(scope="session")
def _engines_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    with own_engines(tmp_path_factory.mktemp("engines")) as engines:
        yield engines


@pytest.fixture(scope="session")
def kafka_address(_engines_of_this_run: Engines) -> str:
    """Shared by the whole run: name topics and groups with `topic_prefix`, never stop or wipe it."""
    _engines_of_this_run.start_kafka()
    return _engines_of_this_run.kafka_address


@pytest.fixture(scope="session")
def mongo_url(_engines_of_this_run: Engines) -> str:
    """Shared by the whole run: name databases with `mongo_name`, never stop or wipe it."""
    _engines_of_this_run.start_mongo()
    return _engines_of_this_run.mongo_url


@pytest.fixture(scope="session")
def engines(_engines_of_this_run: Engines) -> Engines:
    """Both, started together. A test that kills or wipes takes `own_engines` instead."""
    _engines_of_this_run.start()
    return _engines_of_this_run


@pytest.fixture(scope="session")
def _mongo(mongo_url: str) -> Iterator[MongoClient[dict[str, Any]]]:
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    yield client
    client.close()


@pytest.fixture(scope="session")
def _beside() -> Iterator[ThreadPoolExecutor]:
    """What need not be waited for; what is left at the end goes with the engines."""
    pool = ThreadPoolExecutor(1)
    yield pool
    pool.shutdown(cancel_futures=True)


@pytest.fixture
def mongo_name(_mongo: MongoClient[dict[str, Any]], _beside: ThreadPoolExecutor) -> Iterator[str]:
    """A prefix for database names that no other test has; every database with it is dropped afterwards."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    yield prefix
    _beside.submit(_drop, _mongo, prefix)


def _drop(client: MongoClient[dict[str, Any]], prefix: str) -> None:
    for name in client.list_database_names():
        if name.startswith(prefix):
            client.drop_database(name)


@pytest.fixture
def topic_prefix() -> str:
    """A prefix for topics and groups that no other test has: KafkaBus(address, prefix=topic_prefix)."""
    return f"t{uuid.uuid4().hex[:12]}."
