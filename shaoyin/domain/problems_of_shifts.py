"""What is wrong with the shifts of a pack's posts. Hours without a shift are nothing wrong: all holders have them."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.problem import Path, Problem, unknown
from shaoyin.domain.shifts import Shift, never_begins, overlaps

PAGE = "orgs.yaml"


def problems_of_shifts(pack: Pack) -> Iterator[Problem]:
    for index, post in enumerate(pack.directory.posts.values()):
        where: Path = ("posts", index, "shifts")
        if post.shifts:
            yield from (problem for n, each in enumerate(post.shifts) for problem in _of(each, (*where, n), post, pack))
            yield from _overlapping(post, where, pack)


def _of(shift: Shift, where: Path, post: Post, pack: Pack) -> Iterator[Problem]:
    """Whoever is told must be able to act: a shift adds nobody to a post."""
    for number, person in enumerate(shift.who):
        at: Path = (*where, "who", number)
        yield from unknown("person", PAGE, at, person, pack.directory.people)
        if person in pack.directory.people and not post.held_by(person):
            detail = f"{person} neither holds {post.post_id} nor stands in"
            yield Problem(PAGE, at, "not_of_the_post", detail, person, (*post.holders, *post.stand_ins))
    if shift.since is not None and shift.until is not None and shift.until < shift.since:
        detail = f"{shift.until} is before {shift.since}"
        yield Problem(PAGE, (*where, "until"), "days_backwards", detail, str(shift.since))
    elif never_begins(shift, pack.calendar):
        yield Problem(PAGE, where, "shift_never_begins", f"none of its days is a day of {post.post_id}'s shift")


def _overlapping(post: Post, where: Path, pack: Pack) -> Iterator[Problem]:
    for each in overlaps(post.shifts, pack.calendar):
        first = post.shifts[each.first]
        other = f"{first.begin:%H:%M}-{first.end:%H:%M} ({', '.join(first.who)})"
        yield Problem(PAGE, (*where, each.second), "shifts_overlap", str(each.day), other)
