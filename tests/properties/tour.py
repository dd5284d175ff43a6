"""One walk over every line: each is tried from each prepared story until somebody gets through by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from shaoyin.domain import commands as cmd
from shaoyin.domain.flow import FLOW, row_for
from tests.properties.beginnings import STORIES, world_of
from tests.properties.life import Life
from tests.properties.moves import ELSEWHERE, attempt, let_through, open_moves
from tests.properties.reports import opening
from tests.properties.towns import Switches
from tests.properties.walked import rows_walked
from tests.properties.world import World

LOOKS = 14
"""How often the clock is looked at after each story."""
TRIES = 20
DUTY = ("p-jia-1", "duty")


def walk_every_line() -> None:
    """What is done with a second case and what time does first; then each line that is still missing."""
    _walk_beside()
    for name in STORIES:
        _let_time_pass(world_of(name))
    for number in (number for number in range(len(FLOW)) if number not in rows_walked()):
        next(_walks(number), None)


def _walk_beside() -> None:
    world = world_of("unclear")
    world.report(opening(Random(1), world.pack, world.now, "r-tour"))
    for name in ("accepted", "returned"):
        world = world_of(name)
        world.merge(world.lives[0], DUTY, same_reporter=False)
    world = world_of("two places, three came")
    first = next(iter(world.lives[0].known.whistles["w1"].responders))
    world.give(world.lives[0], cmd.WithdrawResponse(at=world.now, person=first, whistle_id="w1"))


def _let_time_pass(world: World) -> None:
    for _ in range(LOOKS):
        due = world.next_due()
        if due is None:
            return
        world.pass_time(due + timedelta(milliseconds=1))


def _walks(number: int) -> Iterator[None]:
    """Each time the line was walked from one of the stories, as it is and once 2027 is announced."""
    if FLOW[number].kind in ELSEWHERE:
        return
    for name in STORIES:
        for official in (False, True):
            world = world_of(name)
            world.switches = Switches(official=official)
            for dice in range(TRIES):
                if _walk(number, world, world.lives[0], Random(f"{number} {name} {dice}")):
                    yield


def _walk(number: int, world: World, life: Life, rng: Random) -> bool:
    scene = world.scene(life, rng)
    for move in open_moves(life.known):
        if move.number != number:
            continue
        command = attempt(move, scene)
        if command is None or isinstance(command, cmd.OpenCase):
            continue
        if let_through(life.known, command, world.pack) and row_for(life.known, command, world.pack) is FLOW[number]:
            world.give(life, command)
            return number in rows_walked()
    return False
