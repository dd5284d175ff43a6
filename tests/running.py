"""The product as its users run it, for the tests: processes of its own on free ports, ended by their pids."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.local import free_ports

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 180.0


@dataclass
class Program:
    """One `python -m …` of ours with its environment; started again under the same address after a kill."""

    module: str
    environment: dict[str, str]
    log: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, wait: bool = True) -> None:
        environment = {**os.environ, **self.environment, "SHAOYIN_PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "default", "-m", self.module], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        ends_at = time.monotonic() + READY_WITHIN
        while time.monotonic() < ends_at:
            assert self.process is not None
            if self.process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.origin}/health/ready", timeout=3, verify=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{self.module} is not ready:\n{self.log.read_text(errors='replace')[-4000:]}")

    def kill(self) -> None:
        """As a power cut would: no time to finish anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(sign)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)


def environment(kafka: str, mongo_url: str, prefix: str, local: Path) -> dict[str, str]:
    return {
        "SHAOYIN_ENV": "test", "SHAOYIN_KAFKA": kafka, "SHAOYIN_MONGO_URL": mongo_url,
        "SHAOYIN_DATABASE_PREFIX": prefix, "SHAOYIN_LOCAL": str(local),
    }  # fmt: skip


@contextmanager
def product(kafka: str, mongo_url: str, prefix: str, folder: Path) -> Iterator[Program]:
    """All three services in one process, as `make up` runs them."""
    program = Program("services", environment(kafka, mongo_url, prefix, folder), folder / "product.log")
    program.environment["SHAOYIN_ROUTER_URL"] = program.environment["SHAOYIN_INTAKE_URL"] = program.origin
    program.start()
    try:
        yield program
    finally:
        program.stop()
