"""The shape of a page of scenarios: which cells there are, and what may stand in each."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, RootModel
from pydantic import model_validator as checked

from shaoyin.adapters.pack_names import Name, Names, Text, Words, wrong
from shaoyin.adapters.pack_shapes import Code, Length, Shape, within_of
from shaoyin.domain.pack import Urgency
from shaoyin.domain.report import Origin, Secrecy
from shaoyin.domain.scenario import Kind

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}")
_ONE = r"[a-z0-9]+([-_][a-z0-9]+)*(:[a-z0-9_]+)?"
_ROW = re.compile(r"[1-9][0-9]{0,3}[a-z]?")


def _instant(cell: object) -> datetime:
    if not isinstance(cell, str) or _INSTANT.fullmatch(cell) is None:
        raise wrong("not_an_instant")
    try:
        return datetime.fromisoformat(cell)
    except ValueError as error:
        raise wrong("not_an_instant") from error


def _answer(cell: Any) -> object:
    """Yes or no, a number, a word, or several words."""
    match cell:
        case bool() | int() | str() if cell != "":
            return cell
        case [_, *_] if all(isinstance(each, str) and each for each in cell):
            return tuple(cell)
        case _:
            raise wrong("not_an_answer")


def _field(cell: Any) -> object:
    """What a command carries; an instant where it has the form of one."""
    if isinstance(cell, str) and _INSTANT.fullmatch(cell):
        return _instant(cell)
    return _answer(cell)


def _one_or_more(cell: object) -> object:
    return cell if isinstance(cell, list) else [cell]


def _lacking(cell: object) -> object:
    """One condition for every row the scenario is about, or one for each."""
    if isinstance(cell, dict) and not all(_ROW.fullmatch(str(key)) for key in cell):
        raise wrong("not_a_row")
    return cell


def _when_due(cell: object) -> str:
    """A length, an instant, or none."""
    if cell == "none":
        return "none"
    if isinstance(cell, str) and _INSTANT.fullmatch(cell):
        return f"{_instant(cell):%Y-%m-%d %H:%M}"
    return str(within_of(cell))


Instant = Annotated[datetime, PlainValidator(_instant)]
Answered = Annotated[Any, PlainValidator(_answer)]
Carried = Annotated[Any, PlainValidator(_field)]
Role = Annotated[str, Field(pattern=rf"^{_ONE}(\|{_ONE})*$", max_length=200)]
Roles = Annotated[list[Role], BeforeValidator(_one_or_more)]
Rows = Annotated[list[Annotated[int, Field(ge=1)]], BeforeValidator(_one_or_more)]


class GivenCell(Shape):
    on: Instant = datetime(2026, 9, 14, 9, 30)  # noqa: DTZ001 - local time of the pack
    department_tier: bool | None = None
    facts: dict[Name, Answered] = {}


class ReportCell(Shape):
    category: Code | None = None
    building: Name = ""
    area: Name = ""
    place: str = ""
    point: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    text: str = ""
    answers: dict[Name, Answered] = {}
    secrecy: Secrecy = "open"
    origin: Origin = "reported"
    channel: Name = "form"
    by: Name = ""
    reporter: bool = True


class StepCell(Shape):
    """One of: `wait`, `until`, `triage`, `follow`, or a command with `by`, `does` and what it carries in `with`."""

    wait: Length | None = None
    until: Instant | None = None
    triage: Literal[True] | None = None
    follow: Literal[True] | None = None
    by: Name = ""
    does: Name = ""
    with_: Annotated[dict[Name, Carried], Field(alias="with")] = {}

    @checked(mode="after")
    def _one_thing(self) -> StepCell:
        said = [self.wait, self.until, self.triage, self.follow, self.does or None]
        if sum(each is not None for each in said) != 1 or bool(self.by) != bool(self.does):
            raise wrong("not_a_step")
        return self


class WhenCell(Shape):
    report: ReportCell | None = None
    resource: Name = ""
    then: list[StepCell] = []

    @checked(mode="after")
    def _something_happens(self) -> WhenCell:
        if (self.report is None) == (self.resource == ""):
            raise wrong("nothing_happens")
        return self


class ThenWanted(Shape):
    """Only what is written is compared; `none` where nothing may come, `[]` where nobody may."""

    row: Annotated[int, Field(ge=1)] | Literal["none"] = "none"
    added: list[int] = []
    main: Role = ""
    owner: Role = ""
    co: Roles = []
    informed: Roles = []
    mode: Text = ""
    urgency: Urgency = "normal"
    state: Name = ""
    late: Role = ""
    outcome: Name = ""
    secrecy: Secrecy = "open"
    triage_because: list[Name] = []
    whistles: Names = []
    place: Name = ""
    numbers: list[str] = []
    units: Names = []
    refused: Name = ""
    scheduled: Names = []
    proposed_to: Roles = []
    proposal_due: Annotated[str, PlainValidator(_when_due)] = ""
    alarmed: Roles = []
    lead: Name = ""
    ground: Name = ""
    told: Roles = []
    replies: list[Text] = []
    deadlines: dict[Name, Annotated[str, PlainValidator(_when_due)]] = {}
    lacking: Annotated[Text | dict[str, Text], BeforeValidator(_lacking)] = ""


class ScenarioRow(Shape):
    id: Name
    says: Words
    kind: Kind
    row: Rows = []
    given: GivenCell = GivenCell()
    when: WhenCell
    then: ThenWanted

    @checked(mode="after")
    def _says_something(self) -> ScenarioRow:
        if not self.then.model_fields_set:
            raise wrong("nothing_wanted")
        return self


class ScenariosPage(RootModel[list[ScenarioRow]]):
    pass
