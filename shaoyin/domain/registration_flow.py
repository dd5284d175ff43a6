"""The whole life of an enrolment on one page: from where, who may, what forbids it, what then (rows a33-a39).

The same rows enforce (`decide`), offer (`may`) and document; a test compares them with the specification both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from shaoyin.domain import registration_commands as cmd
from shaoyin.domain import registration_events as ev
from shaoyin.domain import registration_rules as rules
from shaoyin.domain.case import Refused
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.given import Given
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration import Enrolment, evolve
from shaoyin.domain.registration_commands import RegistrationCommand
from shaoyin.domain.registration_events import RegistrationEvent
from shaoyin.domain.registration_rules import COMMUNITY, Asked

OWN = ("member", "unit_duty")
NOBODY_YET = "-"
OF_THE_HAT = frozenset({"not_permitted", "not_yours"})
"""The guards that another post of the same person may pass."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A rule that may forbid it, by its code. `told`: it hangs on what the command says, so `may` cannot ask it."""

    code: str
    broken: Callable[[Asked], bool]
    told: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the flow. `who` are words of the specification; `by_shape` are codes of fields that do not exist."""

    number: str
    kind: type[RegistrationCommand]
    command: str
    from_: frozenset[str]
    to: str
    who: tuple[str, ...]
    guards: tuple[Guard, ...]
    events: tuple[type[RegistrationEvent], ...]
    then: Callable[[Asked], list[RegistrationEvent]]
    by_shape: tuple[str, ...] = ()


NOT_OWN = Guard("own_registration", rules.ones_own)
YOURS = Guard("not_yours", rules.neither_own_nor_of_the_community)

REGISTRATION_FLOW: tuple[Row, ...] = (
    Row(
        "a33", cmd.Apply, "apply", frozenset({NOBODY_YET}), "applied", (*OWN, *COMMUNITY),
        (
            Guard("not_permitted", rules.for_another),
            Guard("already_registered", rules.already_registered, told=True),
        ),
        (ev.RegistrationApplied,), rules.apply, by_shape=("unknown_field",),
    ),
    Row(
        "a34", cmd.Confirm, "confirm", frozenset({"applied"}), "active", COMMUNITY,
        (NOT_OWN, Guard("starts_later", rules.starts_later)),
        (ev.RegistrationConfirmed, ev.RegistrationActivated), rules.confirm_now,
    ),
    Row(
        "a34", cmd.Confirm, "confirm", frozenset({"applied"}), "confirmed", COMMUNITY,
        (NOT_OWN, Guard("starts_now", rules.starts_now)), (ev.RegistrationConfirmed,), rules.confirm_for_later,
    ),
    Row(
        "a35", cmd.TimePassed, "time_passed", frozenset({"confirmed"}), "active", ("system",),
        (Guard("not_due", rules.starts_later),), (ev.RegistrationActivated,), rules.activate,
    ),
    Row(
        "a36", cmd.RefuseRegistration, "refuse_registration", frozenset({"applied"}), "refused", COMMUNITY,
        (Guard("reason_missing", rules.no_reason, told=True),), (ev.RegistrationRefused,), rules.refuse,
    ),
    Row(
        "a37", cmd.Pause, "pause", frozenset({"active"}), "paused", (*OWN, *COMMUNITY), (YOURS,),
        (ev.RegistrationPaused,), rules.pause,
    ),
    Row(
        "a38", cmd.ResumeRegistration, "resume_registration", frozenset({"paused"}), "active", (*OWN, *COMMUNITY),
        (YOURS,), (ev.RegistrationResumed,), rules.resume,
    ),
    Row(
        "a39", cmd.End, "end", frozenset({"applied", "confirmed", "active", "paused"}), "ended", (*OWN, *COMMUNITY),
        (
            Guard("not_permitted", rules.neither_own_nor_of_the_community),
            Guard("reason_missing", rules.no_reason_of_the_community, told=True),
        ),
        (ev.RegistrationEnded,), rules.end,
    ),
)  # fmt: skip
COMMANDS: dict[str, type[RegistrationCommand]] = {row.command: row.kind for row in REGISTRATION_FLOW}
CODES: tuple[str, ...] = tuple(dict.fromkeys(guard.code for row in REGISTRATION_FLOW for guard in row.guards))


def decide(enrolment: Enrolment | None, command: RegistrationCommand, pack: Pack) -> list[RegistrationEvent]:
    """What happens when `command` is given: first a start date that has come, then the command's own row.

    Raises Refused: `not_permitted`, `not_now` with what is allowed, or the code of the guard that forbids it.
    """
    if enrolment is not None:
        command = replace(command, at=max(command.at, enrolment.last_at))
    begun = _begun(enrolment, command, pack)
    for event in begun:
        enrolment = evolve(enrolment, event)
    asked = Asked(enrolment, command, pack)
    return [*begun, *_row_for(asked, type(command), told=True).then(asked)]


def permit(enrolment: Enrolment, kind: type[RegistrationCommand], given: Given, pack: Pack) -> None:
    """Refuses, as `decide` would, what the command's fields cannot change: who gives it, and the state."""
    for event in _begun(enrolment, given, pack):
        enrolment = evolve(enrolment, event)
    _row_for(Asked(enrolment, given, pack), kind, told=False)


def _begun(enrolment: Enrolment | None, command: Given, pack: Pack) -> list[RegistrationEvent]:
    """A start date that came and that no timer has seen yet; what `time_passed` itself does is its own row."""
    if enrolment is None or enrolment.state != "confirmed" or isinstance(command, cmd.TimePassed):
        return []
    asked = Asked(enrolment, command, pack)
    return [] if rules.starts_later(asked) else rules.activate(asked)


def _row_for(asked: Asked, kind: type[RegistrationCommand], *, told: bool) -> Row:
    rows = [row for row in REGISTRATION_FLOW if row.kind is kind and _names(row, asked)]
    if not rows:
        raise Refused("not_permitted", command=_name(kind))
    state = NOBODY_YET if asked.enrolment is None else asked.enrolment.state
    fitting = [row for row in rows if state in row.from_]
    if not fitting:
        raise Refused("not_now", command=_name(kind), state=state, allowed=_allowed(asked))
    codes = [next(_broken(row, asked, told=told), None) for row in fitting]
    if None not in codes:
        raise Refused(str(codes[0]), command=_name(kind))
    return fitting[codes.index(None)]


def _name(kind: type[RegistrationCommand]) -> str:
    return next(row.command for row in REGISTRATION_FLOW if row.kind is kind)


def _names(row: Row, asked: Asked) -> bool:
    """Whether whoever gives it is one of those the row names, and for one of those they may give it for."""
    if not any(rules.stands(word, asked) for word in row.who):
        return False
    return not any(guard.broken(asked) for guard in row.guards if guard.code == "not_permitted")


def _broken(row: Row, asked: Asked, *, told: bool) -> Iterator[str]:
    """The codes of the guards that forbid it, in the order of the row."""
    return (guard.code for guard in row.guards if (told or not guard.told) and guard.broken(asked))


def stands_in(enrolment: Enrolment | None, command: Given, kind: type[RegistrationCommand], pack: Pack) -> bool:
    """Whether the post in which it is given permits it, whatever the state."""
    asked = Asked(enrolment, command, pack)
    return any(
        _names(row, asked) and not any(each.broken(asked) for each in row.guards if each.code in OF_THE_HAT)
        for row in REGISTRATION_FLOW
        if row.kind is kind
    )


def may(enrolment: Enrolment, person: str, pack: Pack) -> list[str]:
    """The commands this person may give now: the same rows, asked instead of enforced."""
    posts = (None, *(post.post_id for post in pack.directory.posts_of(person)))
    given = (Given(at=enrolment.last_at, person=person, post=post) for post in posts)
    return list(dict.fromkeys(command for each in given for command in may_as(enrolment, each, pack)))


def may_as(enrolment: Enrolment, given: Given, pack: Pack) -> list[str]:
    """As one of his posts, or as himself."""
    return _allowed(Asked(enrolment, given, pack))


def _allowed(asked: Asked) -> list[str]:
    if asked.enrolment is None:
        return []
    probe = Given(at=asked.command.at, person=asked.command.person, post=asked.command.post)
    asked = replace(asked, command=probe)
    rows = (row for row in REGISTRATION_FLOW if asked.known.state in row.from_ and "system" not in row.who)
    offered = (row.command for row in rows if _names(row, asked) and not any(_broken(row, asked, told=False)))
    return list(dict.fromkeys(offered))
