"""Two promises that are not about one case: every building is in one grid, and points decide nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from shaoyin.adapters.packs import load
from shaoyin.domain import commands as cmd
from shaoyin.domain.case import Case
from shaoyin.domain.flow import may
from shaoyin.domain.pack import Pack
from tests.domain import affairs
from tests.domain.affairs import result
from tests.domain.town import DUTY, PACKS, Story, types
from tests.properties.points import without_marks

GRIDS = frozenset({"micro_grid", "dedicated_grid"})
POINTS = ("point", "score", "merit", "credit")


def shipped() -> Iterator[Path]:
    """The packs of a place; the base alone has no areas."""
    return (folder for folder in sorted(PACKS.iterdir()) if (folder / "areas.yaml").exists())


@pytest.mark.parametrize("folder", list(shipped()), ids=lambda folder: folder.name)
def test_every_building_is_in_exactly_one_micro_grid_or_dedicated_grid(folder: Path) -> None:
    """Invariant I10."""
    pack = load(folder).pack
    assert pack is not None

    buildings = [area for area in pack.areas.areas.values() if area.kind == "building"]
    around = {
        each.area_id: [area for area in pack.areas.upward(each.area_id) if area.kind in GRIDS] for each in buildings
    }

    assert buildings
    assert {building: len(grids) for building, grids in around.items() if len(grids) != 1} == {}


def test_no_switch_of_a_pack_is_about_points() -> None:
    """There is nothing to turn off: no field of a pack, a case or a command speaks of points.

    Invariant I11.
    """
    named = {each.name for kind in (Pack, Case, cmd.Claim, cmd.GiveBack, cmd.TakeBack) for each in fields(kind)}

    assert {name for name in named if any(word in name for word in POINTS)} == set()


def _rated(marks: int) -> Story:
    story = affairs.work_done()
    for whistle_id, responder in ((affairs.UNIT, "municipal-duty"), (affairs.MEMBERS, "members")):
        mark = cmd.Score(responder=responder, promptness=marks, attendance=marks, quality=marks)
        story.give(DUTY, cmd.RateWhistle, whistle_id=whistle_id, ratings=(mark,))
        story.give(DUTY, cmd.CloseWhistle, whistle_id=whistle_id)
    story.give(DUTY, cmd.SubmitResult, **result())
    story.wait(days=9)
    return story


def test_the_best_and_the_worst_marks_lead_to_the_same_outcome_dates_permissions_and_alerts() -> None:
    """Invariant I11."""
    best, worst = _rated(5), _rated(1)

    assert types(best.history) == types(worst.history)
    assert best.alerts == worst.alerts
    assert without_marks(best.open_case) == without_marks(worst.open_case)
    assert may(best.open_case, DUTY[0], best.pack) == may(worst.open_case, DUTY[0], worst.pack)


def test_whoever_gives_back_an_order_or_steps_back_from_a_whistle_carries_no_mark() -> None:
    """Invariant I11."""
    story = affairs.claimed()
    claimant = story.open_case.owner.person
    story.give((claimant or "", None), cmd.GiveBack)
    whistle = affairs.whistles_answered()
    first = next(name for name, each in whistle.open_case.whistles[affairs.MEMBERS].responders.items())
    whistle.give((first, None), cmd.WithdrawResponse, whistle_id=affairs.MEMBERS)

    gone = whistle.open_case.whistles[affairs.MEMBERS].responders[first]
    assert (gone.state, gone.mark) == ("withdrawn", None)
    assert story.open_case.state == "open_for_claim"
    assert claimant not in {
        str(each.person) for each in (story.open_case.main, *story.open_case.co) if each is not None
    }
