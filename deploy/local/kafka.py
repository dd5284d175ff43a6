"""Kafka on one machine: a single broker that is its own controller (KRaft), from pinned jars."""

import base64
import os
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from deploy.local import broker_says
from deploy.local.jars import class_path
from deploy.local.java import java
from deploy.local.ports import LOOPBACK, claim
from deploy.local.processes import Child, alone
from deploy.local.trouble import Trouble

PORT = "SHAOYIN_KAFKA_PORT"
CONTROLLER_PORT = "SHAOYIN_KAFKA_CONTROLLER_PORT"
_BESIDE = Path(__file__).parent
_JVM = ("-Xms256m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")
"""The second compiler takes more of a small machine in the first minutes than what it makes faster gives back."""
_UP_WITHIN = timedelta(seconds=60)
_DOWN_WITHIN = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Kafka:
    """Starts, stops and wipes the broker whose files lie under `home`/kafka."""

    home: Path
    jars: Path
    port: int
    controller_port: int

    @property
    def child(self) -> Child:
        return Child("kafka", self.home / "kafka")

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Returns when the broker takes work; at once when it already does.

        Raises PortInUse, WrongJar, JarsUnreachable, or Trouble with the end of the log.
        """
        with alone(self.home / "kafka.lock"):
            if self.child.pid() is None:
                self._launch()
            elif self.child.ports() != self._ports:
                raise Trouble(f"Kafka already runs on ports {self.child.ports()}, not {self._ports}; stop it first")
            self.child.wait_until(self.answers, _UP_WITHIN)

    def stop(self) -> bool:
        with alone(self.home / "kafka.lock"):
            return self.child.stop(_DOWN_WITHIN)

    def answers(self) -> bool:
        seen = broker_says.cluster(LOOPBACK, self.port)
        return seen is not None and self.port in seen.ports

    def cluster_id(self) -> str | None:
        """Made anew for every fresh data folder; None before the first start."""
        written = self.child.data / "meta.properties"
        lines = written.read_text().splitlines() if written.exists() else []
        return next((line.partition("=")[2] for line in lines if line.startswith("cluster.id=")), None)

    @property
    def _ports(self) -> list[int]:
        return [self.port, self.controller_port]

    def _launch(self) -> None:
        claim("Kafka", self.port, PORT)
        claim("Kafka's controller", self.controller_port, CONTROLLER_PORT)
        jars, runtime = class_path(self.jars), str(java())
        settings = self._write_settings()
        if self.cluster_id() is None:
            _format(runtime, jars, settings)
        logging = f"-Dlog4j2.configurationFile={_BESIDE / 'log4j2.properties'}"
        crash = f"-XX:ErrorFile={self.child.folder / 'crash.log'}"
        argv = [runtime, *_JVM, crash, logging, "-cp", jars, "kafka.Kafka", str(settings)]
        self.child.spawn(argv, self._ports)

    def _write_settings(self) -> Path:
        controller = f"{LOOPBACK}:{self.controller_port}"
        own = {
            "listeners": f"BROKER://{self.address},CONTROLLER://{controller}",
            "advertised.listeners": f"BROKER://{self.address}",
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(self.child.data),
        }
        settings = self.child.folder / "kafka.properties"
        settings.parent.mkdir(parents=True, exist_ok=True)
        written = "".join(f"{name}={value}\n" for name, value in own.items())
        settings.write_text((_BESIDE / "kafka.properties").read_text() + written)
        return settings


def _format(runtime: str, jars: str, settings: Path) -> None:
    """A broker refuses an unformatted folder; the new cluster id tells readers that this is another cluster."""
    fresh = base64.urlsafe_b64encode(b"\x00" + os.urandom(15)).decode()[:22]
    tool = [runtime, "-XX:TieredStopAtLevel=1", "-cp", jars, "kafka.tools.StorageTool", "format"]
    done = subprocess.run([*tool, "-t", fresh, "-c", str(settings)], capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"Kafka's data folder cannot be prepared:\n{done.stderr or done.stdout}")
