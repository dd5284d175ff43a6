"""What a community says of itself beside areas and posts: figures, crews, teams, stations, boards, ways to talk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shaoyin.domain.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the place and the day it is of; `at_least` where the source gives only a floor (≥), `about` where
    it is rounded: an estimate is never said as if somebody had counted."""

    name: str
    count: int
    as_of: date
    at_least: bool = False
    about: bool = False

    def percent(self, name: str, percent: Figure) -> Figure:
        """What so many in a hundred come to; an estimate, whatever it is made of."""
        return Figure(name, round(self.count * percent.count / 100), min(self.as_of, percent.as_of), about=True)

    def said(self, language: str) -> str:
        about, at_least = ("约", "不少于") if language == "zh-CN" else ("about ", "at least ")
        return f"{at_least if self.at_least else ''}{about if self.about else ''}{self.count:,}"


@dataclass(frozen=True, slots=True)
class Homes:
    """How many households live in an area, and how many members live there who may look after some."""

    area: str
    households: int
    members: int = 0


@dataclass(frozen=True, slots=True)
class HouseholdCover:
    """Who looks after households (`household_cover`): holders of a kind of post, or the members living there.

    `of` is the kind of area in which the shares are given out, `at_most` what one person can take.
    """

    cover_id: str
    of: str
    at_least: int
    at_most: int
    post_kind: str | None = None


@dataclass(frozen=True, slots=True)
class LinkElsewhere:
    """Households looked after by members who live in another building; only with a reason."""

    members_of: str
    cover: str
    households: int
    reason: str


@dataclass(frozen=True, slots=True)
class Crew:
    """Who must be there in every area of a kind (`grid_crew`): each need is met by any of its kinds."""

    crew_id: str
    of: str
    needs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TeamMember:
    person: str
    source: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team of a given size, whose members come from given sources; a chair holds a post of `chair_holds`."""

    team_id: str
    org: str
    size: int
    sources: tuple[str, ...]
    chair_holds: str
    members: tuple[TeamMember, ...]
    chairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CrossAppointment:
    """One person in several bodies (`cross_appointment`), by the procedure that put him there."""

    person: str
    posts: tuple[str, ...]
    procedure: str


@dataclass(frozen=True, slots=True)
class Station:
    """A walk-in post: the weekdays on which it is closed (0 is Monday), and where it is (longitude, latitude)."""

    post: str
    closed: tuple[int, ...]
    at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Board:
    """Categories that are watched together, such as the four matters of daily life; `SAN.*` is all of a group."""

    board_id: str
    name: Mapping[str, str]
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemClass:
    """How a class of matters is talked over: at once or at a session, with a vote on record or without."""

    item_class: str
    name: Mapping[str, str]
    flow: str
    vote: bool


@dataclass(frozen=True, slots=True)
class Profile:
    figures: tuple[Figure, ...] = ()
    homes: tuple[Homes, ...] = ()
    covers: tuple[HouseholdCover, ...] = ()
    elsewhere: tuple[LinkElsewhere, ...] = ()
    crews: tuple[Crew, ...] = ()
    teams: tuple[Team, ...] = ()
    cross_appointments: tuple[CrossAppointment, ...] = ()
    stations: tuple[Station, ...] = ()
    boards: tuple[Board, ...] = ()
    item_classes: tuple[ItemClass, ...] = ()

    def figure(self, name: str) -> Figure:
        return next(each for each in self.figures if each.name == name)
