"""What may go wrong: each fault is done to the stage and mended again before it returns."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from random import Random

from pymongo.errors import AutoReconnect

from tests.faults.stage import Stage, runs

SERVICES = ("intake", "router", "notify")
ENGINES = ("Kafka", "mongod")


@dataclass(frozen=True, slots=True)
class Fault:
    """`quick` ones belong to the short campaign. `done` is given how many seconds it may last at most."""

    name: str
    done: Callable[[Stage, Random, float], None]
    quick: bool = True
    possible: Callable[[Stage], bool] = lambda _stage: True


def killed(name: str, stage: Stage, dice: Random, longest: float) -> None:
    if name in SERVICES:
        stage.parts[name].kill()
        time.sleep(dice.uniform(0, min(3.0, longest)))
        stage.parts[name].start(wait=False)
    else:
        stage.child(name).kill()
        time.sleep(dice.uniform(0, min(3.0, longest)))
        stage.engines.start()


def asked_to_end(name: str, stage: Stage, dice: Random, longest: float) -> None:
    """SIGTERM, under load: it answers what it has taken, gives back the rest, and is gone in seconds."""
    program = stage.parts[name]
    program.stop()
    assert program.process is not None
    assert program.process.returncode in (0, -signal.SIGTERM), f"{name} had to be killed"
    time.sleep(dice.uniform(0, min(3.0, longest)))
    program.start(wait=False)


def stopped(name: str, stage: Stage, dice: Random, longest: float) -> None:
    stage.signal(name, signal.SIGSTOP)
    try:
        time.sleep(dice.uniform(longest / 4, longest))
    finally:
        stage.signal(name, signal.SIGCONT)


def kafka_wiped(stage: Stage, _dice: Random, _longest: float) -> None:
    stage.wiped_at = stage.now()
    stage.engines.kafka.child.kill()
    stage.engines.wipe_kafka()
    stage.engines.start_kafka()


def everything_restarted(stage: Stage, dice: Random, _longest: float) -> None:
    """As after a power cut, or in order."""
    in_order = dice.random() < 0.5
    for program in stage.running():
        _ended(program.stop if in_order else program.kill)
    if in_order:
        stage.engines.stop()
    else:
        stage.engines.kill_kafka()
        stage.engines.kill_mongo()
    for program in stage.parts.values():
        program.start(wait=False)  # before the engines: they wait
    stage.engines.start()


def seconds_changed(stage: Stage, dice: Random, _longest: float) -> None:
    """A second router and a second notify come, or go again, killed or in order."""
    for program in stage.spares.values():
        if runs(program):
            _ended(program.kill if dice.random() < 0.5 else program.stop)
        else:
            program.start(wait=False)


def disk_full(stage: Stage, dice: Random, longest: float) -> None:
    """What ends because of it is started again once there is room."""
    assert stage.disk is not None
    stage.disk.fill()
    try:
        time.sleep(dice.uniform(longest / 4, longest / 2))
    finally:
        stage.disk.free()
    stage.engines.start()


def stepped_down(stage: Stage, dice: Random, longest: float) -> None:
    seconds = max(1, int(dice.uniform(1, min(8.0, longest))))
    with suppress(AutoReconnect):  # the connection may be cut on the way
        stage.stores.admin.command({"replSetStepDown": seconds, "secondaryCatchUpPeriodSecs": 0, "force": True})
    stage.engines.start_mongo()


def _ended(how: Callable[[], None]) -> None:
    how()


FAULTS = (
    *(Fault(f"kill -9 {name}", partial(killed, name)) for name in (*SERVICES, *ENGINES)),
    *(Fault(f"SIGTERM {name}", partial(asked_to_end, name)) for name in SERVICES),
    *(Fault(f"SIGSTOP {name}", partial(stopped, name), quick=name == "mongod") for name in (*SERVICES, *ENGINES)),
    Fault("Kafka wiped", kafka_wiped),
    Fault("everything restarted", everything_restarted, quick=False),
    Fault("a second router and notify", seconds_changed),
    Fault("disk full", disk_full, quick=False, possible=lambda stage: stage.disk is not None),
    Fault("MongoDB steps down", stepped_down),
)


def deal(stage: Stage, dice: Random, *, quick: bool) -> Iterator[Fault]:
    """Every kind that is possible here once in random order, then all of them again."""
    deck = [each for each in FAULTS if each.possible(stage) and (each.quick or not quick)]
    while True:
        dice.shuffle(deck)
        yield from deck
