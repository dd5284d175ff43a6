"""How much a pack's scenarios notice: `python -m tests.packs.mutate packs/NAME` plays them against every mutant."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from shaoyin.adapters.packs import load
from shaoyin.adapters.scenarios import written
from shaoyin.domain.judging import failures
from shaoyin.domain.pack import Pack
from shaoyin.domain.scenario import Scenario
from tests.packs.rule_mutants import Mutant, mutants

PROCESSES = 2


@dataclass(frozen=True)
class Trial:
    """A pack, its scenarios and the mutants of its table."""

    pack: Pack
    scenarios: tuple[Scenario, ...]
    mutants: tuple[Mutant, ...]

    @classmethod
    def of(cls, folder: Path) -> Trial:
        """Raises ValueError where the pack or a scenario cannot be read, or a scenario fails unchanged."""
        loaded = load(folder)
        pages = sorted(folder.glob("scenarios*.yaml"))
        found, wrong = written([(page, page.read_bytes()) for page in pages])
        if loaded.pack is None or wrong:
            raise ValueError("\n".join(map(str, (*loaded.problems, *wrong))))
        scenarios = tuple(each.scenario for each in found)
        broken = [each.scenario_id for each in scenarios if any(failures(each, loaded.pack))]
        if broken:
            raise ValueError(f"these scenarios fail without any change: {', '.join(broken)}")
        return cls(loaded.pack, scenarios, tuple(mutants(loaded.pack)))

    @property
    def counted(self) -> tuple[Mutant, ...]:
        return tuple(each for each in self.mutants if each.alike is None)

    def notices(self, mutant: Mutant) -> bool:
        """Scenarios of the changed rows come first; all of them are played before a mutant survives."""
        pack = mutant.of(self.pack)
        for each in sorted(self.scenarios, key=lambda one: set(mutant.rows).isdisjoint(one.rows)):
            if _fails(each, pack):
                return True
        return False


def _fails(scenario: Scenario, pack: Pack) -> bool:
    """A table in which no row decides any more (LookupError) is noticed too: its check would refuse it."""
    try:
        return any(failures(scenario, pack))
    except LookupError:
        return True


def _survivors(folder: Path, share: int) -> list[str]:
    trial = Trial.of(folder)
    return [each.says for each in trial.counted[share::PROCESSES] if not trial.notices(each)]


def verdict(trial: Trial, survivors: Sequence[str]) -> str:
    every, left_out = len(trial.counted), len(trial.mutants) - len(trial.counted)
    noticed = every - len(survivors)
    return f"{every} mutants, {noticed} noticed, {100 * noticed / every:.1f} % ({left_out} alike by rule, not counted)"


def main(folder: Path) -> None:
    with get_context("spawn").Pool(PROCESSES) as pool:
        shares = pool.starmap(_survivors, [(folder, share) for share in range(PROCESSES)])
    survivors = sorted(each for share in shares for each in share)
    sys.stdout.write("\n".join((*survivors, verdict(Trial.of(folder), survivors), "")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
