"""Gather before deciding: the facts that a command needs and no case holds (mechanics 5)."""

from __future__ import annotations

from dataclasses import fields, replace

from services.router.desk import Desk
from services.router.documents import Stored
from services.router.members import member_in, members_of
from services.router.opening import area_code
from shaoyin.adapters.geometry import hits_of
from shaoyin.domain import commands as cmd
from shaoyin.domain.case import Case
from shaoyin.domain.commands import Command
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven

LEADS_AT_MOST = 8
"""A lead of a lead of a lead: merging goes to the last of them (decisions 1.34)."""


async def gathered(desk: Desk, command: Command, case: Case) -> Command:
    """The command with its facts: who is enrolled there, the lead of a merge, the number of a new case."""
    pack = desk.pack_for(case)
    known = {each.name for each in fields(command)}
    area = case.area or pack.root
    if "members" in known:
        found = await members_of(desk, area, command.at, community=case.pack)
        command = replace(command, members=tuple(each.enrolled for each in found))  # type: ignore[arg-type]
    for name in known & {"member", "enrolled"}:
        person = getattr(command, "responder", None) or command.person
        mine = await member_in(desk, person, area, command.at, community=case.pack) if person else None
        command = replace(command, **{name: mine.enrolled if mine else None})  # type: ignore[arg-type]
    if isinstance(command, cmd.SupplyInfo):
        command = replace(command, hits=hits_of(pack, command.place))
    if isinstance(command, cmd.MergeInto):
        command = replace(command, found=await lead_of(desk, command.lead, case))
    if isinstance(command, cmd.SplitOff) and command.accepted and command.new_number is None:
        command = replace(command, new_number=await number_for(desk, pack, command.place, area))
    return command


async def lead_of(desk: Desk, case_id: str, case: Case) -> cmd.Lead | None:
    """The case that leads in the end; None where there is none of that id in this community."""
    for _ in range(LEADS_AT_MOST):
        stored: Stored | None = (await desk.store.load([case_id])).get(case_id)
        if stored is None or stored.case.pack != case.pack:
            return None
        lead = stored.case
        if lead.merged_into is None:
            return _lead(lead, case)
        case_id = lead.merged_into
    return None


def _lead(lead: Case, case: Case) -> cmd.Lead:
    mine = {each.ref for each in case.reporters}
    same = bool(mine) and any(each.ref in mine for each in lead.reporters)
    return cmd.Lead(lead.case_id, lead.number, lead.open, lead.category, lead.area, same)


async def number_for(desk: Desk, pack: Pack, place: PlaceGiven | None, area: str) -> str:
    day = pack.calendar.local_day(desk.clock.now())
    found = pack.areas.find(place, day, hits_of(pack, place)).area if place is not None else area
    return (await desk.numbers.take(area_code(pack, found), day))[0]
