"""What is in force, what was, and what waits to be approved; as the officers and the desk see it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

from services.router.hand_in import in_force
from services.router.pack_versions import Officer, Version
from services.router.rules_officers import APPROVES, HANDS_IN, post_with
from services.router.versions import Versions
from services.router.views import View
from shaoyin.adapters.pack_cells import unpacked_pages
from shaoyin.adapters.pack_times import problems_of_calendar
from shaoyin.adapters.pack_wording import said
from shaoyin.adapters.problem import Problem
from shaoyin.domain.pack import Pack


def list_packs(versions: Versions, now: datetime) -> View:
    return {"items": [_pack(versions, pack, now) for pack in versions.packs.values()], "next": None}


async def show_pack(versions: Versions, name: str, now: datetime) -> View:
    """What is in force, who handed it in and who approved it. `folder` is the version that lies at the server."""
    pack, line = in_force(versions, name)
    version = await found(versions, name, line.number)
    return {**_pack(versions, pack, now), "handed_in": _officer(version.handed_in), "note": version.note}


def _pack(versions: Versions, pack: Pack, now: datetime) -> View:
    """`number` is null, and so is what hangs on it, until the pack has been published for the first time."""
    line, folder = versions.lines.get(pack.name), versions.packs.begun_with.get(pack.name)
    return {
        "pack": pack.name, "version": pack.version, "name": dict(pack.names),
        "number": None if line is None else line.number, "publication": None if line is None else line.publication,
        "approved": None if line is None else _officer(line.approved),
        "problems": list(_problems(pack, now)), "usable": pack.name not in versions.packs.unusable,
        "folder": None if folder is None else {"version": folder, "in_force": folder == pack.version},
    }  # fmt: skip


def _problems(pack: Pack, now: datetime) -> Iterator[View]:
    """A pack in force was right when it was approved; since then only its calendar can have become too short."""
    for each in problems_of_calendar(pack, pack.calendar.local_day(now)):
        zh, en = said(each.code, {"about": each.about, "detail": each.detail})
        yield {"file": f"{pack.name}/{each.file}", "code": each.code, "zh": zh, "en": en}


async def list_versions(versions: Versions, name: str) -> View:
    """The latest first, each with when it was put in force; one that never was waits for its approval, or was left."""
    _, line = in_force(versions, name)
    publications = await versions.store.publications(name)
    approvals = {
        number: [_approval(each.publication, each.approved) for each in publications if each.number == number]
        for number in {each.number for each in publications}
    }
    items = [
        {**version_view(each), "in_force": each.number == line.number, "approvals": approvals.get(each.number, [])}
        for each in await versions.store.history(name)
    ]  # fmt: skip
    return {"items": items, "next": None}


async def show_version(versions: Versions, person: str, name: str, number: int) -> View:
    """With all its pages, those of the packs it extends included: for those who hand in and approve."""
    pack, _ = in_force(versions, name)
    officers_only(person, pack)
    version = await found(versions, name, number)
    packed = await versions.store.pages(name, number)
    pages = {} if packed is None else await asyncio.to_thread(unpacked_pages, packed)
    return {
        **version_view(version),
        "files": {f"{of}/{file}": page.decode() for of, files in pages.items() for file, page in files.items()},
    }


def officers_only(person: str, pack: Pack) -> None:
    try:
        post_with(HANDS_IN, person, pack)
    except Problem:
        post_with(APPROVES, person, pack)


async def found(versions: Versions, name: str, number: int) -> Version:
    version = await versions.store.find(name, number)
    if version is None:
        raise Problem(404, "unknown_version", {"pack": name, "number": number})
    return version


def version_view(version: Version) -> View:
    return {
        "pack": version.pack, "number": version.number, "version": version.version, "note": version.note,
        "based_on": version.based_on, "handed_in": _officer(version.handed_in),
    }  # fmt: skip


def _approval(publication: int, officer: Officer) -> View:
    return {"publication": publication, **_officer(officer)}


def _officer(officer: Officer) -> View:
    """Nobody by name: the system published the folder's version by itself."""
    return {"person": officer.person, "post": officer.post, "at": officer.at}
