"""The list of mutants stays true to the sources; killing them is `make mutants`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_mutant_changes_exactly_one_place_of_the_core(mutant: Mutant) -> None:
    source = (ROOT / mutant.file).read_text("utf-8")

    assert source.count(mutant.old) == 1
    assert mutant.new != mutant.old


def test_there_are_at_least_twenty_and_each_has_its_own_name() -> None:
    names = Counter(each.name for each in MUTANTS)

    assert len(names) >= 20
    assert names.most_common(1)[0][1] == 1
