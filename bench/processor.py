"""How much processor time a process has had: what a busy machine distorts least."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import Engines

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """User and system time of all its threads so far (proc(5), stat: utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def engines_watched(engines: Engines) -> Iterator[dict[str, float]]:
    """The seconds that Kafka and MongoDB have used, filled in at the end."""
    children = {"kafka": engines.kafka.child, "mongodb": engines.mongo.child}
    pids = {name: pid for name, child in children.items() if (pid := child.pid()) is not None}
    before = {name: processor_seconds(pid) for name, pid in pids.items()}
    used: dict[str, float] = {}
    yield used
    used |= {name: processor_seconds(pid) - before[name] for name, pid in pids.items()}
