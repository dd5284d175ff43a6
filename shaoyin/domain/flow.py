"""The whole life of a case on one page: from where, who may, what then. Numbers are the rows of the specification.

The same rows enforce (`decide`), offer (`may`) and document; a test compares them with the specification both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, cast

from shaoyin.domain import assignment, closing, escalation, handling, triage, whistle
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.case import Case, Refused, evolve
from shaoyin.domain.commands import Command
from shaoyin.domain.events import OPEN, Event
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack

Level = Literal["case", "whistle", "responder"]
Then = Callable[[Case, Command, Pack], list[Event]]
Guard = Callable[[Case], str | None]
C = TypeVar("C", bound=Command)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the flow. `who` are words of the specification: post kinds, or a part in this case."""

    row: str
    kind: type[cmd.Given]
    level: Level
    from_: frozenset[str]
    who: tuple[str, ...]
    then: Then
    unless: Guard | None = None

    @property
    def command(self) -> str:
        return name_of(self.kind)


def _row(
    number: str,
    kind: type[C],
    from_: str | frozenset[ev.CaseState],
    who: str,
    then: Callable[[Case, C, Pack], list[Event]],
    *,
    level: Level = "case",
    unless: Guard | None = None,
) -> Row:
    def typed(case: Case, command: Command, pack: Pack) -> list[Event]:
        assert isinstance(command, kind)
        return then(case, command, pack)

    states = frozenset(from_.split("|")) if isinstance(from_, str) else frozenset(map(str, from_))
    return Row(number, kind, level, states, tuple(who.split("|")), typed, unless)


TRIAGE = "community_duty|street_centre|triage_lead"
GRID = "grid_worker|grid_lead|micro_grid_lead"
BLOWERS = "grid_lead|community_secretary|community_deputy|community_duty|council_chair|handler|system"
APPROVERS = "community_secretary|community_deputy|street_deputy|street_head"
WHISTLE_STATES = OPEN - {"reported", "needs_info", "verifying"}

CASE_FLOW: tuple[Row, ...] = (
    _row("13", cmd.Accept, "reported", f"{TRIAGE}|system", triage.accept),
    _row("14", cmd.Dispatch, "accepted", f"{TRIAGE}|system", assignment.dispatch),
    _row("18", cmd.SignFor, "dispatched", "handler|duty_roster", handling.sign_for),
    _row("22", cmd.Start, "signed", "handler", handling.start),
    _row("23", cmd.ContactReporter, "signed|in_progress|suspended", "handler|co_handler", handling.contact_reporter),
    _row(
        "a9", cmd.RecordTemporaryMeasure, OPEN, f"handler|community_duty|{GRID}", handling.record_temporary_measure,
        unless=handling.nothing_to_make_safe,
    ),
    _row("25", cmd.RequestWhistle, WHISTLE_STATES, BLOWERS, whistle.request_whistle),
    _row(
        "29", cmd.SubmitResult, "in_progress", "handler", handling.submit_result, unless=handling.no_whistle_holds
    ),
    _row("30", cmd.PassCheck, "result_submitted", "checker", closing.pass_check),
    _row("31", cmd.FailCheck, "result_submitted", "checker", closing.fail_check),
    _row("33", cmd.RecordCallBack, "calling_back", "call_back|street_deputy|street_head", closing.record_call_back),
    _row("a10", cmd.Rate, "calling_back|closed", "reporter", closing.rate),
)  # fmt: skip

WHISTLE_FLOW: tuple[Row, ...] = (
    _row("W2", cmd.ApproveWhistle, "requested", APPROVERS, whistle.approve_whistle, level="whistle"),
    _row("W3", cmd.DeclineWhistle, "requested", APPROVERS, whistle.decline_whistle, level="whistle"),
    _row("W12", cmd.RateWhistle, "result_in", "requester", whistle.rate_whistle, level="whistle"),
    _row("W13", cmd.CloseWhistle, "rated", "requester", whistle.close_whistle, level="whistle"),
    _row(
        "W16", cmd.CancelWhistle, "requested|blown|working|result_in", "requester", whistle.cancel_whistle,
        level="whistle",
    ),
)  # fmt: skip

RESPONDER_FLOW: tuple[Row, ...] = (
    _row("W5", cmd.Acknowledge, "called", "responder|requester", whistle.acknowledge, level="responder"),
    _row("W8", cmd.Contact, "acknowledged", "responder", whistle.contact, level="responder"),
    _row("W9", cmd.Arrive, "called|acknowledged", "responder|requester", whistle.arrive, level="responder"),
    _row("W10", cmd.AgreePlan, "on_site", "responder", whistle.agree_plan, level="responder"),
    _row(
        "W11", cmd.SubmitResponse, "on_site|working", "responder|requester", whistle.submit_response,
        level="responder",
    ),
    _row(
        "a30", cmd.MarkAbsent, "called|acknowledged|objected|on_site|working", "requester|street_centre",
        whistle.mark_absent, level="responder",
    ),
)  # fmt: skip

FLOW: tuple[Row, ...] = (*CASE_FLOW, *WHISTLE_FLOW, *RESPONDER_FLOW)
_ROWS: dict[type[cmd.Given], tuple[Row, ...]] = {
    kind: tuple(row for row in FLOW if row.kind is kind) for kind in {row.kind for row in FLOW}
}
_BLOWN = frozenset({"blown", "working"})
"""A responder's own move needs a whistle that is still being answered."""


def name_of(kind: type[cmd.Given]) -> str:
    """`SignFor` is given as `sign_for`, at `/commands/sign_for` and in `may`."""
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in kind.__name__).lstrip("_")


COMMANDS: dict[str, type[cmd.Given]] = {name_of(kind): kind for kind in _ROWS}


def decide(case: Case | None, command: Command, pack: Pack) -> list[Event]:
    """What happens when `command` is given; [] means already so, or not due yet.

    First what is overdue at that instant, then the command's row, then what follows by itself.
    Raises Refused: `not_permitted`, `not_now` with what is allowed, or the code of the guard that forbids it.
    """
    if isinstance(command, cmd.OpenCase):
        return [] if case is not None else list(_open(command, pack))
    assert case is not None, "only a report opens a case"
    command = replace(command, at=max(command.at, case.last_at))
    if isinstance(command, cmd.Rate):
        return _heard(case, command, pack)
    return list(_decided(case, command, pack))


def _open(command: cmd.OpenCase, pack: Pack) -> Iterator[Event]:
    opened = triage.open_case(command, pack)
    yield from opened
    case = evolve(None, opened[0])
    for event in _overdue(case, command, pack):
        case = evolve(case, event)
        yield event
    if not case.triage_because:
        yield from _chained(case, [triage.accept_of(case, command)], pack)


def _decided(case: Case, command: Command, pack: Pack) -> Iterator[Event]:
    for event in _overdue(case, command, pack):
        case = evolve(case, event)
        yield event
    if not isinstance(command, cmd.TimePassed):
        yield from _chained(case, [command], pack)


def _overdue(case: Case, command: Command, pack: Pack) -> Iterator[Event]:
    """Rows 44-46 and their like: time itself, and what every late command says first (decisions 1.39)."""
    while events := escalation.time_passed(case, command.at, pack):
        for event in events:
            case = evolve(case, event)
            yield event


def _chained(case: Case, commands: list[Command], pack: Pack) -> Iterator[Event]:
    while commands:
        command = commands.pop(0)
        for event in _given(case, command, pack):
            case = evolve(case, event)
            yield event
            commands += _follow_on(case, event, command, pack)
        if isinstance(command, cmd.SubmitResult):
            yield from _check_skipped(case, command, pack)


def _given(case: Case, command: Command, pack: Pack) -> list[Event]:
    row = row_for(case, command, pack)
    if row.unless is not None and (code := row.unless(case)):
        raise Refused(code)
    return row.then(case, command, pack)


def _follow_on(case: Case, event: Event, command: Command, pack: Pack) -> list[Command]:
    """What the system does next by itself (mechanics 6): report → accept → dispatch → whistles."""
    match event:
        case ev.CaseAccepted() if command.by_system:
            return [cmd.Dispatch(at=command.at)]
        case ev.CaseDispatched() if not event.chosen_by_person:
            return list(assignment.whistles_of(case, command.at, pack))
        case ev.WhistleRequested() if isinstance(command, cmd.RequestWhistle) and _own_approval(command, pack):
            return [_approval_of(command)]
        case _:
            return []


def _own_approval(command: cmd.RequestWhistle, pack: Pack) -> bool:
    post = pack.directory.posts.get(command.post or "")
    return post is not None and whistle.approves_itself(command, post.kind)


def _approval_of(command: cmd.RequestWhistle) -> cmd.ApproveWhistle:
    return cmd.ApproveWhistle(
        at=command.at, person=command.person, post=command.post, whistle_id=command.whistle_id, members=command.members
    )


def _check_skipped(case: Case, command: cmd.SubmitResult, pack: Pack) -> Iterator[Event]:
    """Row 32: the category asks for no check."""
    assert case.category is not None
    if not pack.categories[case.category].check_required:
        yield from closing.skip_check(case, command.at, pack)


def _heard(case: Case, command: cmd.Rate, pack: Pack) -> list[Event]:
    """A reporter's request is answered by exactly one event, accepted or refused; a repeat by none (mechanics 3)."""
    request = command.request
    if request.request_id in case.requests:
        return []
    try:
        return list(_decided(case, command, pack))
    except Refused as refused:
        return [
            ev.RequestRefused(
                at=command.at, by=ev.By(reporter=request.reporter_ref), request_id=request.request_id,
                reporter_ref=request.reporter_ref, asked=request.asked, code=refused.code,
                replies=(ev.Reply("reply.request_refused", to=request.reporter_ref),),
            )
        ]  # fmt: skip


def row_for(case: Case, command: Command, pack: Pack) -> Row:
    """The row of a command. Who may never give it: `not_permitted`; not now: `not_now` with what is allowed."""
    rows = [row for row in _ROWS[type(command)] if stands_in(row, case, command, pack)]
    if not rows:
        raise Refused("not_permitted", command=name_of(type(command)))
    fitting = [row for row in rows if _state(row, case, command) in row.from_]
    if not fitting:
        allowed = sorted({*may_as(case, command, pack)})
        raise Refused("not_now", command=name_of(type(command)), state=_state(rows[0], case, command), allowed=allowed)
    return fitting[0]


def _state(row: Row, case: Case, command: Command) -> str:
    if row.level == "case":
        return case.state
    assert isinstance(command, cmd.OfWhistle)
    called = case.whistles[command.whistle_id]
    if row.level == "whistle":
        return called.state
    assert isinstance(command, cmd.OfResponder | cmd.MarkAbsent)
    responder = whistle.responder_of(case, command)
    if responder is None or called.state not in _BLOWN:
        return f"whistle {called.state}"
    return responder.state


def _stands(word: str, case: Case, command: Command, pack: Pack) -> bool:
    """Whether whoever gives the command is what the word of the specification says (decisions, "Who may")."""
    match word:
        case "system":
            return command.by_system
        case "reporter":
            return isinstance(command, cmd.Rate)
        case "responder":
            return _is_responder(case, command)
        case "member":
            return command.post is None and command.person is not None
    post = pack.directory.posts.get(command.post or "")
    if post is None or not post.held_by(command.person):
        return False
    match word:
        case "handler":
            return case.main is not None and case.main.post == post.post_id
        case "co_handler":
            return any(each.post == post.post_id for each in case.co)
        case "requester":
            return isinstance(command, cmd.OfWhistle) and case.whistles[command.whistle_id].blower == post.post_id
        case "checker":
            return _may_look_after(case, command, post, "check", pack)
        case "call_back":
            return _may_look_after(case, command, post, "call_back", pack)
        case _:
            return post.kind == word and _covers(post, case, pack)


def _covers(post: Post, case: Case, pack: Pack) -> bool:
    return pack.areas.covers(post.area, case.area or pack.root)


def _is_responder(case: Case, command: Command) -> bool:
    """The unit's duty post, the person called, or for a person a post on site (decisions 2.33)."""
    if not isinstance(command, cmd.OfResponder):
        return False
    mine = whistle.named_or_own(case, command, None)
    if mine is None:
        return False
    if command.responder in (None, mine.responder):
        return True
    named = whistle.responder_of(case, command)
    return named is not None and named.is_person and mine.state in ("on_site", "working")


def _may_look_after(case: Case, command: Command, post: Post, right: str, pack: Pack) -> bool:
    """Neither the person who worked on it nor a post of the handlers' organisations (decisions 1.14)."""
    if not pack.directory.has_right(post, right) or not _covers(post, case, pack):
        return False
    if command.person in case.workers:
        return False
    bodies = {party.org for party in (case.main, *case.co) if party is not None}
    return pack.own_work_by == "person" or post.org not in bodies


def rows_of(kind: type[cmd.Given]) -> tuple[Row, ...]:
    return _ROWS[kind]


def stands_in(row: Row, case: Case, command: Command, pack: Pack) -> bool:
    """Whether whoever gives the command is one of those the row names."""
    return any(_stands(word, case, command, pack) for word in row.who)


def may(case: Case, person: str, pack: Pack) -> list[str]:
    """The commands this person may give now: the same rows, asked instead of enforced."""
    posts: list[str | None] = [None, *(post.post_id for post in pack.directory.posts_of(person))]
    found = (row.command for post in posts for row in _open_rows(case, person, post, pack))
    return list(dict.fromkeys(found))


def may_as(case: Case, command: Command, pack: Pack) -> list[str]:
    return list(dict.fromkeys(row.command for row in _open_rows(case, command.person, command.post, pack)))


def may_on_whistle(case: Case, whistle_id: str, person: str, pack: Pack) -> list[str]:
    posts: list[str | None] = [None, *(post.post_id for post in pack.directory.posts_of(person))]
    found = (
        row.command
        for post in posts
        for row in (*WHISTLE_FLOW, *RESPONDER_FLOW)
        if _offers(row, case, _probe(row, case, person, post, whistle_id), pack)
    )
    return list(dict.fromkeys(found))


def _open_rows(case: Case, person: str | None, post: str | None, pack: Pack) -> Iterator[Row]:
    for row in CASE_FLOW:
        if row.kind is not cmd.Rate and _offers(row, case, _probe(row, case, person, post, ""), pack):
            yield row
    for whistle_id in case.whistles:
        for row in (*WHISTLE_FLOW, *RESPONDER_FLOW):
            if _offers(row, case, _probe(row, case, person, post, whistle_id), pack):
                yield row


def _offers(row: Row, case: Case, probe: Command, pack: Pack) -> bool:
    if not any(_stands(word, case, probe, pack) for word in row.who if word != "system"):
        return False
    if row.unless is not None and row.unless(case):
        return False
    if row.level == "responder" and isinstance(probe, cmd.OfResponder | cmd.MarkAbsent) and probe.responder is None:
        called = case.whistles[probe.whistle_id]
        mine = whistle.responder_of(case, probe)
        states = [each.state for each in called.responders.values() if each.is_person] if mine is None else [mine.state]
        return called.state in _BLOWN and any(state in row.from_ for state in states)
    return _state(row, case, probe) in row.from_


def _probe(row: Row, case: Case, person: str | None, post: str | None, whistle_id: str) -> Command:
    """A command of that kind with nothing in it but who gives it: enough to ask who and when."""
    probe = cast("Command", object.__new__(row.kind))
    given = {"at": case.last_at, "person": person, "post": post, "whistle_id": whistle_id, "responder": None}
    for name, value in given.items():
        if name in row.kind.__dataclass_fields__:
            object.__setattr__(probe, name, value)
    return probe
