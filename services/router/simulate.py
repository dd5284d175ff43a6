"""A draft is tried on the cases of the last days: which of them it would have sent elsewhere; nothing is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.router.checked_pages import check_pages
from services.router.desk import Desk
from services.router.hand_in import Files, changed_pages, in_force
from services.router.past_cases import PastReader
from services.router.show_packs import found, officers_only
from services.router.versions import Versions
from services.router.views import View
from shaoyin.adapters.packs import load_handed
from shaoyin.adapters.packs_in_force import made
from shaoyin.adapters.problem import field_errors, invalid
from shaoyin.domain.pack import Pack
from shaoyin.domain.what_if import Change, OfRow, Outcome, WhatIf

AT_A_TIME = 50
"""So many cases are asked before others get a turn."""
CHANGES_AT_MOST = 1_000
"""So many are told one by one, those of the rows with most changes first; all are counted."""


class Simulation(BaseModel):
    """A version that was handed in, or the pages that would be; and on how many of the last cases it is tried."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int | None, Field(ge=1, le=10**6)] = None
    files: Files = Field(default_factory=dict)
    days: Annotated[int, Field(ge=1, le=366)] = 30
    most: Annotated[int, Field(ge=1, le=20_000)] = 20_000

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        if (self.version is None) == (not self.files):
            raise ValueError("version or files")
        return self


async def simulate(desk: Desk, versions: Versions, person: str, name: str, raw: Mapping[str, object]) -> View:
    """404 → 403 → 422 (mechanics 27), as handing in; for those who hand in and those who approve."""
    pack, line = in_force(versions, name)
    officers_only(person, pack)
    try:
        asked = Simulation.model_validate(raw)
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    draft = await _draft(desk, versions, name, asked)
    assert desk.past is not None, "a router that runs reads past cases"
    since = desk.clock.now() - timedelta(days=asked.days)
    tried = WhatIf(draft)
    by_person, undecided = await _tried(tried, desk.past, pack.name, since, asked.most)
    return {
        "pack": name, "version": asked.version, "against": line.number, "days": asked.days,
        "asked": tried.asked, "changed": tried.changed, "by_person": by_person, "undecided": undecided,
        "impossible": tried.impossible[:CHANGES_AT_MOST], "rows": list(_rows(tried.rows)),
    }  # fmt: skip


async def _draft(desk: Desk, versions: Versions, name: str, asked: Simulation) -> Pack:
    pack, line = in_force(versions, name)
    if asked.version is not None:
        version = await found(versions, name, asked.version)
        cells = await versions.store.cells(name, version.version)
        assert cells is not None, f"version {asked.version} of {name} was handed in and has no pages"
        return await made(version.version, cells)
    pages = await changed_pages(versions, line, asked.files)
    await check_pages(name, pages, pack.calendar.local_day(desk.clock.now()))
    draft = (await asyncio.to_thread(load_handed, name, pages)).pack
    assert draft is not None, "what was checked can be used"
    return draft


async def _tried(tried: WhatIf, past: PastReader, pack: str, since: datetime, most: int) -> tuple[int, int]:
    """How many a person had decided, and how many nobody yet. Raises StoreDown."""
    by_person = undecided = 0
    async for page in past.since(pack, since, most):
        by_person += page.by_person
        undecided += page.undecided
        for first in range(0, len(page.cases), AT_A_TIME):
            tried.ask(page.cases[first : first + AT_A_TIME])
            await asyncio.sleep(0)
    return by_person, undecided


def _rows(rows: Sequence[OfRow]) -> Iterator[View]:
    left = CHANGES_AT_MOST
    for each in rows:
        told = each.changes[:left]
        left -= len(told)
        yield {"row": each.row, "counts": dict(each.counts), "changes": [_change(one) for one in told]}


def _change(each: Change) -> View:
    return {
        "case_id": each.case_id, "number": each.number, "cells": list(each.cells),
        "was": _outcome(each.was), "would_be": _outcome(each.would_be),
    }  # fmt: skip


def _outcome(each: Outcome) -> View:
    return {"row": each.row, "main": each.main, "mode": each.mode, "result_due_at": each.result_due_at}
