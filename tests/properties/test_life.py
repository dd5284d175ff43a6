"""Random lives of cases: every promise is held against every step, and every line of the flow is walked.

`make properties STEPS=100000` takes the long way, and prints how often each line was walked from each state.
"""

from __future__ import annotations

import os
import sys

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shaoyin.domain.flow import FLOW
from tests.properties.machine import Town
from tests.properties.tour import walk_every_line
from tests.properties.walked import name, rows_walked, table, walked, watched

STEPS = int(os.environ.get("SHAOYIN_STEPS", "0"))
"""How many steps to take at least; none said: a short run that is the same every time."""
SHORT = 60
STEPS_EACH = 40
SHRINKS = os.environ.get("SHAOYIN_SHRINK", "yes") == "yes"
"""A failing life is cut to its shortest; whoever only asks whether it fails does not wait for that."""


class TownMachine(Town):
    """A town of a few cases, in which people act, time passes, posts fall vacant and years are announced.

    Invariants I1, I2, I3, I4, I5, I6, I7, I8, I9, I11, I12, I13 and I14.
    """


def test_every_line_of_the_flow_is_walked_and_every_promise_is_kept() -> None:
    """Decisions 1.2, 1.3, 1.4, 1.5, 1.11, 1.15, 1.16, 1.39 and 1.44."""
    Town.steps = 0
    with watched():
        walk_every_line()
        _live(SHORT, derandomize=True)
        while Town.steps < STEPS:
            _live(SHORT * 2, derandomize=False)
    if STEPS:
        sys.stdout.write(f"\n{table()}\n{Town.steps} steps, {sum(walked.values())} lines walked\n")

    assert [name(number) for number in range(len(FLOW)) if number not in rows_walked()] == []


def _live(lives: int, *, derandomize: bool) -> None:
    """Lines that were walked less than the others are preferred this time."""
    seldom = sorted(range(len(FLOW)), key=_times)[: len(FLOW) // 5]
    machine = type("TownMachine", (TownMachine,), {"wanted": frozenset() if derandomize else frozenset(seldom)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=lives, stateful_step_count=STEPS_EACH, derandomize=derandomize, database=None, deadline=None,
            suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink) if SHRINKS else (Phase.generate,),
        ),
    )  # fmt: skip


def _times(number: int) -> int:
    return sum(count for (walked_number, _), count in walked.items() if walked_number == number)
