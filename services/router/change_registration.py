"""The shell around an enrolment's `decide`: load, decide, append with compare-and-set; on conflict decide again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.router.change_case import TRIES, Crowded
from services.router.desk import Desk
from services.router.documents import KeyKept
from services.router.registration_documents import StoredEnrolment, begun, owner_key
from services.router.registrations import EnrolmentChange
from shaoyin.domain import registration_commands as cmd
from shaoyin.domain.case import Refused
from shaoyin.domain.pack import Pack
from shaoyin.domain.registration_commands import RegistrationCommand
from shaoyin.domain.registration_flow import decide


class NoSuchEnrolment(Exception):  # noqa: N818 - said to whoever asked
    """There is no enrolment of that id, or nobody may know that there is."""


@dataclass(frozen=True, slots=True)
class EnrolmentAsked:
    """A command for an enrolment, and the key that makes its repeat harmless."""

    registration_id: str
    command: RegistrationCommand
    key: KeyKept | None = None


async def change_registration(desk: Desk, asked: EnrolmentAsked) -> StoredEnrolment:
    """Raises NoSuchEnrolment, Refused, Crowded. A repeat under a kept key is the caller's to recognise."""
    await desk.versions_of(())
    for _ in range(TRIES):
        stored = (await desk.registrations.load([asked.registration_id])).get(asked.registration_id)
        if stored is None:
            raise NoSuchEnrolment(asked.registration_id)
        pack = desk.packs[stored.enrolment.community]
        after = stored.after(decide(stored.enrolment, asked.command, pack))
        key = None if asked.key is None else replace(asked.key, version=after.enrolment.version)
        if await desk.registrations.append(EnrolmentChange(stored, after, pack, key)):
            return replace(after, keys=after.keys if key is None else (*after.keys, key))
    raise Crowded(asked.registration_id)


async def begin(desk: Desk, command: cmd.Apply, pack: Pack, key: KeyKept | None) -> StoredEnrolment:
    """A new enrolment. Raises Refused; where one of that id is there already, that is the caller's to recognise."""
    same = await desk.registrations.open_of(owner_key(pack.name, command.kind, command.who), pack.name)
    command = replace(command, open_areas=tuple(each.enrolment.area for each in same))
    events = decide(None, command, pack)
    kept = () if key is None else (replace(key, version=len(events)),)
    stored = begun(events, keys=kept)
    if await desk.registrations.insert(stored, pack) != "new":
        raise Refused("already_registered", command="apply")
    return stored
