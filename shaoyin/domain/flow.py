"""The life of a case: what was overdue, then the command's line, then what follows by itself.

The lines stand in `case_rows` and `whistle_rows`; the same lines enforce (`decide`), offer (`may`) and document, and a
test compares them with the specification both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple, cast

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain import follow_on, triage
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.case_rows import CASE_FLOW
from shaoyin.domain.commands import Command, Given
from shaoyin.domain.events import Event
from shaoyin.domain.evolve import evolve
from shaoyin.domain.pack import Pack
from shaoyin.domain.rows import Guard, Level, Row, name_of
from shaoyin.domain.whistle_rows import RESPONDER_FLOW, WHISTLE_FLOW
from shaoyin.domain.who import responder_named, stands, whistle_of

FLOW: tuple[Row, ...] = (*CASE_FLOW, *WHISTLE_FLOW, *RESPONDER_FLOW)
_ROWS: dict[type[Given], tuple[Row, ...]] = {
    kind: tuple(row for row in FLOW if row.kind is kind) for kind in {row.kind for row in FLOW}
}
_CLOCKS: dict[tuple[str, str], tuple[Row, ...]] = {
    (row.level, clock): tuple(each for each in FLOW if each.level == row.level and clock in each.clocks)
    for row in FLOW
    for clock in row.clocks
}
COMMANDS: dict[str, type[Given]] = {name_of(kind): kind for kind in _ROWS}
BY_SYSTEM = frozenset(name_of(kind) for kind, rows in _ROWS.items() if all(row.who == ("system",) for row in rows))
"""Commands that no person gives; they are neither offered nor taken over HTTP."""


class Decision(NamedTuple):
    """The events, and the case after them."""

    events: tuple[Event, ...]
    case: Case


Deciding = Generator[Event, None, Case]
"""Events one after another, and in the end the case as the last of them left it."""


def decide(case: Case | None, command: Command, pack: Pack) -> list[Event]:
    """What happens when `command` is given; [] means already so, or not due yet.

    First what is overdue at that instant, then the command's line, then what follows by itself.
    Raises Refused: `not_permitted`, `not_now` with what is allowed, or the code of the guard that forbids it.
    """
    return list(decision(case, command, pack).events)


def decision(case: Case | None, command: Command, pack: Pack) -> Decision:
    """`decide`, with the case after the events, which had to be known to decide them. Raises Refused."""
    if isinstance(command, cmd.OpenCase):
        return _whole(_open(_permitted(command, pack), pack)) if case is None else Decision((), case)
    assert case is not None, "only a report opens a case"
    if command.at < case.last_at:
        command = replace(command, at=case.last_at)
    if isinstance(command, cmd.ByReporter) and command.request_id is not None:
        return _heard(case, command, pack)
    return _whole(_decided(case, command, pack))


def _whole(deciding: Deciding) -> Decision:
    events: list[Event] = []
    while True:
        try:
            events.append(next(deciding))
        except StopIteration as done:
            return Decision(tuple(events), done.value)


_NO_CASE = cast("Case", None)
"""The lines of row 2 ask the report; there is no case yet."""


def _permitted(command: cmd.OpenCase, pack: Pack) -> cmd.OpenCase:
    """A person who opens a case is told what is wrong; a report that was taken is never refused (promise 1)."""
    for guard in () if command.person is None else _ROWS[cmd.OpenCase][0].guards:
        if guard.broken(_NO_CASE, command, pack) is not False:
            raise Refused(guard.code)
    return command


def _open(command: cmd.OpenCase, pack: Pack) -> Deciding:
    (opened,) = triage.open_case(command, pack)
    yield opened
    case = yield from _overdue(evolve(None, opened), command, pack)
    return (yield from _chained(case, follow_on.after_opening(case, command, pack), pack))


def _decided(case: Case, command: Command, pack: Pack) -> Deciding:
    case = yield from _overdue(case, command, pack)
    if isinstance(command, cmd.TimePassed):
        return case
    return (yield from _chained(case, [command], pack))


def _overdue(case: Case, command: Command, pack: Pack) -> Deciding:
    """Time itself, and what every late command says first; one rung a clock and check (decisions 1.39).

    What a reporter asked for in time is not late because it is heard late (mechanics 3).
    """
    until = command.asked_at if isinstance(command, cmd.ByReporter) else command.at
    while (found := follow_on.first_due(case, until)) is not None:
        due = replace(found, at=command.at)
        row, before, behind = _line_of_time(case, due, pack), case, list[Command]()
        for event in row.then(case, _as_command_of(row, due), pack):
            case = evolve(case, event)
            yield event
            behind += follow_on.after(before, case, event, due, pack)
        case = yield from _chained(case, behind, pack)
    return case


def _line_of_time(case: Case, due: cmd.TimePassed, pack: Pack) -> Row:
    level = "case" if due.whistle_id is None else "whistle" if due.responder is None else "responder"
    assert due.clock is not None
    for row in _CLOCKS.get((level, due.clock), ()):
        if state_for(row, case, due) in row.from_ and _broken(row, case, due, pack) is None:
            return row
    raise LookupError(f"no line for the clock {due.clock} of a {level} in a case that is {case.state}")


def _as_command_of(row: Row, due: cmd.TimePassed) -> Given:
    """Giving up and archiving are commands of their own name, which only the clock gives."""
    return due if row.kind is cmd.TimePassed else row.kind(at=due.at)


def _chained(case: Case, commands: list[Command], pack: Pack) -> Deciding:
    while commands:
        command = commands.pop(0)
        before = case
        for event in _line(case, command, pack).then(case, command, pack):
            case = evolve(case, event)
            yield event
            commands += follow_on.after(before, case, event, command, pack)
    return case


def _line(case: Case, command: Command, pack: Pack) -> Row:
    """Behind an event even time may speak: a suspended case that becomes critical goes on (decisions 1.29)."""
    if isinstance(command, cmd.TimePassed):
        return _line_of_time(case, command, pack)
    return row_for(case, command, pack)


def _heard(case: Case, command: cmd.ByReporter, pack: Pack) -> Decision:
    """A reporter's request is answered by exactly one event, accepted or refused; a repeat by none (mechanics 3)."""
    assert command.request_id is not None
    if command.request_id in case.requests:
        return Decision((), case)
    asked = REQUESTS[type(command)]
    by = ev.By(reporter=command.reporter_ref)
    try:
        done = _whole(_decided(case, cast("Command", command), pack))
    except Refused as refused:
        no = ev.RequestRefused(
            at=command.at, by=by, request_id=command.request_id, reporter_ref=command.reporter_ref or "", asked=asked,
            code=refused.code, replies=(ev.Reply("reply.request_refused", to=command.reporter_ref),),
        )  # fmt: skip
        return Decision((no,), evolve(case, no))
    yes = ev.RequestAccepted(
        at=command.at, by=by, request_id=command.request_id, reporter_ref=command.reporter_ref or "", asked=asked,
        replies=(ev.Reply("reply.request_accepted", to=command.reporter_ref),),
    )  # fmt: skip
    return Decision((*done.events, yes), evolve(done.case, yes))


REQUESTS: dict[type[Given], str] = {
    cmd.SupplyInfo: "info", cmd.Rate: "rate", cmd.Reopen: "reopen", cmd.Withdraw: "withdraw", cmd.Urge: "urge",
    cmd.DisputeRefusal: "dispute", cmd.RaiseSecrecy: "secrecy",
}  # fmt: skip
"""What a reporter asks, and the command it becomes."""


def row_for(case: Case, command: Command, pack: Pack) -> Row:
    """The line of a command. Who may never give it: `not_permitted`; not now: `not_now` with what is allowed."""
    rows = [row for row in _ROWS[type(command)] if stands_in(row, case, command, pack)]
    if not rows:
        raise Refused("not_permitted", command=name_of(type(command)))
    fitting = [row for row in rows if state_for(row, case, command) in row.from_]
    if not fitting:
        allowed = sorted({*may_as(case, command, pack)})
        state = state_for(rows[0], case, command)
        raise Refused("not_now", command=name_of(type(command)), state=state, allowed=allowed)
    refusal: Refused | None = None
    for row in fitting:
        broken = _broken(row, case, command, pack)
        if broken is None:
            return row
        guard, refused = broken
        if not guard.picks:
            raise refused
        refusal = refusal or refused
    assert refusal is not None
    raise refusal


def _broken(row: Row, case: Case, command: Given, pack: Pack) -> tuple[Guard[Given], Refused] | None:
    for guard in row.guards:
        said = guard.broken(case, command, pack)
        if said is not False:
            return guard, Refused(guard.code, **(said if said is not True else {}))
    return None


def state_for(row: Row, case: Case, command: Given) -> str:
    """The state that a line is about: the case's, the whistle's or the responder's; `-` where there is none yet."""
    if row.level == "case":
        return case.state
    called = whistle_of(case, command)
    if isinstance(command, cmd.TimePassed):
        called = case.whistles[command.whistle_id or ""]
        if row.level == "responder":
            return called.responders[command.responder or ""].state
    if row.level == "whistle":
        return "-" if called is None else called.state
    if called is None or called.state not in ("blown", "working"):
        return "-" if called is None else f"whistle {called.state}"
    responder = responder_named(case, command)
    return "-" if responder is None else responder.state


def rows_of(kind: type[Given]) -> tuple[Row, ...]:
    return _ROWS[kind]


def stands_in(row: Row, case: Case, command: Given, pack: Pack) -> bool:
    """Whether whoever gives the command is one of those the line names; the system itself is nobody else."""
    if command.by_system:
        return "system" in row.who
    return any(stands(word, case, command, pack) for word in row.who)


def may(case: Case, person: str, pack: Pack, enrolled: cmd.Enrolled | None = None) -> list[str]:
    """The commands this person may give now: the same lines, asked instead of enforced.

    `enrolled` is the person's registration for the place, where there is one in force.
    """
    posts: list[str | None] = [None, *(post.post_id for post in pack.directory.posts_of(person))]
    found = (row.command for post in posts for row in _open_rows(case, person, post, pack, enrolled))
    return list(dict.fromkeys(found))


def may_as(case: Case, command: Given, pack: Pack) -> list[str]:
    return list(dict.fromkeys(row.command for row in _open_rows(case, command.person, command.post, pack)))


def may_on_whistle(
    case: Case, whistle_id: str, person: str, pack: Pack, enrolled: cmd.Enrolled | None = None
) -> list[str]:
    posts: list[str | None] = [None, *(post.post_id for post in pack.directory.posts_of(person))]
    found = (
        row.command
        for post in posts
        for row in (*WHISTLE_FLOW, *RESPONDER_FLOW)
        if row.level == "responder" or "-" not in row.from_
        if _offers(row, case, _probe(row, case, person, post, whistle_id, enrolled), pack)
    )
    return list(dict.fromkeys(found))


def may_reporter(case: Case, reporter_ref: str, pack: Pack) -> list[str]:
    """What one of the case's reporters may ask now."""
    found: list[str] = []
    for row in (row for row in CASE_FLOW if row.kind in REQUESTS):
        probe = _probe(row, case, None, None, "")
        object.__setattr__(probe, "reporter_ref", reporter_ref)
        if _offers(row, case, probe, pack):
            found.append(REQUESTS[row.kind])
    return list(dict.fromkeys(found))


def _open_rows(
    case: Case, person: str | None, post: str | None, pack: Pack, enrolled: cmd.Enrolled | None = None
) -> Iterator[Row]:
    for whistle_id, rows in _rows_from_here(case):
        for row in rows:
            if _offers(row, case, _probe(row, case, person, post, whistle_id, enrolled), pack):
                yield row


def _rows_from_here(case: Case) -> Iterator[tuple[str, tuple[Row, ...]]]:
    """Only lines that begin in the state of the case or of a whistle, and that somebody may give: few of them all."""
    yield "", _from_state("case", case.state)
    yield "", _from_state("whistle", "-")
    for whistle_id, whistle in case.whistles.items():
        yield whistle_id, _from_state("whistle", whistle.state)
        yield whistle_id, _GIVEN_TO_RESPONDERS


_GIVEN_TO_RESPONDERS = tuple(row for row in RESPONDER_FLOW if row.who != ("system",))


@cache
def _from_state(level: Level, state: str) -> tuple[Row, ...]:
    return tuple(row for row in FLOW if row.level == level and state in row.from_ and row.who != ("system",))


def _offers(row: Row, case: Case, probe: Command, pack: Pack) -> bool:
    if not any(stands(word, case, probe, pack) for word in row.who if word != "system"):
        return False
    if any(guard.early and guard.broken(case, probe, pack) is not False for guard in row.guards):
        return False
    if row.level == "responder" and getattr(probe, "responder", None) is None:
        return _offers_to_responder(row, case, probe)
    return state_for(row, case, probe) in row.from_


def _offers_to_responder(row: Row, case: Case, probe: Command) -> bool:
    """For one's own move one's own state counts; for a move on behalf, that of any person who is called."""
    called = whistle_of(case, probe)
    if called is None or called.state not in ("blown", "working"):
        return False
    mine = responder_named(case, probe)
    states = [each.state for each in called.responders.values() if each.is_person] if mine is None else [mine.state]
    if mine is None and "-" in row.from_:
        return True
    return any(state in row.from_ for state in states)


def _probe(
    row: Row, case: Case, person: str | None, post: str | None, whistle_id: str, enrolled: cmd.Enrolled | None = None
) -> Command:
    """A command of that kind with nothing in it but who gives it: enough to ask who and when."""
    probe = object.__new__(row.kind)
    empty, said = _FIELDS[row.kind]
    for put in empty:
        put(probe, None)
    given: dict[str, object] = {
        "at": case.last_at, "person": person, "post": post, "whistle_id": whistle_id, "member": enrolled,
        "enrolled": enrolled,
    }  # fmt: skip
    for name, put in said:
        put(probe, given[name])
    return cast("Command", probe)


SAID = frozenset({"at", "person", "post", "whistle_id", "member", "enrolled"})
Put = Callable[[object, object], None]


def _fields(kind: type[Given]) -> tuple[tuple[Put, ...], tuple[tuple[str, Put], ...]]:
    """How to fill a command of that kind past its being frozen: what stays empty, and what a probe says."""
    puts = {name: cast("Put", getattr(kind, name).__set__) for name in kind.__dataclass_fields__}
    empty = tuple(put for name, put in puts.items() if name not in SAID)
    return empty, tuple((name, put) for name, put in puts.items() if name in SAID)


_FIELDS = {kind: _fields(kind) for kind in _ROWS}
