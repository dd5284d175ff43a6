"""The pages of a version, checked as `python -m shaoyin check` checks a folder; whatever is wrong is told at once."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import date

from services.router.rules_officers import able
from shaoyin.adapters.bus_terms import LARGEST
from shaoyin.adapters.pack_cells import packed_cells_of
from shaoyin.adapters.pack_check import check_handed
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.packs import Loaded, Located
from shaoyin.adapters.problem import Problem

ROOM = 20_000
"""Bytes of a message beside the cells: key, headers, the other fields."""


async def check_pages(name: str, pages: Handed, today: date) -> None:
    """Raises Problem 422 with every problem: file, row, column, code and the words in both languages."""
    problems = await problems_of(name, pages, today)
    if problems:
        told = [asdict(each) for each in problems]
        raise Problem(422, "pack_refused", {"count": len(told)}, members={"problems": told})


async def problems_of(name: str, pages: Handed, today: date) -> tuple[Located, ...]:
    """Every problem; none where the pages could be published today."""
    return await asyncio.to_thread(_problems, name, pages, today)


def _problems(name: str, pages: Handed, today: date) -> tuple[Located, ...]:
    loaded = check_handed(name, pages, today)
    return loaded.problems or tuple(_of_publication(name, pages, loaded))


def _of_publication(name: str, pages: Handed, loaded: Loaded) -> list[Located]:
    """What is no fault of a pack and would yet leave nobody to publish the next one, or no room in a message."""
    assert loaded.pack is not None
    found = []
    if not able(loaded.pack):
        found.append(Located(f"{name}/orgs.yaml", 1, 1, "posts", "nobody_publishes", *NOBODY))
    if len(packed_cells_of(pages)) > LARGEST - ROOM:
        found.append(Located(f"{name}/pack.yaml", 1, 1, "", "pack_too_large", *TOO_LARGE))
    return found


NOBODY = (
    "这一版生效后,没有两个不同的人能提交和批准下一版:要有覆盖全区域的 rules 和 rules_approve 岗位,由不同的人担任",
    "under this version no two persons could hand in and approve the next: posts with the rights rules and "
    "rules_approve over the whole area are needed, held by different people",
)
TOO_LARGE = (
    "整个规则包压缩后仍超过一条消息的大小(约 1 MB)",
    "the whole pack does not fit into one message, even packed (about 1 MB)",
)
