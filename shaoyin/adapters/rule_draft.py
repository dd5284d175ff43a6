"""Changed rows and scenarios put into a pack's own pages; whatever was not changed stays, to the last sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile

from shaoyin.adapters.pack_shelf import Handed, has_scenarios
from shaoyin.adapters.rule_page import RulePage, page_of
from shaoyin.adapters.rule_problems import Starts, starts_of
from shaoyin.adapters.rule_table import PAGE, Row, Written, page_anew, rows_of

OWN_FROM = 201
"""New rows of a community begin here."""
Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class RuleDraft:
    """What somebody wants: rows by line, changed or new; numbers of own rows that go; scenarios as they should be
    written, by page and id, an empty one goes.
    """

    rows: Mapping[str, Written] = field(default_factory=dict)
    dropped: frozenset[int] = frozenset()
    scenarios: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScenarioText:
    """A scenario on its page: the row of the file in which it begins, and its own lines."""

    scenario: str
    row: int
    text: str


@dataclass(frozen=True)
class Drafted:
    """The whole pack with the draft in it, which own pages are new, and where rows and scenarios stand on them."""

    pages: Handed
    files: Mapping[str, str]
    starts: Starts
    scenarios: Mapping[str, tuple[ScenarioText, ...]]

    def scenario_at(self, file: str, row: int) -> ScenarioText | None:
        """`row` counts from 1, as the check does."""
        above = list(takewhile(lambda each: each.row <= row, self.scenarios.get(file, ())))
        return above[-1] if above else None


def drafted(packs: Handed, draft: RuleDraft) -> Drafted:
    """`packs` are pages that can be read, the community's own last."""
    *_, name = packs
    own, entries = dict(packs[name]), dict[str, tuple[ScenarioText, ...]]()
    for file in filter(has_scenarios, packs[name]):
        page = page_of(own[file])
        if texts := draft.scenarios.get(file):
            page = _with_scenarios(page, texts)
            own[file] = page.text.encode()
        entries[file] = tuple(_entries(page))
    rules = _rules({**packs, name: own}, name, draft)
    if rules is not None:
        own[PAGE] = rules
    files = {file: raw.decode() for file, raw in own.items() if raw != packs[name].get(file)}
    pages = {**packs, name: own}
    return Drafted(pages, files, starts_of(pages), entries)


def next_own_number(packs: Handed, draft: RuleDraft) -> int:
    """The first that no row has, nor had in what is in force."""
    taken = {row.entry.data.get("row") for row in rows_of(packs).values()}
    taken |= {row.data.get("row") for row in draft.rows.values()}
    return next(number for number in range(OWN_FROM, OWN_FROM + len(taken) + 1) if number not in taken)


def _rules(packs: Handed, name: str, draft: RuleDraft) -> bytes | None:
    left = _without(packs, name, draft.dropped)
    there = rows_of(left)
    wanted = [draft.rows.get(line) or Written(row.entry.data, row.entry.comment) for line, row in there.items()]
    new = [row for line, row in draft.rows.items() if line not in there]
    at = len(list(takewhile(lambda row: row.pack == name, there.values())))
    if not draft.rows and not draft.dropped:
        return None
    return page_anew(left, [*wanted[:at], *new, *wanted[at:]])[0]


def _without(packs: Handed, name: str, dropped: frozenset[int]) -> Handed:
    if not dropped or PAGE not in packs[name]:
        return packs
    page = page_of(packs[name][PAGE])
    kept = tuple(entry for entry in page.entries if entry.data.get("row") not in dropped)
    text = RulePage(page.head, kept, page.tail).text if kept else f"{page.head}[]\n"
    return {**packs, name: {**packs[name], PAGE: text.encode()}}


def own_numbers(packs: Handed) -> Mapping[int, bool]:
    """The numbers of the community's own rows, each with whether it stands for an inherited one."""
    *_, name = packs
    beneath = {row.entry.data.get("row") for row in rows_of({of: packs[of] for of in packs if of != name}).values()}
    return {number: number in beneath for row in rows_of(packs).values() if (number := _number(row, name))}


def _number(row: Row, name: str) -> int:
    number = row.entry.data.get("row")
    return number if row.pack == name and isinstance(number, int) else 0


def _with_scenarios(page: RulePage, texts: Mapping[str, str]) -> RulePage:
    """Scenarios stand on their page as rows do on theirs."""
    said = [(entry, texts.get(str(entry.data.get("id")), entry.text)) for entry in page.entries]
    kept = tuple(replace(entry, text=f"{text.rstrip()}\n") for entry, text in said if text.strip())
    return RulePage(page.head, kept, page.tail) if kept else RulePage(f"{page.head}[]\n", ())


def _entries(page: RulePage) -> Iterator[ScenarioText]:
    row = page.head.count("\n") + 1
    for entry in page.entries:
        row += entry.before.count("\n")
        yield ScenarioText(str(entry.data.get("id")), row, entry.text)
        row += entry.text.count("\n")
