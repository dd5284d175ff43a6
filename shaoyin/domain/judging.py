"""Judges a scenario: each cell of its `then` against what came, and whether its rows matched as it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from shaoyin.domain import events as ev
from shaoyin.domain.case import Case
from shaoyin.domain.choosing import facts_of
from shaoyin.domain.clocks import Running
from shaoyin.domain.events import Party
from shaoyin.domain.evolve import evolve
from shaoyin.domain.pack import Pack
from shaoyin.domain.playing import Played, Unplayable, play
from shaoyin.domain.rule_table import RuleTable
from shaoyin.domain.rules import RowSeen, RuleRow, Then
from shaoyin.domain.scenario import NOT_ASKED, NOTHING, Failure, Scenario, Wanted

MATCHED = "matched"


def failures(scenario: Scenario, pack: Pack) -> Iterator[Failure]:
    """Nothing means that the pack keeps what the scenario promises."""
    try:
        played = play(scenario, pack)
    except Unplayable as error:
        yield Failure(error.path, "", str(error))
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


def explanation(played: Played) -> tuple[RowSeen, ...]:
    """The rows that were asked last."""
    return next((each.explanation for each in reversed(played.history) if isinstance(each, ev.CaseDispatched)), ())


def rows_at_work(played: Played) -> frozenset[int]:
    """The rows that matched, decided or added in the whole of the story."""
    matched = {seen.row for seen in explanation(played) if seen.matched}
    for event in played.history:
        if isinstance(event, ev.CaseDispatched):
            matched |= {event.row, *event.added_rows}
    return frozenset(matched)


def _added(played: Played) -> tuple[str, ...]:
    found = [each.added_rows for each in played.history if isinstance(each, ev.CaseDispatched)]
    return tuple(map(str, found[-1])) if found else ()


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
    "place": lambda played: next(
        (each.place_how for each in played.history if isinstance(each, ev.CaseReported)), None
    ),
    "numbers": _numbers,
    "units": _units,
    "refused": lambda played: played.refused,
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
    area = pack.root if case is None or case.area is None else case.area
    if role in pack.directory.posts and pack.post_for(role, area) is None:
        return role
    post = pack.post_for(role, area)
    return f"{role} ?" if post is None else post.post_id


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
    return f"{running.deadline.due_at.astimezone(pack.zone):%Y-%m-%d %H:%M}"


def _lacking(number: str, wanted: str, played: Played) -> str:
    """What the row lacked, asked alone: the whole condition, or the fact where the scenario names just that.

    `not_asked` where it lacked nothing, and another row had stopped the walk or won before its turn.
    """
    row = played.pack.rules.by_number.get(int(number)) if number.isdecimal() else None
    before = _before_dispatch(played)
    if row is None or before is None:
        return NOTHING
    case, at = before
    (seen,) = RuleTable((row, _LAST)).gone(facts_of(case, at, played.pack)).asked[:1]
    if seen.lacking is None:
        return MATCHED if row.row in rows_at_work(played) else NOT_ASKED
    return seen.lacking.split(" ", 1)[0] if " " not in wanted else seen.lacking


_LAST = RuleRow(0, "fallback", "decides", (), Then(), "")


def _before_dispatch(played: Played) -> tuple[Case, datetime] | None:
    """The case as the rules met it."""
    case: Case | None = None
    found: tuple[Case, datetime] | None = None
    for event in played.history:
        if isinstance(event, ev.CaseDispatched) and case is not None:
            found = case, event.at
        case = evolve(case, event)
    return found


_ENTRIES: Mapping[str, Callable[[str, str, Played], str]] = {"deadlines": _term, "lacking": _lacking}
CELLS = frozenset({*_PLAIN, *_PARTIES, *_ENTRIES})


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
