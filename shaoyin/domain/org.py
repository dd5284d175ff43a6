"""Who answers to whom: organisations, posts with their holders, and the people of the demonstration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Literal

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.shifts import Shift

PERSONS = "persons"
RegistrationKind = Literal["member", "volunteer", "unit"]


@dataclass(frozen=True, slots=True)
class PostKind:
    """What a kind of post may do beyond the rows that name it (mechanics 25).

    `vetting`: nobody holds such a post without an active enrolment that is vetted so far (DX-05). `seat`: it is a
    place in a body that decides together, and with more than half of them empty nobody speaks for it (DX-12).
    """

    kind: str
    rights: frozenset[str]
    name: Mapping[str, str]
    vetting: Literal["none", "basic", "minors"] = "none"
    seat: bool = False


@dataclass(frozen=True, slots=True)
class Org:
    """A body. `head` is the post that answers for it."""

    org_id: str
    kind: str
    name: Mapping[str, str]
    area: str
    head: str | None = None
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A duty with an area; rules name posts, never persons. It covers the subtree of its area.

    `speciality` tells the sections of a street, departments and utilities apart: civil_affairs, sanitation, drain.
    `most_open` is how many open cases it can have before a deputy takes the next one (row 73); None: no limit.
    `shifts` say who of the post is told first (`duty.on_duty`); all may act.
    """

    post_id: str
    kind: str
    org: str
    area: str
    holders: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    speciality: str | None = None
    most_open: int | None = None
    shifts: tuple[Shift, ...] = ()

    def held_by(self, person: str | None) -> bool:
        return person is not None and (person in self.holders or person in self.stand_ins)

    @property
    def filled(self) -> bool:
        return bool(self.holders or self.stand_ins)


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person of a demonstration pack, or an opaque id of the identity provider.

    `away` are spans of days, the last one included, on which others are told instead.
    """

    person_id: str
    name: str
    away: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """Who is enrolled with the community at first (`report_in_registration`); later the router's records hold.

    `person` is the person; of a unit its duty post.
    """

    registration_id: str
    person: str
    area: str
    state: str = "active"
    vetting: Literal["none", "basic", "minors"] = "none"
    vetted_until: date | None = None
    kind: RegistrationKind = "member"
    household: str | None = None
    area_limits: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    free_times: tuple[str, ...] = ()
    at_home_only: bool = False
    start: date | None = None


@dataclass(frozen=True)
class Directory:
    """The posts and bodies of a pack, asked by what they are."""

    kinds: Mapping[str, PostKind]
    orgs: Mapping[str, Org]
    posts: Mapping[str, Post]
    people: Mapping[str, Person]
    registrations: tuple[Registration, ...] = ()
    _by_person: dict[str, tuple[Post, ...]] = field(init=False, repr=False, compare=False)
    _by_kind: dict[tuple[str, str], Post] = field(init=False, repr=False, compare=False)
    _by_org: dict[str, tuple[Post, ...]] = field(init=False, repr=False, compare=False)
    _bodies: dict[tuple[str, str], Org] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_person", {})
        object.__setattr__(self, "_by_kind", {})
        object.__setattr__(self, "_by_org", {})
        object.__setattr__(self, "_bodies", {})
        for org in self.orgs.values():
            self._bodies.setdefault((org.kind, org.area), org)
        for post in self.posts.values():
            for kind in (post.kind, f"{post.kind}:{post.speciality}"):
                self._by_kind.setdefault((kind, post.area), post)
            self._by_org[post.org] = (*self._by_org.get(post.org, ()), post)
            for person in dict.fromkeys((*post.holders, *post.stand_ins)):
                self._by_person[person] = (*self._by_person.get(person, ()), post)

    def posts_of(self, person: str) -> tuple[Post, ...]:
        return self._by_person.get(person, ())

    def in_area(self, kind: str, area: str) -> Post | None:
        return self._by_kind.get((kind, area))

    def body(self, kind: str, area: str) -> Org | None:
        """The area's own body of a kind; of two the first."""
        return self._bodies.get((kind, area))

    def of_org(self, org: str) -> tuple[Post, ...]:
        return self._by_org.get(org, ())

    def seats(self, org: str) -> tuple[Post, ...]:
        return tuple(post for post in self.of_org(org) if post.kind in self.kinds and self.kinds[post.kind].seat)

    def below_half(self, org: str) -> bool:
        """Whether a body has lost so many members that it can decide nothing before a by-election."""
        seats = self.seats(org)
        return 2 * sum(post.filled for post in seats) < len(seats)

    def able(self, post: Post) -> bool:
        """Whether somebody is there who may act for the post."""
        return post.filled and not self.below_half(post.org)

    def has_right(self, post: Post, right: str) -> bool:
        return right in self.kinds[post.kind].rights

    def head_of(self, post: Post) -> Post | None:
        """The post that answers for the same body; None when it is that post itself, or the body names none."""
        head = self.orgs[post.org].head
        return self.posts[head] if head is not None and head != post.post_id else None
