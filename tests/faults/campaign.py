"""The fault campaign: a load, faults at random moments, and at the end a comparison of everything that was answered.

`python -m tests.faults.campaign --rounds 50 --seed 7`; the last line is the verdict, 1 is returned where it is bad.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.engines import end_tidily_when_terminated
from tests.faults.comparison import compared
from tests.faults.disk import go_where_mounting_is_allowed
from tests.faults.faults import FAULTS, deal
from tests.faults.ledger import Ledger
from tests.faults.load import steady_load
from tests.faults.settled import settled
from tests.faults.stage import Stage, stage
from tests.faults.table import Row, row, shown

LONG, SHORT = 20.0, 2.0
"""Seconds that somebody may be stopped for."""


@dataclass(frozen=True, slots=True)
class Campaign:
    rounds: int
    seed: int
    quick: bool
    folder: Path | None

    @property
    def longest(self) -> float:
        return SHORT if self.quick else LONG


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    campaign = _asked()
    can_mount = go_where_mounting_is_allowed("tests.faults.campaign") if not campaign.quick else False
    end_tidily_when_terminated()
    say(f"{campaign.rounds} rounds, --seed {campaign.seed}")
    if campaign.folder is not None:
        return _run(campaign, campaign.folder, can_mount=can_mount)
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        return _run(campaign, Path(folder), can_mount=can_mount)


def _asked() -> Campaign:
    asked = argparse.ArgumentParser(prog="python -m tests.faults.campaign", description=__doc__)
    asked.add_argument("--rounds", type=int, default=50)
    asked.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    asked.add_argument("--quick", action="store_true", help="only faults that are over in a few seconds")
    asked.add_argument("--folder", type=Path, help="where the services' logs are left behind")
    given = asked.parse_args()
    return Campaign(given.rounds, given.seed, given.quick, given.folder)


def _run(campaign: Campaign, folder: Path, *, can_mount: bool) -> int:
    ledger, done = Ledger(), Counter[str]()
    with ExitStack() as ending:
        on = ending.enter_context(stage(folder, small_disk=can_mount))
        with steady_load(on, ledger, campaign.seed):
            _play(campaign, on, ledger, done)
            on.mend()
        left = settled(on, ledger)
        rows = [row("what was still on its way at the end", len(left), left), *compared(on, ledger)]
        say("")
        for line in shown(rows):
            say(line)
        say("")
        _say_what_was_done(done, on, campaign)
    return _verdict(campaign, rows)


def _play(campaign: Campaign, on: Stage, ledger: Ledger, done: Counter[str]) -> None:
    dice = Random(campaign.seed)
    for number, fault in zip(range(1, campaign.rounds + 1), deal(on, dice, quick=campaign.quick), strict=False):
        time.sleep(dice.uniform(0.2, campaign.longest / 5))
        began = time.monotonic()
        fault.done(on, dice, campaign.longest)
        on.mend()
        done[fault.name] += 1
        lasted = time.monotonic() - began
        say(f"{number:>4}  {fault.name:<28} {lasted:5.1f} s  {len(ledger.cases()):>6} reports answered 202")


def _say_what_was_done(done: Counter[str], on: Stage, campaign: Campaign) -> None:
    say("faults: " + ", ".join(f"{name} {count}" for name, count in sorted(done.items())))
    impossible = [each.name for each in FAULTS if not each.possible(on) and not campaign.quick]
    say(
        f"faults not possible on this machine: {len(impossible)}"
        + (f" ({', '.join(impossible)})" if impossible else "")
    )


def _verdict(campaign: Campaign, rows: list[Row]) -> int:
    wrong = sum(row.wrong for row in rows)
    if wrong:
        say(f"LOST OR DOUBLED: {wrong} after {campaign.rounds} rounds; again with --seed {campaign.seed}")
        return 1
    say(f"NOTHING LOST, NOTHING DOUBLED after {campaign.rounds} rounds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
