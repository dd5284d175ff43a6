"""`profile.yaml`: what stands on the page about the community itself, and the records that the domain makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from shaoyin.adapters.pack_names import STRICT, Name, Names, Text, Weekday, Words, each_once, one_or_more
from shaoyin.domain import profile as said

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
Number = Annotated[int, Field(ge=0)]
Kinds = Annotated[Names, Field(min_length=1), BeforeValidator(one_or_more)]
Group = Annotated[str, Field(pattern=r"^[A-Z]{3}\.([a-z0-9_]+|\*)$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
PROFILE: tuple[tuple[str, str], ...] = (
    ("figures", "name"), ("homes", "area"), ("covers", "id"), ("elsewhere", "id"), ("crews", "id"), ("teams", "id"),
    ("cross_appointments", "person"), ("stations", "post"), ("boards", "id"), ("item_classes", "id"),
)  # fmt: skip
"""The lists of the page, and the cell by which a community replaces an entry."""


class Part(BaseModel):
    model_config = STRICT


class FigureRow(Part):
    name: Name
    count: Number
    as_of: date
    at_least: bool = False
    about: bool = False


class HomesRow(Part):
    area: Name
    households: Number
    members: Number = 0


class CoverRow(Part):
    id: Name
    of: Name
    at_least: Number
    at_most: Annotated[int, Field(ge=1)]
    post_kind: Name = ""


class ElsewhereRow(Part):
    id: Name
    members_of: Name
    cover: Name
    households: Annotated[int, Field(ge=1)]
    reason: Text


class CrewRow(Part):
    id: Name
    of: Name
    needs: Annotated[dict[Name, Kinds], Field(min_length=1)]


class MemberRow(Part):
    person: Name
    source: Name


class TeamRow(Part):
    id: Name
    org: Name
    size: Annotated[int, Field(ge=1)]
    sources: Kinds
    chair_holds: Name
    chairs: Names
    members: list[MemberRow]


class CrossAppointmentRow(Part):
    person: Name
    posts: Names
    procedure: Text


class StationRow(Part):
    post: Name
    closed: Annotated[list[Weekday], AfterValidator(each_once)] = []
    longitude: Longitude
    latitude: Latitude


class BoardRow(Part):
    id: Name
    name: Words
    categories: Annotated[list[Group], Field(min_length=1), AfterValidator(each_once)]


class ItemClassRow(Part):
    id: Name
    name: Words
    flow: Literal["discuss_together", "do_together", "decide_together", "consult_at_once", "solve_together"]
    vote: bool = False


class ProfilePage(Part):
    figures: list[FigureRow] = []
    homes: list[HomesRow] = []
    covers: list[CoverRow] = []
    elsewhere: list[ElsewhereRow] = []
    crews: list[CrewRow] = []
    teams: list[TeamRow] = []
    cross_appointments: list[CrossAppointmentRow] = []
    stations: list[StationRow] = []
    boards: list[BoardRow] = []
    item_classes: list[ItemClassRow] = []


def profile(lists: Mapping[tuple[str, tuple[str | int, ...]], Sequence[Any]]) -> said.Profile:
    figures, homes, covers, elsewhere, crews, teams, appointments, stations, boards, classes = (
        lists["profile.yaml", (section,)] for section, _ in PROFILE
    )
    return said.Profile(
        figures=tuple(said.Figure(each.name, each.count, each.as_of, each.at_least, each.about) for each in figures),
        homes=tuple(said.Homes(each.area, each.households, each.members) for each in homes),
        covers=tuple(
            said.HouseholdCover(each.id, each.of, each.at_least, each.at_most, each.post_kind or None)
            for each in covers
        ),
        elsewhere=tuple(
            said.LinkElsewhere(each.members_of, each.cover, each.households, each.reason) for each in elsewhere
        ),
        crews=tuple(said.Crew(each.id, each.of, {need: tuple(by) for need, by in each.needs.items()})
                    for each in crews),
        teams=tuple(_team(each) for each in teams),
        cross_appointments=tuple(
            said.CrossAppointment(each.person, tuple(each.posts), each.procedure) for each in appointments
        ),
        stations=tuple(
            said.Station(each.post, tuple(map(WEEKDAYS.index, each.closed)), (each.longitude, each.latitude))
            for each in stations
        ),
        boards=tuple(said.Board(each.id, each.name.by_language, tuple(each.categories)) for each in boards),
        item_classes=tuple(
            said.ItemClass(each.id, each.name.by_language, each.flow, each.vote) for each in classes
        ),
    )  # fmt: skip


def _team(row: TeamRow) -> said.Team:
    members = tuple(said.TeamMember(each.person, each.source) for each in row.members)
    return said.Team(row.id, row.org, row.size, tuple(row.sources), row.chair_holds, members, tuple(row.chairs))
