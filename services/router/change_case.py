"""The one shell around `decide`: load, decide, append with compare-and-set on the version; on conflict decide again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.router.cases import Change
from services.router.desk import Desk
from services.router.documents import KeyKept, Stored
from services.router.gather import gathered
from services.router.publish_events import publish_soon
from shaoyin.domain.commands import Command
from shaoyin.domain.flow import decision

TRIES = 20


class NoSuchCase(Exception):  # noqa: N818 - said to whoever asked
    """There is no case of that id, or nobody may know that there is."""


class Crowded(Exception):  # noqa: N818 - said to whoever asked: try again
    """So many changed the case at once that this command lost every time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command for a case, and the key that makes its repeat harmless."""

    case_id: str
    command: Command
    key: KeyKept | None = None


async def change_case(desk: Desk, asked: Asked, found: Stored | None = None) -> Stored:
    """Raises NoSuchCase, Refused, Crowded. A repeat under a kept key is the caller's to recognise.

    `found` is the case where the caller has just read it; should it have moved since, it is read again.
    """
    for _ in range(TRIES):
        stored, found = found or await desk.one(asked.case_id), None
        if stored is None:
            raise NoSuchCase(asked.case_id)
        await desk.versions_for([stored.case])
        whole = replace(asked, command=await gathered(desk, asked.command, stored.case))
        await desk.versions_for([stored.case])
        change = decided(desk, stored, whole)
        if change is None:
            return stored
        if await desk.keep(change):
            publish_soon(desk, change.after, change.before.case.version + 1)
            return change.after
    raise Crowded(asked.case_id)


def decided(desk: Desk, stored: Stored, asked: Asked) -> Change | None:
    """The change a command makes to a case as it is stored, None when it makes none. Raises Refused."""
    pack = desk.pack_for(stored.case)
    made = decision(stored.case, asked.command, pack)
    if not made.events:
        return None
    after = stored.after(made)
    key = None if asked.key is None else replace(asked.key, version=after.case.version)
    return Change(stored, after, pack, key)


async def change_cases(desk: Desk, asked: Sequence[Asked]) -> Mapping[str, Stored]:
    """Many cases, one command of time each, in one bulk: the winners are published, the losers decided again."""
    changed: dict[str, Stored] = {}
    left = {each.case_id: each for each in asked}
    for _ in range(TRIES):
        if not left:
            break
        stored = await desk.store.load(left)
        await desk.versions_for(each.case for each in stored.values())
        changes: dict[str, Change] = {}
        for case_id, each in list(left.items()):
            change = decided(desk, stored[case_id], each) if case_id in stored else None
            if change is None:
                del left[case_id]
            else:
                changes[case_id] = change
        won = await desk.store.append(list(changes.values()))
        for case_id in won:
            change = changes[case_id]
            publish_soon(desk, change.after, change.before.case.version + 1)
            changed[case_id] = change.after
            del left[case_id]
    return changed
