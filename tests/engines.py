"""Real engines for tests: on free ports, in a folder of their own, gone at the end whatever happens."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from deploy.local import Engines, free_ports


@contextmanager
def own_engines(folder: Path) -> Iterator[Engines]:
    """Nothing is started yet: ask for what the test needs, kill and wipe it at will."""
    kafka_port, controller_port, mongo_port = free_ports(3)
    engines = Engines(folder, kafka_port, controller_port, mongo_port, mongo_cache_gb=0.25)
    try:
        yield engines
    finally:
        engines.wipe()


def end_tidily_when_terminated() -> None:
    """SIGTERM ends the run as Ctrl-C does, fixtures included: the engines live in sessions of their own and would
    otherwise outlive a run that a time limit ended.
    """
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
