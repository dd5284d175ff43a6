"""After an enrolment ended: places in whistles go to the first in line, claims go back to the pool, nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.router.change_case import Asked, change_case
from services.router.documents import Stored, replayed
from services.router.free_places import free_what_ended, freeing
from services.router.seed_registrations import seed_registrations
from shaoyin.domain import commands as cmd
from shaoyin.domain.commands import Command
from tests.domain.affairs import claimed, volunteers
from tests.domain.test_story import MEMBERS, whistles_blown
from tests.domain.town import MORNING, SECRETARY, Story, members
from tests.services.registration_setup import Office, office


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as found:
        await seed_registrations(found.desk)
        yield found


async def given(here: Office, story: Story) -> str:
    """A case with this history, and the clock at its present."""
    stored = replayed(story.history, "run")
    assert await here.desk.store.insert([(stored, story.pack)]) == set()
    here.clock.forward(story.now - MORNING)
    return stored.case.case_id


async def give(here: Office, case_id: str, kind: type[Command], person: str, **fields: object) -> None:
    command = kind(at=here.clock.now(), person=person, **fields)  # type: ignore[arg-type]
    await change_case(here.desk, Asked(case_id, command))


async def loaded(here: Office, case_id: str) -> Stored:
    return (await here.desk.store.load([case_id]))[case_id]


async def answered_by_twelve(here: Office) -> str:
    """Ten places taken, two persons in line."""
    story = whistles_blown()
    case_id = await given(here, story)
    for person in members(story.pack)[:12]:
        await give(here, case_id, cmd.Acknowledge, person, whistle_id=MEMBERS)
    return case_id


async def states(here: Office, case_id: str) -> dict[str, str]:
    whistle = (await loaded(here, case_id)).case.whistles[MEMBERS]
    return {each.responder: each.state for each in whistle.responders.values()}


async def test_a_place_that_is_given_up_by_leaving_goes_to_the_first_in_line(here: Office) -> None:
    case_id = await answered_by_twelve(here)
    before = await states(here, case_id)
    assert [before["p-gui-9"], before["p-gui-11"], before["p-gui-12"]] == ["acknowledged", "wait_listed", "wait_listed"]

    assert (await here.command("p-gui-9", "reg-09", "end")).status_code == 200
    assert await free_what_ended(here.desk) == 0

    after = await states(here, case_id)
    assert [after["p-gui-9"], after["p-gui-11"], after["p-gui-12"]] == ["withdrawn", "acknowledged", "wait_listed"]
    assert await here.desk.registrations.to_free(10) == []


async def test_what_was_freed_once_is_not_freed_again(here: Office) -> None:
    case_id = await answered_by_twelve(here)
    await here.command("p-gui-9", "reg-09", "end")
    await free_what_ended(here.desk)
    version = (await loaded(here, case_id)).case.version

    await free_what_ended(here.desk)

    assert (await loaded(here, case_id)).case.version == version
    assert freeing((await loaded(here, case_id)).case, "p-gui-9", here.clock.now()) == []


async def test_pausing_keeps_the_promised_place(here: Office) -> None:
    case_id = await answered_by_twelve(here)

    assert (await here.command("p-gui-9", "reg-09", "pause")).status_code == 200
    await free_what_ended(here.desk)

    assert (await states(here, case_id))["p-gui-9"] == "acknowledged"


async def test_who_is_on_site_when_the_enrolment_ends_stays_on_site(here: Office) -> None:
    case_id = await answered_by_twelve(here)
    await give(
        here, case_id, cmd.Arrive, "p-gui-9", whistle_id=MEMBERS, arrived_at=here.clock.now(), where="site"
    )  # fmt: skip

    await here.command("p-gui-9", "reg-09", "end")
    await free_what_ended(here.desk)

    assert (await states(here, case_id))["p-gui-9"] == "on_site"


async def test_a_claim_goes_back_to_the_pool(here: Office) -> None:
    story = claimed(places=1)
    claimant = volunteers(story)[0]
    case_id = await given(here, story)
    registration_id = next(
        each.registration_id for each in story.pack.directory.registrations if each.person == claimant
    )

    assert (await here.command(claimant, registration_id, "end")).status_code == 200
    assert await free_what_ended(here.desk) == 0

    order = (await loaded(here, case_id)).case.order
    assert order is not None
    assert not order.claimed_by(claimant)


async def test_who_is_still_enrolled_for_that_area_keeps_the_place(here: Office) -> None:
    near, far = await here.active("p-two", area="courtyard-51"), await here.active("p-two", area="estate-kangning")
    case_id = await given(here, whistles_blown())
    await give(here, case_id, cmd.Acknowledge, "p-two", whistle_id=MEMBERS)

    await here.command("p-two", far, "end")
    await free_what_ended(here.desk)
    assert (await states(here, case_id))["p-two"] == "acknowledged"

    await here.command("p-two", near, "end")
    await free_what_ended(here.desk)
    assert (await states(here, case_id))["p-two"] == "withdrawn"


async def test_the_end_of_a_unit_or_of_somebody_without_a_place_changes_no_case(here: Office) -> None:
    case_id = await answered_by_twelve(here)
    version = (await loaded(here, case_id)).case.version
    unit = str((await here.applied("p-wu-1", kind="unit"))["registration_id"])
    await here.command(SECRETARY[0], unit, "confirm")

    await here.command("p-wu-1", unit, "end")
    await here.command("p-ren-1", "reg-14", "end")

    assert await free_what_ended(here.desk) == 0
    assert (await loaded(here, case_id)).case.version == version
