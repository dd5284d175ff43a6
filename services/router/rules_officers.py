"""Who may hand in a version of a pack and who may approve it: two rights, and never one person for both."""

from __future__ import annotations

from shaoyin.adapters.problem import Problem
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack

HANDS_IN, APPROVES = "rules", "rules_approve"


def post_with(right: str, person: str, pack: Pack) -> Post:
    """The post in which he does it: one with the right whose area covers the whole pack. Raises Problem 403."""
    found = next((post for post in _posts(right, pack) if post.held_by(person)), None)
    if found is None:
        raise Problem(403, "not_permitted", {"command": right})
    return found


def may(right: str, person: str, pack: Pack) -> bool:
    return any(post.held_by(person) for post in _posts(right, pack))


def able(pack: Pack) -> bool:
    """Whether two different persons could publish the version that comes after this one."""
    first, second = ({each for post in _posts(right, pack) for each in post.holders} for right in (HANDS_IN, APPROVES))
    return any(one != other for one in first for other in second)


def _posts(right: str, pack: Pack) -> list[Post]:
    directory, areas = pack.directory, pack.areas
    whole = {area.area_id for area in areas.upward(pack.root)}
    return [post for post in directory.posts.values() if post.area in whole and directory.has_right(post, right)]
