"""Everything that keeps a pack from being published: found in the whole, led back to the cell (promise 7)."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.pack import Pack
from shaoyin.domain.problem import Path, Problem
from shaoyin.domain.problems_of_bodies import problems_of_chain, problems_of_posts, problems_of_registrations
from shaoyin.domain.problems_of_categories import (
    problems_of_critical_limits,
    problems_of_questions,
    problems_of_texts,
)
from shaoyin.domain.problems_of_ground import problems_of_ground
from shaoyin.domain.problems_of_lists import problems_of_lists
from shaoyin.domain.problems_of_places import problems_of_places, problems_of_the_tree
from shaoyin.domain.problems_of_profile import problems_of_profile
from shaoyin.domain.problems_of_reach import problems_of_categories_without_row, problems_of_reach
from shaoyin.domain.problems_of_rules import problems_of_handlers, problems_of_rules
from shaoyin.domain.problems_of_shifts import problems_of_shifts
from shaoyin.domain.problems_of_words import problems_of_words

__all__ = ["Path", "Problem", "problems"]


def problems(pack: Pack) -> Iterator[Problem]:
    """Everything that is wrong with a pack; nothing means that it may be published (promise 7)."""
    broken_tree = list(problems_of_the_tree(pack))
    yield from broken_tree
    if not broken_tree:
        yield from problems_of_places(pack)
        yield from problems_of_ground(pack)
    yield from problems_of_chain(pack)
    yield from problems_of_posts(pack)
    yield from problems_of_shifts(pack)
    yield from problems_of_profile(pack)
    yield from problems_of_registrations(pack)
    broken_rows = list(problems_of_rules(pack))
    yield from broken_rows
    yield from problems_of_lists(pack)
    if not broken_tree and not broken_rows:
        yield from problems_of_reach(pack)
        yield from problems_of_handlers(pack)
        yield from problems_of_categories_without_row(pack)
    yield from problems_of_questions(pack)
    yield from problems_of_critical_limits(pack)
    yield from problems_of_texts(pack)
    yield from problems_of_words(pack)
