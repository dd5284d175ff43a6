"""The page on which a row is changed, within a draft of the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from services.router.row_form import row_form, whistles_in
from services.router.rule_drafts import written
from services.router.rule_pages import page
from services.router.rule_work import Work
from shaoyin.adapters.html_form import Values
from shaoyin.adapters.packs import load_handed
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.rule_codes import in_codes
from shaoyin.adapters.rule_draft import next_own_number, own_numbers
from shaoyin.adapters.rule_form import FACT, fields_of, first, row_of
from shaoyin.adapters.rule_problems import InRow, in_rows
from shaoyin.adapters.rule_reading import columns
from shaoyin.adapters.rule_table import rows_of, same


def row_page(work: Work, line: str, fields: Values | None = None, problems: Sequence[InRow] = ()) -> Response:
    """The row in a form, as the draft has it, or as it was just typed. Raises Problem 404."""
    data, comment = _row(work, line)
    shown = next((each for each in work.table.rows if each.line == line), None)
    fields = fields_of(data) if fields is None else fields
    number = int(data["row"])
    context = {
        "pack": work.pack, "number": work.line.number, "line": line, "row": shown, "columns": columns(),
        "form": row_form(fields, work.pack, work.table.pages, problems), "draft": written(work.draft),
        "comment": first("comment", fields) if "comment" in fields else comment, "problems": len(problems),
        "own": own_numbers(work.table.pages).get(number), "row_number": number, "started": not work.draft.empty,
    }  # fmt: skip
    return page(work.request, "row_form.html", context, work.who, 422 if problems else 200)


async def beside(work: Work, line: str) -> list[InRow]:
    """What is wrong with the row, as the pages tell it; scenarios, which take seconds, are not about a cell."""
    made = work.drafted
    loaded = await asyncio.to_thread(load_handed, work.pack.name, made.pages) if made.files else None
    about, _ = in_rows(loaded.problems if loaded is not None else (), made.starts)
    return [each for each in about if each.line == line]


def _row(work: Work, line: str) -> tuple[Mapping[str, Any], str]:
    """As the draft has it, else as it is in force; one that is just being written is in the draft of its form."""
    given = work.draft.rows.get(line)
    if given is not None:
        return given.data, given.comment
    entry = rows_of(work.table.pages).get(line)
    if entry is not None:
        return in_codes(entry.entry.data), entry.entry.comment
    if line == str(next_own_number(work.table.pages, work.draft.rules)):
        return {"row": int(line), "group": "category", "effect": "decides", "when": {}, "then": {}, "basis": ""}, ""
    raise Problem(404, "unknown_row", {"row": line[:10], "pack": work.pack.name})


def new_row(work: Work, like: str) -> Response:
    """A row of the community's own, begun as a copy of another or empty; its number is the first that is free."""
    number = next_own_number(work.table.pages, work.draft.rules)
    fields = fields_of(_row(work, like)[0]) if like else None
    return row_page(work, str(number), fields)


def one_more(what: str, work: Work) -> Values:
    """What was typed, with a place for one more condition or whistle."""
    fields = dict(work.values)
    if what == "add" and (fact := work.said("add")):
        return {**fields, FACT: [*fields.get(FACT, []), fact], f"when.{fact}.op": ["one_of"]}
    number = max(whistles_in(fields), default=-1) + 1
    return {**fields, f"whistles.{number}.type": [""]}


def put(work: Work) -> Work:
    """Into the draft; a row that says what is in force is no change."""
    line = work.said("line")
    was, _ = _row(work, line)
    data, comment = row_of(work.values, was), work.said("comment").strip()
    entry = rows_of(work.table.pages).get(line)
    if entry is not None and same(entry.entry.data, data) and entry.entry.comment == comment:
        return replace(work, draft=work.draft.without_row(line))
    return replace(work, draft=work.draft.with_row(line, data, comment))
