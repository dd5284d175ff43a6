"""A mistake in the table is noticed by the pack's own scenarios; a sample of the whole run (`make rule-mutants`)."""

from __future__ import annotations

from functools import cache

from tests.packs.conftest import SHIPPED
from tests.packs.mutate import Trial

EVERY = 31
FLOOR = 0.95


@cache
def trial() -> Trial:
    return Trial.of(SHIPPED / "wulibao")


def test_the_scenarios_of_a_pack_notice_most_mistakes_in_its_table() -> None:
    sample = trial().counted[::EVERY]
    survivors = [each.says for each in sample if not trial().notices(each)]
    assert len(survivors) <= (1 - FLOOR) * len(sample), survivors


def test_every_mutant_differs_from_the_table_it_was_made_of() -> None:
    assert all(each.changed != trial().pack.rules.rows for each in trial().mutants)


def test_no_mutant_that_is_left_out_is_noticed_by_any_scenario() -> None:
    left_out = [each for each in trial().mutants if each.alike is not None]
    assert not [each.says for each in left_out[::9] if trial().notices(each)]
