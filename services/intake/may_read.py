"""Who may open whose identity, judged by the newest header that intake keeps (mechanics 29)."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.course import Course
from shaoyin.adapters.problem import Problem
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack

CALL_BACK = "call_back"


@dataclass(frozen=True, slots=True)
class Opened:
    """As which post, and what of the identity it may see."""

    post: str
    fields: tuple[str, ...]


def area_of(course: Course, pack: Pack) -> str:
    """Where the matter lies; where nobody could tell, it concerns the whole."""
    found = course.of_head("area") or pack.areas.find(course.report.place).area
    return found if found is not None and found in pack.areas.areas else pack.root


def opened_to(person: str, course: Course, pack: Pack) -> Opened:
    """Call-back posts see name and phone, the main handler's post the name alone and only of an open reporter.

    Raises Problem: 404 to whom the case is not visible, 403 `not_permitted` to other staff of the area.
    """
    posts, area = pack.directory.posts_of(person), area_of(course, pack)
    covering = [post for post in posts if pack.areas.covers(post.area, area)]
    handling = [post for post in posts if post.post_id == course.of_head("main")]
    if not covering and not handling:
        raise Problem(404, "not_found")
    calling = [post for post in covering if _calls_back(post, course, pack)]
    if calling and not handling:
        return Opened(calling[0].post_id, ("name", "phone"))
    if handling and course.secrecy == "open":
        return Opened(handling[0].post_id, ("name",))
    raise Problem(403, "not_permitted")


def _calls_back(post: Post, course: Course, pack: Pack) -> bool:
    """A handler's own body does not call back on its own work, so neither does it learn whom to call (1.14)."""
    bodies = () if course.head is None else course.head["handling"]
    own_work = pack.own_work_by == "organisation" and post.org in bodies
    return pack.directory.has_right(post, CALL_BACK) and not own_work
