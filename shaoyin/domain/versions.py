"""Two versions of a pack in one: what an earlier version decided, in a town that knows a newer one (mechanics 18)."""

from __future__ import annotations

from dataclasses import replace

from shaoyin.domain.case import Case
from shaoyin.domain.happened import CaseState
from shaoyin.domain.org import Directory
from shaoyin.domain.pack import Pack

AT_TRIAGE: frozenset[CaseState] = frozenset({"reported", "needs_info", "verifying", "accepted", "open_for_claim"})
"""Nobody has the case, or nobody yet: the next dispatch is decided by the version that is in force then."""


def with_triage(case: Case) -> bool:
    return case.state in AT_TRIAGE


def as_dispatched(earlier: Pack, newest: Pack) -> Pack:
    """For a case that `earlier` dispatched: its rows, its categories and its limits; people, posts, areas, calendar and
    texts are the newest. What the newest brings beside them is known too, so that it may be named.
    """
    return replace(
        _remembering(earlier, newest), version=earlier.version, rules=earlier.rules, limits=earlier.limits,
        default_result=earlier.default_result, suspensions=earlier.suspensions, counts=earlier.counts,
        catalogue=earlier.catalogue, elsewhere=earlier.elsewhere,
        categories={**newest.categories, **earlier.categories}, questions={**newest.questions, **earlier.questions},
        whistle_types={**newest.whistle_types, **earlier.whistle_types},
    )  # fmt: skip


def at_triage(earlier: Pack, newest: Pack) -> Pack:
    """For a case that `earlier` opened and nobody handles: the newest in all, but that nothing it names is unknown."""
    return replace(
        _remembering(earlier, newest), categories={**earlier.categories, **newest.categories},
        questions={**earlier.questions, **newest.questions},
        whistle_types={**earlier.whistle_types, **newest.whistle_types},
    )  # fmt: skip


def _remembering(earlier: Pack, newest: Pack) -> Pack:
    """The newest, with the areas and bodies that a case of before may lie in and that it has no more."""
    gone = {name: area for name, area in earlier.areas.areas.items() if name not in newest.areas.areas}
    areas = replace(newest.areas, areas={**newest.areas.areas, **gone}) if gone else newest.areas
    return replace(newest, areas=areas, directory=_directory(earlier.directory, newest.directory))


def _directory(earlier: Directory, newest: Directory) -> Directory:
    """A post that is gone is held by nobody: whoever is above it is asked next."""
    if earlier.posts.keys() <= newest.posts.keys() and earlier.orgs.keys() <= newest.orgs.keys():
        return newest
    gone = [post for name, post in earlier.posts.items() if name not in newest.posts]
    posts = {**newest.posts, **{post.post_id: replace(post, holders=(), stand_ins=()) for post in gone}}
    kinds, orgs = {**earlier.kinds, **newest.kinds}, {**earlier.orgs, **newest.orgs}
    return replace(newest, kinds=kinds, orgs=orgs, posts=posts)
