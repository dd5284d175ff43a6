"""A program that takes reports, started by itself on the bench's engines, and how much it was offered and took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.offered_load import Seen, offer
from deploy.local import Engines, free_ports

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 60.0
_run = count(1)


@dataclass
class Server:
    origin: str
    pid: int
    taken: int = 0
    seen: list[Seen] = field(default_factory=list)

    def take(self, amount: int, rate: float | None = None) -> Seen:
        """As many different reports; every one of them must be taken."""
        seen = offer(self.origin, next(_run), amount, rate)
        if seen.other:
            raise RuntimeError(f"{seen.other} of {amount} reports were not taken")
        self.taken += seen.taken
        self.seen.append(seen)
        return seen

    @property
    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(engines: Engines, folder: Path, prefix: str, *program: str) -> Iterator[Server]:
    """`python -m PROGRAM …` with databases under `prefix`, and no limits on a single caller."""
    [port], log = free_ports(1), folder / f"{prefix}.log"
    environment = {
        "SHAOYIN_ENV": "test", "SHAOYIN_KAFKA": engines.kafka_address, "SHAOYIN_MONGO_URL": engines.mongo_url,
        "SHAOYIN_DATABASE_PREFIX": prefix, "SHAOYIN_LOCAL": str(folder), "SHAOYIN_PORT": str(port),
        "SHAOYIN_LIMIT_NETWORK": "off", "SHAOYIN_LIMIT_WIDE_NETWORK": "off", "SHAOYIN_LIMIT_DEVICE": "off",
        "SHAOYIN_LIMIT_DEVICE_REPORTS": "off",
    }  # fmt: skip
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *program], cwd=ROOT, env={**os.environ, **environment}, stdout=out, stderr=out
        )
    try:
        origin = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, origin, log)
        yield Server(origin, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def _wait_until_ready(process: subprocess.Popen[bytes], origin: str, log: Path) -> None:
    ends_at = time.monotonic() + READY_WITHIN
    while not _answers(f"{origin}/health/ready"):
        if process.poll() is not None or time.monotonic() > ends_at:
            raise RuntimeError(f"{origin} is not ready:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return bool(answer.status < 300)
    except (urllib.error.URLError, OSError):
        return False
