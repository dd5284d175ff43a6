"""Who handles a case: what the table came to, the posts behind its roles, and what load and calendar change in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from shaoyin.domain.case import Case
from shaoyin.domain.conditions import Fact, Facts
from shaoyin.domain.facts import Matter, Moment, facts_about, facts_at, moment
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack, Urgency, raised
from shaoyin.domain.passing_over import past_load, past_parties
from shaoyin.domain.place import ManagedFrom
from shaoyin.domain.roles import OUTSIDE
from shaoyin.domain.rules import BY_PLACE, OR, Mode, RuleRow, Then, Walk

POOL = "volunteer_pool"
OWN = "owner"
BARE = ("dept", "utility")
PASSED_ON = ("dept:", "utility:", "street_section:")
SECRECY = ("open", "confidential", "anonymous")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the rules say about a case: the row, the posts, and the walk that led there.

    With mode O it is to be posted for claim; `main` is then who is asked first, or has it when nobody comes.
    """

    walk: Walk
    main: Post
    co: tuple[Post, ...]
    informed: tuple[Post, ...]
    mode: Mode
    urgency: Urgency
    late: str | None

    @property
    def row(self) -> RuleRow:
        return self.walk.decided


@dataclass(frozen=True, slots=True)
class _Place:
    """Where roles are looked for: the area, who manages it, and what else is known of the matter."""

    area: str
    managed: ManagedFrom | None
    facts: Facts
    pack: Pack

    def post(self, role: str) -> Post | None:
        """One role, or the first of several that somebody fills here."""
        return next((post for each in role.split(OR) if (post := self._one(each)) is not None), None)

    def _one(self, role: str) -> Post | None:
        if role == "other_grid":
            other = self.facts.get("other_grid")
            return self.pack.post_for("grid_lead", other) if isinstance(other, str) else None
        return self.pack.roles.at(self.exact(role), self.area, self.managed)

    def exact(self, role: str) -> str:
        return exact_role(role, self.facts.get("category"), self.facts.get("supply"), self.pack)

    def is_passed_on(self, role: str) -> bool:
        """Whether a department, a utility or a section is meant of which the pack has no post."""
        if ":" not in role and role not in BARE:
            return False
        exact = self.exact(role)
        if not exact.startswith(PASSED_ON):
            return False
        post = self.pack.post_for(exact, self.area)
        return post is None or post.kind == "street_centre"


def exact_role(role: str, category: Fact, supply: Fact, pack: Pack) -> str:
    """Which department or utility: by the matter catalogue, by what is out."""
    if role == "dept":
        entry = pack.catalogue.get(str(category))
        return "dept:" + (entry.dept if entry else "none")
    return f"utility:{supply}" if role == "utility" else role


def matter_of(case: Case) -> Matter:
    return Matter(
        category=case.category, area=case.area, place_how=case.place_how, urgency=case.urgency,
        secrecy=max((each.secrecy for each in case.reporters), key=SECRECY.index, default="open"),
        text=case.description, answers=case.answers, gathered=case.facts, order_unclaimed=case.posted,
    )  # fmt: skip


def facts_of(case: Case, at: datetime, pack: Pack) -> dict[str, Fact]:
    """What the rows may ask of a case."""
    return facts_about(matter_of(case), at, pack)


def choose(case: Case, at: datetime, pack: Pack) -> Choice:
    """What the rules make of a case."""
    return chosen(matter_of(case), at, pack)


class Handled(NamedTuple):
    """What the rules make of a matter, as far as one body is concerned: its post, its mode, and why."""

    walk: Walk
    main: Post
    mode: Mode
    urgency: Urgency


def chosen(matter: Matter, at: datetime, pack: Pack) -> Choice:
    """Asks the table; a role that nobody fills for this place falls to the triage post, never to nobody."""
    found, place = _handled(matter, at, pack)
    return _with_others(*found, place)


def handled(matter: Matter, at: datetime, pack: Pack) -> Handled:
    """As `chosen`, for whoever does not ask who helps and who hears of it."""
    return _handled(matter, at, pack)[0]


def _handled(matter: Matter, at: datetime, pack: Pack) -> tuple[Handled, _Place]:
    assert matter.area is not None
    now = moment(at, pack)
    facts = facts_at(matter, now, pack)
    walk = pack.rules.admitted.walk(facts)
    place = _Place(matter.area, pack.areas.management(matter.area, now.day), facts, pack)
    main, mode = _handler(walk.decided, matter, place)
    urgency = raised(matter.urgency, walk)
    walk, main = _on_the_result(walk, main, urgency, now, place)
    if walk.decided.group == "load":
        main, mode = _handler(walk.decided, matter, place)
    return Handled(walk, main, mode, urgency), place


def asked_about(matter: Matter, at: datetime, pack: Pack) -> tuple[Mapping[str, Fact], Walk]:
    """What the rows were told of a matter, those of the load included, and what they came to."""
    assert matter.area is not None
    now = moment(at, pack)
    facts = facts_at(matter, now, pack)
    walk = pack.rules.admitted.walk(facts)
    place = _Place(matter.area, pack.areas.management(matter.area, now.day), facts, pack)
    main, _ = _handler(walk.decided, matter, place)
    late, _ = _late_facts(main, raised(matter.urgency, walk), now, place)
    return late, pack.rules.admitted.after(walk, late)


def _handler(row: RuleRow, matter: Matter, place: _Place) -> tuple[Post, Mode]:
    """The first of the row's handlers that is there; a department that is not switched on is the street's (4.4)."""
    then, pack = row.then, place.pack
    desk = pack.triage_post(place.area)
    if then.mode == "WD" and not pack.department_tier:
        return pack.post_for("street_centre", place.area) or desk, "D"
    claimable = _claimable(matter, pack)
    for role in then.handlers:
        if role == POOL and claimable:
            return desk, "O"
        if role == OWN:
            return desk, "reply"
        post = place.post(role) if role not in (POOL, BY_PLACE) and role not in OUTSIDE else None
        if post is not None:
            return post, _mode(then, claimable)
    return desk, _mode(then, claimable)


def _mode(then: Then, claimable: bool) -> Mode:
    """What is not suited to orders, or was posted already, is a duty; so is what is left after the call (4.4)."""
    return "D" if then.mode == "X" or (then.mode == "O" and not claimable) else then.mode


def _claimable(matter: Matter, pack: Pack) -> bool:
    category = pack.categories.get(matter.category or "")
    posted = matter.order_unclaimed
    return category is not None and category.orders and matter.urgency != "critical" and not posted


def _with_others(walk: Walk, main: Post, mode: Mode, urgency: Urgency, place: _Place) -> Choice:
    """A department or utility that has no post here is the street's to pass on to: it is told, and has no part."""
    passed_on = [role for role in walk.co if place.is_passed_on(role)]
    co = _posts([role for role in walk.co if role not in passed_on], main, place, but={main.post_id})
    taken = {main.post_id, *(post.post_id for post in co)}
    informed = _posts([*passed_on, *walk.informed], main, place, but=taken)
    return Choice(walk, main, co, informed, mode, urgency, _late(walk))


def _late(walk: Walk) -> str | None:
    """The row's own; of one that took the handler's place the body it names (16, 73)."""
    moved = [row.then.late for row in walk.added if row.group == "load" and row.then.main is not None]
    return next((each for each in moved if each is not None), walk.decided.then.late)


def _posts(roles: Sequence[str], main: Post, place: _Place, but: set[str]) -> tuple[Post, ...]:
    found: dict[str, Post] = {}
    for role in dict.fromkeys(roles):
        post = _roster_of(main, place) if role == "duty_roster" else _beside(role, place)
        if post is not None and post.post_id not in but:
            found.setdefault(post.post_id, post)
    return tuple(found.values())


def _beside(role: str, place: _Place) -> Post | None:
    return None if role in (POOL, OWN) or role in OUTSIDE else place.post(role)


def _roster_of(main: Post, place: _Place) -> Post | None:
    """The unit stays, its duty roster is alerted and signs (4.4 on row 75)."""
    posts = place.pack.directory.of_org(main.org)
    return next((post for post in posts if post.kind == "duty_roster" and post.filled), None)


def _on_the_result(walk: Walk, main: Post, urgency: Urgency, now: Moment, place: _Place) -> tuple[Walk, Post]:
    """Step 8 of domain 4.4: past whoever is party to it, past one with too much, and what the hour changes."""
    facts, able = _late_facts(main, urgency, now, place)
    return place.pack.rules.admitted.after(walk, facts), able


def _late_facts(main: Post, urgency: Urgency, now: Moment, place: _Place) -> tuple[dict[str, Fact], Post]:
    """With what is known only of a handler, and the one who takes his place."""
    free = past_parties(main, place.area, place.facts, place.pack)
    able = past_load(free, place.facts, place.pack)
    facts: dict[str, Fact] = {
        **place.facts, "urgency": urgency, "at": now.times, "conflict": free != main,
        "overloaded": able != free,
    }  # fmt: skip
    return facts, able
