"""Which command comes next: a line that starts from here, with whoever may give it; or one that must be refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, replace
from random import Random
from typing import cast

from shaoyin.domain import commands as cmd
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.commands import Command
from shaoyin.domain.flow import FLOW, row_for, stands_in, state_for
from shaoyin.domain.pack import Pack
from shaoyin.domain.rows import Row
from tests.domain.town import gathered
from tests.properties.fields import made
from tests.properties.people import anybody, whoever
from tests.properties.scene import Scene

ELSEWHERE = (cmd.OpenCase, cmd.TimePassed, cmd.GiveUpInfo, cmd.Archive, cmd.MergeInto, cmd.AttachReporter)
"""Not drawn here: the clock's own, and those that need a second case."""
ENDS = frozenset({"not_accepted", "withdrawn", "transferred_out"})
FORWARD = frozenset(
    {"accept", "dispatch", "sign_for", "start", "submit_result", "pass_check", "post_for_claim", "claim",
     "approve_whistle", "acknowledge", "arrive", "agree_plan", "submit_response", "rate_whistle", "close_whistle"}
)  # fmt: skip
TRIES = 8


@dataclass(frozen=True)
class Move:
    """A line, and the whistle and responder it would be about."""

    number: int
    whistle_id: str = ""
    responder: str | None = None

    @property
    def row(self) -> Row:
        return FLOW[self.number]


def open_moves(case: Case) -> Iterator[Move]:
    """Every line that starts from the present state of the case, of one of its whistles, or of a responder."""
    for number, row in enumerate(FLOW):
        if row.kind in ELSEWHERE:
            continue
        if row.level == "case":
            if case.state in row.from_:
                yield Move(number)
        elif row.level == "whistle":
            yield from _of_whistles(number, row, case)
        else:
            yield from _of_responders(number, row, case)


def _of_whistles(number: int, row: Row, case: Case) -> Iterator[Move]:
    if "-" in row.from_ and len(case.whistles) < 6:
        yield Move(number, f"w{len(case.whistles) + 1}-{case.version}")
    for whistle in case.whistles.values():
        if whistle.state in row.from_:
            yield Move(number, whistle.whistle_id)


def _of_responders(number: int, row: Row, case: Case) -> Iterator[Move]:
    for whistle in case.whistles.values():
        if whistle.state not in ("blown", "working"):
            continue
        found = [each.responder for each in whistle.responders.values() if each.state in row.from_]
        for name in found[:3]:
            yield Move(number, whistle.whistle_id, name)
        if "-" in row.from_:
            yield Move(number, whistle.whistle_id)


def permitted(scene: Scene, wanted: Collection[int]) -> Command | None:
    """A command that somebody may give now and that the rules let through, where one is found in a few tries."""
    moves = list(open_moves(scene.case))
    weights = [_weight(move, wanted, scene.case) for move in moves]
    command: Command | None = None
    for move in scene.rng.choices(moves, weights, k=TRIES) if moves else ():
        command = attempt(move, scene) or command
        if command is not None and let_through(scene.case, command, scene.pack):
            return command
    return command


def let_through(case: Case, command: Command, pack: Pack) -> bool:
    """Whether a line takes the command, as the case is now."""
    try:
        row_for(case, command, pack)
    except Refused:
        return False
    return True


def _weight(move: Move, wanted: Collection[int], case: Case) -> float:
    weight: float = 8 if move.row.command in FORWARD else 1 if move.row.to in ENDS else 3
    if move.row.level != "case":
        weight = weight / (1 + len(case.whistles))
    return weight * (12 if move.number in wanted else 1)


def attempt(move: Move, scene: Scene) -> Command | None:
    """The line's command with its fields, given by somebody whom the line names; None where nobody is there."""
    here = replace(scene, whistle_id=move.whistle_id, responder=move.responder)
    bare = _bare(move.row, here)
    for person, post in whoever(move.row, here):
        command = _given_by(person, post, bare, here)
        if stands_in(move.row, scene.case, command, scene.pack):
            return gathered(command, scene.pack)
    return None


def forbidden(scene: Scene) -> Command | None:
    """A command by somebody whom no line of it names, or from a state in which none of its lines starts."""
    row = FLOW[scene.rng.randrange(len(FLOW))]
    if row.kind in ELSEWHERE:
        return None
    names = sorted(scene.case.whistles)
    here = replace(scene, whistle_id=scene.rng.choice(names) if names else "nothing")
    person, post = scene.rng.choice(anybody(here))
    command = gathered(_given_by(person, post, _bare(row, here), here), scene.pack)
    lines = [each for each in FLOW if each.kind is row.kind and stands_in(each, scene.case, command, scene.pack)]
    if any(state_for(each, scene.case, command) in each.from_ for each in lines):
        return None
    return command


def _bare(row: Row, scene: Scene) -> Command:
    known = made(row.kind, scene)
    names = {each.name for each in fields(row.kind)}
    if "whistle_id" in names:
        known["whistle_id"] = scene.whistle_id
    if "responder" in names and scene.responder is not None and "responder" not in known:
        known["responder"] = scene.responder
    if row.kind is cmd.RecomputeClocks:
        known["calendar"] = "2027 official"
    return cast("Command", row.kind(at=scene.now, **known))  # type: ignore[arg-type]  # by the names of its own fields


def _given_by(person: str | None, post: str | None, bare: Command, scene: Scene) -> Command:
    """A reporter gives his own request under an id; a desk on his behalf, a superior in his own name."""
    command = replace(bare, person=person, post=post)
    if isinstance(command, cmd.ByReporter):
        if person is None:
            return replace(command, request_id=f"q{scene.rng.randrange(10**9)}")
        return replace(command, on_behalf=scene.often(0.7), request_id=None)
    if isinstance(command, cmd.GiveBack) and person is None:
        return replace(command, claimant=_a_claimant(scene.case, scene.rng))
    if isinstance(command, cmd.OfResponder) and person is not None and scene.often(0.5):
        return replace(command, responder=None)
    if isinstance(command, cmd.WithdrawResponse) and person is not None:
        return replace(command, responder=None)
    return command


def _a_claimant(case: Case, rng: Random) -> str | None:
    claims = () if case.order is None else case.order.claims
    return rng.choice(claims).person if claims else None
