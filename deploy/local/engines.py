"""Both engines of one home folder, for the command line and for tests."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local.kafka import Kafka
from deploy.local.mongo import Mongo

ROOT = Path(__file__).resolve().parents[2]
JARS = ROOT / ".tools" / "jars"


class Engines:
    """A real Kafka and a real MongoDB under one folder; two homes with different ports do not know of each other.

    Starting what runs and stopping what does not are no errors. Everything raises `Trouble` with a message to show.
    """

    def __init__(
        self, home: Path, kafka_port: int, controller_port: int, mongo_port: int, *, mongo_cache_gb: float = 1.0
    ) -> None:
        self.home = home.resolve()
        self.kafka = Kafka(self.home, JARS, kafka_port, controller_port)
        self.mongo = Mongo(self.home, mongo_port, mongo_cache_gb)

    @property
    def kafka_address(self) -> str:
        return self.kafka.address

    @property
    def mongo_url(self) -> str:
        return self.mongo.url

    def start(self) -> None:
        _together(self.kafka.start, self.mongo.start)

    def start_kafka(self) -> None:
        self.kafka.start()

    def start_mongo(self) -> None:
        self.mongo.start()

    def stop(self) -> None:
        _together(self.kafka.stop, self.mongo.stop)

    def stop_kafka(self) -> None:
        self.kafka.stop()

    def stop_mongo(self) -> None:
        self.mongo.stop()

    def kill_kafka(self) -> None:
        """SIGKILL; start_kafka() brings it back with what it had acknowledged."""
        self.kafka.child.kill()

    def kill_mongo(self) -> None:
        """SIGKILL; start_mongo() brings it back with what it had acknowledged."""
        self.mongo.child.kill()

    def wipe(self) -> None:
        """Stops both and removes their data and logs; the next start makes a cluster with a fresh id."""
        _together(self.wipe_kafka, self.wipe_mongo)

    def wipe_kafka(self) -> None:
        self.kafka.stop()
        shutil.rmtree(self.kafka.child.folder, ignore_errors=True)

    def wipe_mongo(self) -> None:
        self.mongo.stop()
        shutil.rmtree(self.mongo.child.folder, ignore_errors=True)


def _together(*jobs: Callable[[], object]) -> None:
    """All of them to the end, then the first trouble if there was any."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()
