"""Judges a scenario: each cell of its `then` against what came, and whether its rows matched as it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from shaoyin.domain import events as ev
from shaoyin.domain.alert import alerts_for
from shaoyin.domain.calendar import CalendarMissing
from shaoyin.domain.case import Case
from shaoyin.domain.choosing import facts_of
from shaoyin.domain.clocks import Running
from shaoyin.domain.events import Party
from shaoyin.domain.evolve import evolve
from shaoyin.domain.header import header
from shaoyin.domain.located import located
from shaoyin.domain.pack import Pack
from shaoyin.domain.playing import Played, Unplayable, play
from shaoyin.domain.rule_table import RuleTable
from shaoyin.domain.rules import RowSeen, RuleRow, Then
from shaoyin.domain.scenario import BEATEN, NOTHING, Failure, Scenario, Wanted

MATCHED = "matched"


def failures(scenario: Scenario, pack: Pack) -> Iterator[Failure]:
    """Nothing means that the pack keeps what the scenario promises."""
    try:
        played = play(scenario, pack)
    except Unplayable as error:
        yield Failure(error.path, "", str(error))
        return
    except CalendarMissing as missing:
        yield Failure(("given",), "", str(missing))
        return
    if played.refused is not None and "refused" not in scenario.then:
        yield Failure(("when", "then"), "", played.refused)
    for cell, wanted in scenario.then.items():
        for steps, want, came in _compared(cell, wanted, played):
            if want != came:
                yield Failure(("then", cell, *steps), want, came, _why(wanted, played))
    yield from _rows_as_said(scenario, played)


Compared = tuple[tuple[str, ...], str, str]


def _compared(cell: str, wanted: Wanted, played: Played) -> Iterator[Compared]:
    if cell in _PARTIES:
        yield (), _words(_posts(wanted, cell, played)), _words(_PARTIES[cell](played))
    elif cell in _AMONG:
        yield (), *_among(cell, wanted, played)
    elif isinstance(wanted, Mapping):
        for name, word in wanted.items():
            yield (name,), word, _ENTRIES[cell](name, word, played)
    else:
        yield (), _words(wanted), _words(_PLAIN[cell](played))


def _words(value: Wanted | None) -> str:
    """One way of writing for what was wanted and what came; lists in any order."""
    if isinstance(value, tuple):
        return ", ".join(sorted(map(str, value))) or NOTHING
    return NOTHING if value is None else str(value)


# Plain cells: what came, in words


Looked = ev.CaseReported | ev.CaseAccepted | ev.CaseDispatched
"""Events in which the table was asked."""


def _looked(played: Played) -> Iterator[Looked]:
    """Last first."""
    return (each for each in reversed(played.history) if isinstance(each, Looked))


def explanation(played: Played) -> tuple[RowSeen, ...]:
    """The rows that were asked last."""
    return next((each.explanation for each in _looked(played) if each.explanation), ())


def rows_at_work(played: Played) -> frozenset[int]:
    """The rows that decided, added or scheduled something in the whole of the story."""
    table = played.pack.rules
    back = {row.row for each in played.history if isinstance(each, ev.CaseReturned) for row in _of_return(each, table)}
    return frozenset(back | {row for each in _looked(played) for row in _rows(each, played.pack)})


def _of_return(returned: ev.CaseReturned, table: RuleTable) -> Iterator[RuleRow]:
    return iter(table.of_load({"returns": returned.number}))


def _rows(look: Looked, pack: Pack) -> tuple[int, ...]:
    """The row that named the handler first, then those beside it, each once."""
    known = pack.rules.by_line
    rows = [known[line].row for line in look.lines if line in known]
    rows += [each.row for each in _proposals(look)]
    return tuple(dict.fromkeys((*rows, *(look.added_rows if isinstance(look, ev.CaseDispatched) else ()))))


def _proposals(look: Looked) -> tuple[ev.Scheduled, ...]:
    return () if isinstance(look, ev.CaseReported) else look.scheduled


def _added(played: Played) -> tuple[str, ...]:
    """What added or scheduled something beside the row that named the handler."""
    last = next((rows for each in _looked(played) if (rows := _rows(each, played.pack))), ())
    return tuple(str(row) for row in last[1:])


def _all_proposals(played: Played) -> tuple[ev.Scheduled, ...]:
    return tuple(thing for each in _looked(played) for thing in _proposals(each))


def _proposal_due(played: Played) -> str | None:
    return next((_local(each.due_at, played.pack) for each in _all_proposals(played)), None)


def _recipients(played: Played, kind: type[ev.Happened]) -> Iterator[str]:
    """Who is told of the events of a kind."""
    if played.case is not None:
        about = header(played.case, played.history)
        for event in played.history:
            if isinstance(event, kind):
                yield from dict.fromkeys(alert.recipient for alert in alerts_for(event, about, played.pack))


def _numbers(played: Played) -> tuple[str, ...]:
    shown: dict[str, None] = {}
    for event in played.history:
        if isinstance(event, ev.CaseReported):
            shown.update(dict.fromkeys(event.emergency_shown))
        if isinstance(event, ev.EmergencyDiverted | ev.EmergencyCalled):
            shown.update(dict.fromkeys(event.numbers))
    return tuple(shown)


def _of_case(read: Callable[[Case], Wanted | None]) -> Callable[[Played], Wanted | None]:
    return lambda played: None if played.case is None else read(played.case)


def _units(played: Played) -> tuple[str, ...]:
    """The partner units whose list of resources has what was looked for."""
    if played.resource is None:
        return ()
    return tuple(unit.org_id for unit in played.pack.partner("partner_unit", played.resource))


_PLAIN: Mapping[str, Callable[[Played], Wanted | None]] = {
    "row": _of_case(lambda case: case.row),
    "added": _added,
    "mode": _of_case(lambda case: case.mode),
    "urgency": _of_case(lambda case: case.urgency),
    "state": _of_case(lambda case: case.state),
    "late": _of_case(lambda case: case.late),
    "outcome": _of_case(lambda case: case.outcome),
    "secrecy": _of_case(lambda case: next((each.secrecy for each in case.reporters), None)),
    "triage_because": _of_case(lambda case: case.triage_because),
    "whistles": _of_case(lambda case: tuple(each.type for each in case.whistles.values())),
    "place": lambda played: located(played.history).how if played.history else None,
    "numbers": _numbers,
    "units": _units,
    "refused": lambda played: played.refused,
    "scheduled": lambda played: tuple(dict.fromkeys(each.what for each in _all_proposals(played))),
    "proposal_due": _proposal_due,
    "lead": _of_case(lambda case: case.merged_into),
    "ground": lambda played: next(
        (each.ground for each in played.history if isinstance(each, ev.CaseNotAccepted)), None
    ),
}


# Cells that name parties: a role of the place, or a post


def _name(party: Party | None) -> str | None:
    return None if party is None else party.post or party.person


def _main(played: Played) -> tuple[str, ...]:
    name = None if played.case is None else _name(played.case.main)
    return () if name is None else (name,)


def _parties(read: Callable[[Case], Iterable[Party]]) -> Callable[[Played], tuple[str, ...]]:
    return lambda played: tuple(_name(each) or "" for each in read(played.case)) if played.case is not None else ()


_PARTIES: Mapping[str, Callable[[Played], tuple[str, ...]]] = {
    "main": _main,
    "owner": _parties(lambda case: (case.owner,)),
    "co": _parties(lambda case: case.co),
    "informed": _parties(lambda case: case.informed),
    "alarmed": lambda played: tuple(_recipients(played, ev.EmergencyDiverted)),
    "proposed_to": lambda played: tuple(post for each in _all_proposals(played) for post in each.told),
}


def _posts(wanted: Wanted, cell: str, played: Played) -> tuple[str, ...]:
    """The posts that fill the roles at the place; whoever is the main handler is not named beside himself."""
    roles = wanted if isinstance(wanted, tuple) else (wanted,)
    named = tuple(dict.fromkeys(_post(str(role), played) for role in roles if role != NOTHING))
    if cell not in ("co", "informed"):
        return named
    nearer = (*_main(played), *(_PARTIES["co"](played) if cell == "informed" else ()))
    return tuple(each for each in named if each not in nearer)


def _post(role: str, played: Played) -> str:
    """A role that nobody fills at the place stays as it is written, and so cannot have come."""
    pack, case = played.pack, played.case
    if role in pack.directory.people:
        return role
    area = pack.root if case is None or case.area is None else case.area
    post = pack.roles.at(role, area, pack.areas.management(area, pack.calendar.local_day(_decided_at(played))))
    if post is None or (role in pack.directory.posts and post.post_id != role):
        return role if role in pack.directory.posts else f"{role} ?"
    return post.post_id


def _decided_at(played: Played) -> datetime:
    return next((each.at for each in _looked(played)), played.now)


# Cells that name what must be among what came


def _told(played: Played) -> frozenset[str]:
    if played.case is None:
        return frozenset()
    about = header(played.case, played.history)
    alerts = (alert.recipient for event in played.history for alert in alerts_for(event, about, played.pack))
    return frozenset(
        (*alerts, *(post for each in _looked(played) for thing in _proposals(each) for post in thing.told))
    )


def _replies(played: Played) -> frozenset[str]:
    return frozenset(reply.key for event in played.history for reply in event.replies)


_AMONG: Mapping[str, Callable[[Played], frozenset[str]]] = {"told": _told, "replies": _replies}


def _among(cell: str, wanted: Wanted, played: Played) -> tuple[str, str]:
    words = wanted if isinstance(wanted, tuple) else (wanted,)
    named = tuple(_post(str(each), played) if cell == "told" else str(each) for each in words)
    return _words(named), _words(tuple(each for each in named if each in _AMONG[cell](played)))


# Cells with an entry for each clock or row


def _term(clock: str, wanted: str, played: Played) -> str:
    """Its length as it was set, or the instant at which it ends where the scenario names one."""
    running = None if played.case is None else played.case.clocks.get(clock)
    if running is None:
        return NOTHING
    return running.deadline.within if _is_length(wanted) else _ends(running, played.pack)


def _is_length(wanted: str) -> bool:
    return not wanted[:4].isdecimal() or "-" not in wanted


def _ends(running: Running, pack: Pack) -> str:
    return _local(running.deadline.due_at, pack)


def _local(at: datetime, pack: Pack) -> str:
    return f"{at.astimezone(pack.zone):%Y-%m-%d %H:%M}"


def _lacking(number: str, wanted: str, played: Played) -> str:
    """What the row lacked: the whole condition, or the fact where the scenario names just that.

    A row that was not asked is asked alone; `beaten` where it lacks nothing and another came before.
    """
    asked = next((each for each in explanation(played) if str(each.row) == number), None)
    seen = asked or _alone(number, played)
    if seen is None:
        return NOTHING
    if seen.lacking is None:
        return MATCHED if seen.row in rows_at_work(played) else BEATEN
    return seen.lacking.split(" ", 1)[0] if " " not in wanted else seen.lacking


_LAST = RuleRow(0, "fallback", "decides", (), Then(), "")


def _alone(number: str, played: Played) -> RowSeen | None:
    """The answer of a row, or of one line of it, by itself, to the case as the rules met it."""
    lines = tuple(row for row in played.pack.rules.rows if number in (str(row.row), row.line))
    before = _before_the_look(played)
    if not lines or before is None:
        return None
    case, at = before
    return RuleTable((*lines, _LAST)).gone(facts_of(case, at, played.pack)).asked[0]


def _before_the_look(played: Played) -> tuple[Case, datetime] | None:
    case: Case | None = None
    found: tuple[Case, datetime] | None = None
    for event in played.history:
        before, case = case, evolve(case, event)
        if isinstance(event, Looked) and event.explanation:
            found = before or case, event.at
    return found


_ENTRIES: Mapping[str, Callable[[str, str, Played], str]] = {"deadlines": _term, "lacking": _lacking}
CELLS = frozenset({*_PLAIN, *_PARTIES, *_AMONG, *_ENTRIES})


# The rows a scenario is about


def _rows_as_said(scenario: Scenario, played: Played) -> Iterator[Failure]:
    """A positive scenario shows its rows at work, a near miss does not; a row that is no rule is not asked after."""
    at_work = rows_at_work(played)
    for number, row in enumerate(scenario.rows):
        if row in played.pack.rules.by_number and (row in at_work) != (scenario.kind == "positive"):
            came = MATCHED if row in at_work else _lacking(str(row), " ", played)
            yield Failure(("row", number), scenario.kind, came, _why(row, played))


def _why(wanted: object, played: Played) -> str:
    """The row that decided, and what the wanted one lacked where a row was wanted."""
    case = played.case
    if case is None:
        return ""
    if case.row is None:
        return ", ".join((case.state, *case.triage_because))
    seen = next((each for each in explanation(played) if each.row == wanted), None)
    lacking = "" if seen is None or seen.matched else f"; {wanted}: {seen.lacking} ({seen.seen})"
    return f"row {case.row}{lacking}"
