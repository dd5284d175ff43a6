"""Reading: the list a person works from, one case, why it went where it went, and a dry run of the rules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.router.cases import Wanted
from services.router.desk import Desk
from services.router.documents import Stored, opened
from services.router.listed import Listed
from services.router.row_views import with_row
from services.router.show_to import shown_to
from services.router.take_actions import beyond_calendar, reachable, readable
from services.router.told_report import Answers, Code, PlaceTold, unknown_answers
from services.router.views import View, explanation
from services.router.visible import covered_areas, own_posts
from shaoyin.adapters.geometry import hits_of
from shaoyin.adapters.problem import FieldError, Problem, field_errors, invalid
from shaoyin.adapters.told import Instant, cursor, read_cursor
from shaoyin.domain.calendar import CalendarMissing
from shaoyin.domain.commands import OpenCase
from shaoyin.domain.events import OPEN
from shaoyin.domain.flow import decision
from shaoyin.domain.report import Report

ENDED = ("closed", "archived", "not_accepted", "merged", "withdrawn", "transferred_out")


class Query(BaseModel):
    """The filters of the list; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")

    state: str | None = None
    holder: str | None = None
    area: str | None = None
    category: str | None = None
    due_before: Instant | None = None
    overdue: bool = False
    mine: bool = False
    q: Annotated[str | None, Field(max_length=40, description="a case number")] = None
    cursor: str | None = None
    most: Annotated[int, Field(ge=1, le=200)] = 50


async def list_cases(desk: Desk, person: str, asked: dict[str, str]) -> View:
    """Soonest due first; `next` continues where the page ended."""
    try:
        query = Query.model_validate(asked)
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    states = _states(query.state)
    due_before = min(filter(None, (query.due_before, desk.clock.now() if query.overdue else None)), default=None)
    packs = list(desk.packs.values())
    wanted = Wanted(
        paths=tuple(area for pack in packs for area in covered_areas(person, pack)),
        holders=tuple(dict.fromkeys(post for pack in packs for post in own_posts(person, pack))),
        states=states, category=query.category, area=query.area, holder=query.holder, due_before=due_before,
        mine=query.mine, number=query.q, after=read_cursor(query.cursor), most=query.most + 1,
        ended=bool(states) and not set(states) & OPEN,
    )  # fmt: skip
    found = await desk.store.rows(wanted)
    page = found[: query.most]
    more = len(found) > query.most
    return {
        "items": [each.view for each in page if each.readers.include(person, desk.packs[each.pack])],
        "next": _cursor_after(page[-1], ended=wanted.ended) if more else None,
    }


def _states(said: str | None) -> tuple[str, ...]:
    states = tuple(filter(None, (said or "").split(",")))
    unknown = [each for each in states if each not in OPEN and each not in ENDED]
    mixed = bool(set(states) & OPEN) and bool(set(states) - OPEN)
    if unknown or mixed:
        raise invalid([FieldError("state", "wrong_value", {"expected": "|".join((*sorted(OPEN), *ENDED))})])
    return states


def _cursor_after(last: Listed, *, ended: bool) -> str:
    return cursor(last.received_at if ended else last.listed_at, last.case_id)


def listed_at(found: Stored) -> datetime:
    """The date by which an open case is listed: the first of its running clocks, else its receipt."""
    running = [each for each in found.case.clocks.values() if each.open and each.deadline.clock != "archive"]
    return min((each.deadline.due_at for each in running), default=found.case.received_at)


async def show_case(desk: Desk, person: str, case_id: str, language: str) -> tuple[View, int]:
    found = await reachable(desk, person, case_id)
    return await shown_to(desk, found, person, language), found.case.version


async def explain_case(desk: Desk, person: str, case_id: str, language: str, row: int | None = None) -> View:
    found = await readable(desk, person, case_id, explained=True)
    await desk.versions_for([found.case])
    pack = desk.pack_for(found.case)
    told = with_row(explanation(found, pack, language), found, row, pack, language)
    number = desk.versions and desk.versions.number(found.case.pack, found.case.pack_version)
    return {**told, "number": number}


class ExplainQuery(BaseModel):
    """What may be asked beside why a case went where it went."""

    row: Annotated[int | None, Field(ge=0, le=9999, description="the row of which it is asked why not")] = None


class DryRun(BaseModel):
    """A report that nobody made: where would it go, and why?"""

    model_config = ConfigDict(extra="forbid")

    community: Code
    description: Annotated[str, Field(max_length=4000)] = ""
    category: Code | None = None
    place: PlaceTold
    answers: Answers = Field(default_factory=dict)
    at: Instant | None = None
    row: Annotated[int | None, Field(ge=1, le=9999, description="the row of which it is asked why not")] = None


def dry_run(desk: Desk, raw: object, language: str) -> View:
    """Decides as a real report would be decided, and keeps nothing."""
    try:
        asked = DryRun.model_validate(raw)
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    pack = desk.pack_of(asked.community)
    if pack is None:
        raise Problem(422, "invalid_fields", errors=[FieldError("community", "unknown_community")])
    if wrong_answers := unknown_answers(asked.answers, pack):
        raise invalid(wrong_answers)
    at = asked.at or desk.clock.now()
    report = Report(
        report_id="r-dry-run", community=pack.name, pack_version=pack.version, description=asked.description,
        place=asked.place.given(), received_at=at, reporter_ref="dry-run", category=asked.category,
        answers=asked.answers,
    )  # fmt: skip
    command = OpenCase(
        at=at, report=report, case_id="c-dry-run", number_if_accepted="0", hits=hits_of(pack, report.place)
    )
    try:
        found = opened(decision(None, command, pack), "dry-run")
    except CalendarMissing as missing:
        raise beyond_calendar(missing) from missing
    main = found.case.main
    why = with_row(explanation(found, pack, language), found, asked.row, pack, language)
    return {**why, "owner": found.case.owner.post, "main": main.post if main else None, "state": found.case.state}
