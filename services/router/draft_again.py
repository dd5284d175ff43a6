"""The draft that makes one version of another, so that somebody can go on from what was handed in."""

from __future__ import annotations

from collections.abc import Iterator

from services.router.rule_changes import differ
from services.router.rule_drafts import DraftGiven, RowGiven
from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.rule_codes import in_codes
from shaoyin.adapters.rule_draft import RuleDraft, drafted
from shaoyin.adapters.rule_table import PAGE, rows_of


def draft_between(before: Handed, after: Handed, number: int) -> DraftGiven | None:
    """Based on version `number`, which has the pages `before`. None where more differs than a draft can say."""
    *_, name = after
    was, now = rows_of(before), rows_of(after)
    rows = {
        line: RowGiven(data=in_codes(row.entry.data), comment=row.entry.comment)
        for line, row in now.items()
        if row.pack == name and differ(was.get(line), row)
    }
    own = {row.entry.data.get("row") for row in now.values() if row.pack == name}
    gone = {row.entry.data.get("row") for row in was.values() if row.pack == name} - own
    scenarios = {page: of for page, of in _scenarios(before, after) if of}
    draft = DraftGiven(based_on=number, rows=rows, dropped=sorted(gone), scenarios=scenarios)
    return draft if _says(drafted(before, draft.rules).pages, after) else None


def _scenarios(before: Handed, after: Handed) -> Iterator[tuple[str, dict[str, str]]]:
    was, now = drafted(before, RuleDraft()).scenarios, drafted(after, RuleDraft()).scenarios
    for page, entries in was.items():
        there = {each.scenario: each.text for each in now.get(page, ())}
        said = {each.scenario: there.get(each.scenario, "") for each in entries}
        yield page, {each.scenario: said[each.scenario] for each in entries if said[each.scenario] != each.text}


def _says(one: Handed, other: Handed) -> bool:
    """Whether two versions are the same, however their rules are laid out."""
    rows, others = rows_of(one), rows_of(other)
    same_rows = list(rows) == list(others) and not any(differ(rows[line], others[line]) for line in rows)
    return same_rows and _beside(one) == _beside(other)


def _beside(pages: Handed) -> dict[str, dict[str, bytes]]:
    return {of: {name: raw for name, raw in each.items() if name != PAGE} for of, each in pages.items()}
