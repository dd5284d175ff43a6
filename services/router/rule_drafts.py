"""A draft of the rules as it travels in the pages until it is handed in: it is kept nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.router.hand_in import BODY_AT_MOST
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.rule_draft import RuleDraft
from shaoyin.adapters.rule_table import Written

DRAFT = "draft"
SCENARIO = "scenario"
"""A scenario's text comes back under `scenario:<page>:<id>`."""
ROWS_AT_MOST = 500
Line = Annotated[str, Field(pattern=r"^[0-9]{1,6}[a-z]?$")]
Page = Annotated[str, Field(pattern=r"^scenarios(-[a-z0-9-]{1,60})?\.yaml$")]
STRICT = ConfigDict(extra="forbid")


class RowGiven(BaseModel):
    model_config = STRICT

    data: dict[str, Any]
    comment: Annotated[str, Field(max_length=10_000)] = ""


class DraftGiven(BaseModel):
    """`based_on` is the version that was in force when the page was made."""

    model_config = STRICT

    based_on: Annotated[int, Field(ge=1, le=10**6)]
    rows: Annotated[dict[Line, RowGiven], Field(max_length=ROWS_AT_MOST)] = {}
    dropped: Annotated[list[int], Field(max_length=ROWS_AT_MOST)] = []
    scenarios: Annotated[dict[Page, dict[str, str]], Field(max_length=50)] = {}

    @property
    def empty(self) -> bool:
        return not (self.rows or self.dropped or self.scenarios)

    @property
    def rules(self) -> RuleDraft:
        rows = {line: Written(row.data, row.comment) for line, row in self.rows.items()}
        return RuleDraft(rows, frozenset(self.dropped), self.scenarios)

    def with_row(self, line: str, data: Mapping[str, Any], comment: str) -> DraftGiven:
        return self.model_copy(update={"rows": {**self.rows, line: RowGiven(data=dict(data), comment=comment)}})

    def without_row(self, line: str) -> DraftGiven:
        return self.model_copy(update={"rows": {each: row for each, row in self.rows.items() if each != line}})

    def dropping(self, number: int, *, drop: bool) -> DraftGiven:
        """A row that goes takes what was written about it along."""
        others = [each for each in self.dropped if each != number]
        rows = {line: row for line, row in self.rows.items() if row.data.get("row") != number}
        return self.model_copy(update={"dropped": [*others, number] if drop else others, "rows": rows})


def draft_in(values: Mapping[str, Sequence[str]], number: int) -> DraftGiven:
    """What a form brought along, else a new one on the version in force. Raises Problem 422 for what is no draft."""
    said = "".join(values.get(DRAFT, ()))
    if not said:
        return DraftGiven(based_on=number)
    try:
        draft = DraftGiven.model_validate_json(said)
    except ValidationError as wrong:
        raise Problem(422, "no_draft") from wrong
    texts: dict[str, dict[str, str]] = {page: dict(of) for page, of in draft.scenarios.items()}
    for name, (text, *_) in values.items():
        kind, _, rest = name.partition(":")
        page, _, scenario = rest.partition(":")
        if kind == SCENARIO and page and scenario and len(text) < BODY_AT_MOST:
            texts.setdefault(page, {})[scenario] = text
    try:
        return DraftGiven.model_validate({**draft.model_dump(), "scenarios": texts})
    except ValidationError as wrong:
        raise Problem(422, "no_draft") from wrong


def written(draft: DraftGiven) -> str:
    """As the hidden field of a form holds it."""
    return json.dumps(draft.model_dump(), ensure_ascii=False, separators=(",", ":"))
