"""A draft of the rules with what is wrong with it beside each row; tried on past cases, and handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import RedirectResponse, Response

from services.router.checked_pages import problems_of
from services.router.counted import counted
from services.router.hand_in import hand_in
from services.router.pack_routes import COMMANDS
from services.router.rule_changes import other_pages, row_changes
from services.router.rule_drafts import written
from services.router.rule_pages import page, router_of, versions_of
from services.router.rule_rows import Telling
from services.router.rule_work import Work, whole_number
from services.router.simulate import simulate
from services.router.views import View
from shaoyin.adapters.packs import Located
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.rule_draft import Drafted
from shaoyin.adapters.rule_problems import InRow, in_rows
from shaoyin.adapters.rule_reading import columns

SCENARIOS_AT_MOST = 40
"""So many scenarios that do not come true are shown to be written anew; the others once these do."""
DAYS = "30"


async def draft_page(work: Work, problems: Sequence[Located] | None = None, **more: object) -> Response:
    """The draft with what is wrong with it beside each row."""
    made = work.drafted
    if problems is None:
        today = work.pack.calendar.local_day(router_of(work.request).desk.clock.now())
        problems = await problems_of(work.pack.name, made.pages, today) if made.files else ()
    about, elsewhere = in_rows(problems, made.starts)
    scenarios, elsewhere = _scenarios(elsewhere, made, work.pack.name)
    context = {
        "pack": work.pack, "number": work.line.number, "columns": columns(), "draft": written(work.draft),
        "changes": row_changes(work.table.pages, made.pages, work.pack), "about": _by_line(about),
        "scenarios": scenarios, "elsewhere": elsewhere, "problems": len(problems), "moved": work.moved,
        "pages": other_pages(work.table.pages, made.pages), "dropped": work.draft.dropped, "changed": bool(made.files),
        "every_line": [each.line for each in work.table.rows], "days": work.said("days") or DAYS,
        "note": work.said("note"),
        "rewritten": bool(work.draft.scenarios), "simulated": None, "tell": Telling(work.pack), **more,
    }  # fmt: skip
    return page(work.request, "draft.html", context, work.who, 422 if problems else 200)


def _by_line(about: Sequence[InRow]) -> Mapping[str, list[InRow]]:
    return {line: [each for each in about if each.line == line] for line in dict.fromkeys(each.line for each in about)}


def _scenarios(problems: Sequence[Located], made: Drafted, name: str) -> tuple[list[dict[str, Any]], list[Located]]:
    """The scenarios with their texts and what they say does not come true, and whatever is no scenario's."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    others = []
    for problem in problems:
        pack, _, file = problem.file.partition("/")
        entry = made.scenario_at(file, problem.row) if pack == name else None
        if entry is None:
            others.append(problem)
            continue
        told = {"page": file, "scenario": entry.scenario, "text": entry.text, "problems": []}
        found.setdefault((file, entry.scenario), told)["problems"].append(problem)
    return list(found.values())[:SCENARIOS_AT_MOST], others


async def tried(work: Work) -> Response:
    """On the cases of the last days; a draft with problems is not tried."""
    days, router = work.said("days"), router_of(work.request)
    files = work.drafted.files
    if not files:
        return await draft_page(work)
    asked = {"files": dict(files), "days": whole_number(days)}
    try:
        with counted(router.metrics, "simulate_version", COMMANDS):
            told = await simulate(router.desk, versions_of(work.request), work.who.person, work.pack.name, asked)
    except Problem as problem:
        return await _refused(work, problem)
    return await draft_page(work, (), simulated=told)


async def handed_in(work: Work) -> Response:
    """303 to the version. What is based on a version that is no longer in force is looked through once more first."""
    made, router = work.drafted, router_of(work.request)
    if work.moved or not made.files:
        return await draft_page(work)
    body: View = {"files": dict(made.files), "based_on": work.line.number, "note": work.said("note")}
    try:
        with counted(router.metrics, "hand_in_version", COMMANDS):
            kept = await hand_in(
                router.desk, versions_of(work.request), router.settings.packs, work.who.person, work.pack.name, body
            )  # fmt: skip
    except Problem as problem:
        return await _refused(work, problem)
    return RedirectResponse(f"/rules/{work.pack.name}/versions/{kept.version.number}", 303)


async def _refused(work: Work, problem: Problem) -> Response:
    """With every problem beside its row, without checking once more; or what was typed wrongly, as it is said."""
    if problem.code == "pack_refused":
        told: list[dict[str, Any]] = problem.members["problems"]  # type: ignore[assignment]
        return await draft_page(work, [Located(**each) for each in told])
    if problem.code == "invalid_fields":
        return await draft_page(work, wrong=[each.field for each in problem.errors])
    raise problem
