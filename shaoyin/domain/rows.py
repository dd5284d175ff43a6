"""What a line of the flow is: from where, who may, which rule forbids it, what it may bring about, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Literal, TypeVar, cast

from shaoyin.domain.case import Case
from shaoyin.domain.events import Event
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.given import Given
from shaoyin.domain.pack import Pack

Level = Literal["case", "whistle", "responder"]
Broken = bool | Mapping[str, object]
G = TypeVar("G", bound=Given, contravariant=True)
C = TypeVar("C", bound=Given)


@dataclass(frozen=True, slots=True)
class Guard(Generic[G]):
    """A rule that forbids: its code, and when it is broken, with what its sentence needs.

    `picks` tells this line from another one of the same command: broken, the next line is asked before anybody is
    refused. `early` asks the case alone, so that `may` can say beforehand what would be refused.
    """

    code: str
    broken: Callable[[Case, G, Pack], Broken]
    picks: bool = False
    early: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the flow. `who` are words of the specification; `clocks` are those that give a line of time."""

    row: str
    kind: type[Given]
    level: Level
    from_: frozenset[str]
    to: str
    who: tuple[str, ...]
    guards: tuple[Guard[Given], ...]
    events: frozenset[str]
    then: Callable[[Case, Given, Pack], list[Event]]
    clocks: frozenset[str]

    @property
    def command(self) -> str:
        return name_of(self.kind)


def row(
    number: str,
    kind: type[C],
    from_: str,
    to: str,
    who: str,
    then: Callable[[Case, C, Pack], Sequence[Event]],
    *,
    guards: Sequence[Guard[C]] = (),
    events: Sequence[type[Event]],
    level: Level = "case",
    clocks: str = "",
) -> Row:
    """A line as the table writes it: words joined by `|`. What `then` does is called with its own kind only."""

    def typed(case: Case, command: Given, pack: Pack) -> list[Event]:
        assert isinstance(command, kind)
        return list(then(case, command, pack))

    return Row(
        number, kind, level, frozenset(from_.split("|")), to, tuple(who.split("|")),
        cast("tuple[Guard[Given], ...]", tuple(guards)), frozenset(each.type for each in events), typed,
        frozenset(clocks.split("|")) if clocks else frozenset(),
    )  # fmt: skip


def written(code: str, *fields: str) -> Guard[Given]:
    """The command's own text fields are filled in."""

    def broken(_case: Case, command: Given, _pack: Pack) -> Broken:
        empty = [each for each in fields if not str(getattr(command, each) or "").strip()]
        return {"fields": ", ".join(empty)} if empty else False

    return Guard(code, broken)


def name_of(kind: type[Given]) -> str:
    """`SignFor` is given as `sign_for`, at `/commands/sign_for` and in `may`."""
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in kind.__name__).lstrip("_")
