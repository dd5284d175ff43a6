"""One request about a draft of the rules: who sent it, what is in force, and what he has changed so far."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from services.router.hand_in import in_force
from services.router.pack_versions import InForce
from services.router.read_rules import Table, table_of
from services.router.rule_drafts import DraftGiven, draft_in
from services.router.rule_pages import pack_at, versions_of, visiting
from services.router.rule_visits import Visitor
from services.router.rules_officers import HANDS_IN, post_with
from shaoyin.adapters.html_form import Values
from shaoyin.adapters.rule_draft import Drafted, RuleDraft, drafted
from shaoyin.adapters.rule_form import first
from shaoyin.domain.pack import Pack


@dataclass(frozen=True)
class Work:
    """`moved`: another version came into force since the page was made that sent it."""

    request: Request
    who: Visitor
    pack: Pack
    line: InForce
    table: Table
    draft: DraftGiven
    values: Values
    moved: bool = False

    @property
    def drafted(self) -> Drafted:
        return drafted(self.table.pages, self.draft.rules)

    def said(self, name: str) -> str:
        return first(name, self.values)


async def begin(request: Request, values: Values) -> Work:
    """404 → 403 → 422. Where another version came into force meanwhile the changes are made on that one."""
    who, versions, pack = await visiting(request), versions_of(request), pack_at(request)
    await versions.settle_first()
    pack, line = in_force(versions, pack.name)
    post_with(HANDS_IN, who.person, pack)
    if request.method == "POST":
        who.check(values)
    table = await table_of(versions, pack, line)
    draft = draft_in(values, line.number)
    moved = draft.based_on != line.number
    draft = _changed_only(draft.model_copy(update={"based_on": line.number}), table)
    return Work(request, who, pack, line, table, draft, values, moved)


def _changed_only(draft: DraftGiven, table: Table) -> DraftGiven:
    """Without scenarios that are written as they were."""
    there = drafted(table.pages, RuleDraft()).scenarios
    was = {(page, each.scenario): each.text.rstrip() for page, entries in there.items() for each in entries}
    texts = {
        page: {scenario: text for scenario, text in of.items() if was.get((page, scenario), "") != text.rstrip()}
        for page, of in draft.scenarios.items()
    }
    return draft.model_copy(update={"scenarios": {page: of for page, of in texts.items() if of}})


def whole_number(said: str) -> int | str:
    """As a form has it; what is no number stays, and is refused by whoever reads it."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else said
