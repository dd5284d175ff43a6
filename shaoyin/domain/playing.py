"""Plays a scenario: opens its report as the router would, then gives its commands and lets its time go by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.commands import Command
from shaoyin.domain.events import Event
from shaoyin.domain.flow import COMMANDS, decision
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.hits import Hits
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Point, Report, Shown, case_id_of
from shaoyin.domain.scenario import Act, Followed, Path, ReportTold, Scenario, Triaged, Wait
from shaoyin.domain.terms import triage_party

REPORTER = "reporter-1"
MOMENT = timedelta(seconds=1)
"""At the due instant an act is still in time, so time is looked at a moment later."""


class Unplayable(Exception):  # noqa: N818 - the scenario cannot be played; its own cell says why
    """A step that names what is not there. `path` leads to the cell."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(why)
        self.path = path


@dataclass(frozen=True, slots=True)
class Played:
    """What happened, the case as it stands then, and the code with which the last step was refused, if it was."""

    pack: Pack
    history: tuple[Event, ...] = ()
    case: Case | None = None
    now: datetime = datetime.min.replace(tzinfo=UTC)
    refused: str | None = None
    resource: str | None = None


def play(scenario: Scenario, pack: Pack) -> Played:
    """Raises Unplayable where a step names a post or a command that is not there."""
    if scenario.department_tier not in (None, pack.department_tier):
        pack = replace(pack, department_tier=scenario.department_tier is True)
    played = Played(pack, now=local(scenario.on, pack), resource=scenario.resource)
    if scenario.report is not None:
        played = _given(played, _opening(scenario, scenario.report, played))
    for number, step in enumerate(scenario.steps):
        if played.refused is not None:
            break
        match step:
            case Wait():
                played = _waited(played, step)
            case Triaged():
                played = _triaged(played)
            case Followed():
                played = _followed(played)
            case Act():
                played = _given(played, _command(step, ("when", "then", number), played))
    return played


def local(at: datetime, pack: Pack) -> datetime:
    return at.replace(tzinfo=pack.zone).astimezone(UTC)


def _opening(scenario: Scenario, told: ReportTold, played: Played) -> cmd.OpenCase:
    pack = played.pack
    place, hits = _located(told, pack)
    shown = tuple(Shown(each.number, each.say["zh-CN"]) for each in pack.dangers(told.text, told.answers or {}))
    report = Report(
        report_id="r1", community=pack.name, pack_version=pack.version, description=told.text, place=place,
        received_at=played.now, reporter_ref=None if told.nobody else REPORTER, secrecy=told.secrecy,
        category=told.category, origin=told.origin, channel=told.channel, on_behalf=told.by is not None,
        answers=told.answers or {}, emergency_shown=shown,
    )  # fmt: skip
    person, post = (None, None) if told.by is None else _who(told.by, ("when", "report", "by"), played)
    return cmd.OpenCase(
        at=played.now, person=person, post=post, report=report, case_id="c1", number_if_accepted="N1",
        facts=scenario.facts or {}, hits=hits,
    )  # fmt: skip


def _located(told: ReportTold, pack: Pack) -> tuple[PlaceGiven, Hits]:
    """The place that was said, and what lies where its point is."""
    if told.point is None or pack.coordinates is None or pack.polygons is None:
        return told.place, ()
    point = Point(*told.point, pack.coordinates)
    return replace(told.place, point=point), pack.polygons.hits(point)


def _given(played: Played, command: Command) -> Played:
    try:
        events, case = decision(played.case, command, played.pack)
    except Refused as refused:
        return replace(played, refused=refused.code)
    return replace(played, history=(*played.history, *events), case=case)


def _waited(played: Played, wait: Wait) -> Played:
    """Looked at whenever something falls due, as the router does."""
    pack = played.pack
    end = local(wait.until, pack) if wait.until is not None else played.now
    if wait.within is not None:
        end = pack.due(played.now, wait.within).due_at + MOMENT
    while (due := _next_due(played)) is not None and due < end:
        played = replace(played, now=max(played.now, due + MOMENT))
        played = _given(played, cmd.TimePassed(at=played.now))
    return replace(played, now=max(played.now, end))


def _next_due(played: Played) -> datetime | None:
    return None if played.case is None else played.case.next_due_at


def _triaged(played: Played) -> Played:
    """Accepted as it was reported by the desk that has it, and dispatched by the rules."""
    case = played.case
    if case is None or case.category is None:
        return replace(played, refused="not_classified")
    desk = triage_party(case, played.pack).post if case.main is not None else case.owner.post
    person = _holder(desk, played.pack)
    if case.state == "reported":
        area = case.area or played.pack.root
        played = _given(
            played,
            cmd.Accept(
                at=played.now, person=person, post=desk, category=case.category, area=area, urgency=case.urgency,
                number="N1",
            ),
        )  # fmt: skip
    if played.refused is None and played.case is not None and played.case.state == "accepted":
        played = _given(played, cmd.Dispatch(at=played.now, person=person, post=desk))
    return played


def _followed(played: Played) -> Played:
    """The ordinary matter that an emergency call leaves behind, opened as a case of its own."""
    reports = [each.follow_up for each in played.history if isinstance(each, ev.EmergencyDiverted) and each.follow_up]
    if not reports:
        return replace(played, refused="nothing_follows")
    report = reports[-1]
    opening = cmd.OpenCase(at=played.now, report=report, case_id=case_id_of(report.report_id), number_if_accepted="N2")
    return _given(replace(played, history=(), case=None), opening)


def _command(step: Act, path: Path, played: Played) -> Command:
    kind = COMMANDS.get(step.does)
    if kind is None:
        raise Unplayable((*path, "does"), f"no command {step.does!r}")
    person, post = _who(step.by, (*path, "by"), played)
    given: dict[str, object] = {"at": played.now, "person": person, "post": post}
    if issubclass(kind, cmd.ByReporter) and step.by == "reporter":
        given.update(reporter_ref=REPORTER, request_id=f"q{len(played.history)}", requested_at=played.now)
    fields = {name: field.type for name, field in kind.__dataclass_fields__.items()}
    for name, value in step.fields.items():
        if name not in fields:
            raise Unplayable((*path, "with", name), f"{step.does} has no {name!r}")
        given[name] = local(value, played.pack) if isinstance(value, datetime) else value
    given.update(_gathered(fields, person, played.pack))
    try:
        return cast(Command, kind(**given))  # type: ignore[arg-type]
    except TypeError as error:
        raise Unplayable((*path, "does"), str(error)) from error


def _gathered(fields: dict[str, object], person: str | None, pack: Pack) -> Iterator[tuple[str, object]]:
    """What a service finds of the members (mechanics 5); here they are the first enrolments of the pack."""
    everybody = tuple(
        cmd.Enrolled(each.person, each.vetting, each.household)
        for each in pack.directory.registrations
        if each.state == "active"
    )
    if "members" in fields:
        yield "members", everybody
    for name in ("member", "enrolled"):
        if name in fields:
            yield name, next((each for each in everybody if each.person == person), None)


def _who(named: str, path: Path, played: Played) -> tuple[str | None, str | None]:
    """The person and the post: the first holder of a post acts for it."""
    if named in ("reporter", "system"):
        return None, None
    if named == "owner" and played.case is not None:
        owner = played.case.owner
        return owner.person or _holder(owner.post, played.pack), owner.post
    if named in played.pack.directory.people:
        return named, None
    if named not in played.pack.directory.posts:
        raise Unplayable(path, f"no post and no person {named!r}")
    return _holder(named, played.pack), named


def _holder(post_id: str | None, pack: Pack) -> str | None:
    post = pack.directory.posts.get(post_id or "")
    return next(iter((*post.holders, *post.stand_ins)), None) if post is not None else None
