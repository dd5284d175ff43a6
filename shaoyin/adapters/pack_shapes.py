"""The shape of every page of a pack: which cells there are, and what may stand in each. Strict: "4" is not 4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PlainValidator, RootModel
from pydantic import model_validator as checked

from shaoyin.adapters.pack_days import Days, FreeTime, Holidays, Shifts, Span, TimeOfDay
from shaoyin.adapters.pack_names import STRICT, Name, Names, Text, Weekday, Words, offered, spoken, wrong
from shaoyin.adapters.pack_names import each_once as _each_once
from shaoyin.adapters.pack_names import one_or_more as _one_or_more
from shaoyin.adapters.pack_phrases import LooseWords, Phrases, each_in_form
from shaoyin.adapters.pack_positions import Entrances, FeaturesPage, Polygon
from shaoyin.adapters.pack_profile import ProfilePage
from shaoyin.adapters.rule_codes import in_codes
from shaoyin.adapters.rule_words import words
from shaoyin.domain.calendar import WITHIN, Status, Within
from shaoyin.domain.catalogue import DutyList, EmergencyKind, Power
from shaoyin.domain.conditions import NOT_KNOWN, Op, Wanted
from shaoyin.domain.happened import SuspensionReason
from shaoyin.domain.org import RegistrationKind
from shaoyin.domain.pack import TOLERANCE, URGENCIES, Around, Evidence, Limited, Tier, Urgency, Vetting
from shaoyin.domain.place import AreaKind, Management
from shaoyin.domain.rules import Effect, Group, MetBy, Mode
from shaoyin.domain.standing import Holiday
from shaoyin.domain.unsaid import Why

Right = Literal[
    "intake", "triage", "verify", "on_spot", "check", "call_back", "blow", "approve", "superior", "supervise",
    "joint_office", "adjudicate", "respond", "read", "data", "rules", "rules_approve",
]  # fmt: skip
Kept = Literal["identity_open", "identity_confidential", "reads"]
Value = TypeVar("Value")


def within_of(cell: object) -> Within:
    if not isinstance(cell, str):
        raise wrong("not_within")
    try:
        return Within.parse(cell)
    except ValueError as error:
        raise wrong("not_within") from error


def _kept_for(cell: object) -> Within:
    """Data are kept for days by the calendar: a working day or an hour is no length for a law."""
    within = within_of(cell)
    if within.unit != "d":
        raise wrong("not_days_kept")
    return within


def _figure(cell: object) -> Within | None:
    """A category's time to the result; `by_urgency` where the specification has no figure (mechanics 22)."""
    return None if cell == "by_urgency" else within_of(cell)


def _for_every_urgency(cell: object) -> object:
    """One length of time for all four, or one each."""
    return dict.fromkeys(URGENCIES, cell) if isinstance(cell, str) else cell


def _condition(cell: Any) -> tuple[Op, Wanted]:
    """A value is `is`, a list of words is `one_of`, and the other tests are spelled out: {is_not: x}."""
    match cell:
        case bool() | int() | str() if cell != "":
            return "is", _known(cell)
        case [_, *_] if all(isinstance(each, str) and each for each in cell):
            return "one_of", tuple(map(_known, cell))
        case {"is_not": bool() | int() | str() as other} if len(cell) == 1 and other != "":
            return "is_not", _known(other)
        case {"is_not": [_, *_] as others} if len(cell) == 1 and all(isinstance(each, str) and each for each in others):
            return "is_not", tuple(map(_known, others))
        case {"at_least": int() as least} if len(cell) == 1 and not isinstance(least, bool):
            return "at_least", least
        case {"at_most": int() as most} if len(cell) == 1 and not isinstance(most, bool):
            return "at_most", most
        case {"contains_any": [_, *_] as words} if len(cell) == 1 and all(
            isinstance(each, str) and each for each in words
        ):
            return "contains_any", tuple(words)
        case _:
            raise wrong("not_a_condition")


def _known(value: Value) -> Value | None:
    return None if value == NOT_KNOWN else value


def _management(cell: object) -> object:
    return words("management").code(cell) if isinstance(cell, str) else cell


_LENGTH = Annotated[str, Field(pattern=f"^{WITHIN.pattern}$", description="not_within")]
Length = Annotated[Within, PlainValidator(within_of, json_schema_input_type=_LENGTH)]
Figure = Annotated[Within | None, PlainValidator(_figure)]
KeptFor = Annotated[Within, PlainValidator(_kept_for)]
Lengths = Annotated[dict[Urgency, Length], BeforeValidator(_for_every_urgency)]
Cell = Annotated[tuple[Op, Wanted], PlainValidator(_condition)]
Code = Annotated[str, Field(pattern=r"^[A-Z]{3}\.[a-z0-9_]+$")]
Key = Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")]
Pattern = Annotated[str, Field(pattern=r"^[A-Z]{3}\.([a-z0-9_]+|\*)$")]
Patterns = Annotated[list[Pattern], Field(min_length=1), AfterValidator(_each_once)]
RowNumber = Annotated[str, Field(pattern=r"^[1-9][0-9]*$", max_length=4)]
EitherRole = Annotated[
    str, Field(pattern=r"^([a-z0-9_]+(:[a-z_]+)?(\|[a-z0-9_]+(:[a-z_]+)?)*)?$", max_length=200), offered("role")
]
Roles = Annotated[list[EitherRole], AfterValidator(_each_once)]
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3}([BD][0-9]{3}(-[0-9]{2})?)?)?)?$")]
Resource = Name


class Shape(BaseModel):
    model_config = STRICT


class Emergency(Shape):
    danger: Name
    number: Annotated[str, Field(pattern=r"^[0-9]{3,12}$")]
    say: Words
    answers: Names = []
    categories: Annotated[list[Code], AfterValidator(_each_once)] = []
    words: Annotated[list[Text], AfterValidator(_each_once), AfterValidator(each_in_form)] = []
    harmless: Annotated[list[Text], AfterValidator(_each_once), AfterValidator(each_in_form)] = []
    even_if: Annotated[list[Why], AfterValidator(_each_once)] = []


class CountCell(Shape):
    categories: Patterns
    within: Around
    days: Annotated[int, Field(ge=1, le=366)]


class MatterCell(Shape):
    dept: Name
    duty_list: DutyList | None = None
    needs: Power | None = None


class EmergencyModeCell(Shape):
    kind: EmergencyKind
    area: Name
    since: date
    until: date | None = None
    categories: Annotated[list[Pattern], AfterValidator(_each_once)] = []


class PackPage(Shape):
    """`pack.yaml`. What a community does not say, it takes from the pack it extends."""

    name: Name
    extends: Name = ""
    example: bool = False
    names: Words
    root: Name = ""
    chain: Names = []
    clocks: dict[Limited, Lengths] = {}
    default_result: dict[Urgency, Length] = {}
    suspensions: dict[SuspensionReason, Length] = {}
    retention: dict[Kept, KeptFor] = {}
    department_tier: bool = False
    own_work_by: Literal["organisation", "person"] = "organisation"
    coordinates: Literal["wgs84", "gcj02", "bd09"] | None = None
    tolerance_metres: Annotated[int, Field(ge=0, le=200)] = TOLERANCE
    counts: dict[Name, CountCell] = {}
    matter_catalogue: dict[Code, MatterCell] = {}
    emergency_modes: list[EmergencyModeCell] = []
    elsewhere: dict[RowNumber, Words] = {}
    emergencies: list[Emergency] = []


class Managed(Shape):
    mode: Annotated[Management, BeforeValidator(_management)]
    since: date | None = None
    by: Name = ""
    confirmed: bool = False


class AreaRow(Shape):
    id: Name
    kind: AreaKind
    parent: Name = ""
    name: Words
    code: AreaCode = ""
    aliases: Annotated[list[Annotated[str, Field(min_length=2)]], AfterValidator(_each_once)] = []
    management: list[Managed] = []
    since: date | None = None
    until: date | None = None
    entrance: Entrances = ()
    polygon: Polygon = ()
    renovated: bool | None = None


class KindRow(Shape):
    name: Words
    rights: Annotated[list[Right], AfterValidator(_each_once)]
    vetting: Vetting = "none"
    seat: bool = False


class OrgRow(Shape):
    id: Name
    kind: Name
    name: Words
    area: Name
    head: Name = ""
    resources: Annotated[list[Resource], AfterValidator(_each_once)] = []


class PostRow(Shape):
    id: Name
    kind: Name
    org: Name
    area: Name
    speciality: Name = ""
    most_open: Annotated[int, Field(ge=1, le=100_000)] | None = None
    holders: Names = []
    stand_ins: Names = []
    shifts: Shifts = []


class OrgsPage(Shape):
    kinds: dict[Name, KindRow] = {}
    orgs: list[OrgRow] = []
    posts: list[PostRow] = []


class PersonRow(Shape):
    id: Annotated[str, Field(pattern=r"^p-[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    name: Text
    away: Annotated[list[Days], AfterValidator(_each_once)] = []


class RegistrationRow(Shape):
    id: Name
    person: Name
    area: Name
    state: Literal["applied", "confirmed", "active", "paused", "ended"]
    vetting: Literal["none", "basic", "minors"]
    vetted_until: date | None = None
    kind: RegistrationKind = "member"
    household: Name = ""
    area_limits: Names = []
    skills: Annotated[list[Text], AfterValidator(_each_once)] = []
    free_times: Annotated[list[FreeTime], AfterValidator(_each_once)] = []
    at_home_only: bool = False
    start: date | None = None


class PeoplePage(Shape):
    people: list[PersonRow]
    registrations: list[RegistrationRow] = []


class FirstStepCell(Shape):
    within: Length
    met_by: Annotated[MetBy, spoken("met_by")]


class CategoryRow(Shape):
    name: Words
    urgency: Urgency
    result: Figure
    first_step: FirstStepCell | None = None
    result_if: dict[Name, Length] = {}
    result_if_not: dict[Name, Length] = {}
    check_required: bool
    evidence: Evidence
    sensitive: bool = False
    masked: bool = False
    hazard: bool = False
    orders: bool = False
    vetting: Vetting = "none"
    home_grid_allowed: bool = True
    questions: Names = []


class QuestionRow(Shape):
    kind: Literal["yes_no", "choice", "number"]
    asks: Words
    choices: dict[Name, Words] = {}
    several: bool = False

    @checked(mode="after")
    def _choices_where_there_is_a_choice(self) -> QuestionRow:
        if self.several and self.kind != "choice":
            raise wrong("several_of_no_choice", kind=self.kind)
        if (len(self.choices) >= 2) != (self.kind == "choice") or len(self.choices) == 1:
            raise wrong("choices_do_not_fit", kind=self.kind)
        return self


class WhistleCell(Shape):
    type: Annotated[Name, offered("whistle_type")]
    tier: Annotated[Tier, spoken("tiers")]
    task: Text
    org_kind: Annotated[Name, offered("org_kind")] = ""
    resource: Annotated[Resource, offered("resource")] = ""
    role: EitherRole = ""
    places: Annotated[int, Field(ge=1)] | None = None
    dangerous: bool = False


class ThenCell(Shape):
    main: EitherRole = ""
    co: Roles = []
    informed: Roles = []
    mode: Annotated[Mode, spoken("modes")] = "D"
    late: EitherRole = ""
    result_within: Length | None = None
    first_step: FirstStepCell | None = None
    claim: Length | None = None
    urgency: Annotated[Urgency | Literal["one_step_up"], spoken("urgency")] | None = None
    whistles: list[WhistleCell] = []
    desk: EitherRole = ""
    schedules: Literal["campaign_proposal", "council_topic", "side_order", "side_topic", "next_start"] | None = None
    yields_to: Annotated[list[Annotated[int, Field(ge=1)] | Group], AfterValidator(_each_once)] = []


class RuleRowShape(Shape):
    """A row, in codes or in the words of a Chinese reader (docs/packs.md)."""

    row: Annotated[int, Field(ge=1)]
    part: Annotated[str, Field(pattern=r"^[a-z]?$")] = ""
    group: Annotated[Group, spoken("groups")]
    effect: Annotated[Effect, spoken("effects")]
    before: Annotated[list[Annotated[int, Field(ge=1)] | Group], AfterValidator(_each_once)] = []
    when: Annotated[dict[Name, Cell], offered("when")]
    then: ThenCell
    basis: Text

    @property
    def line(self) -> str:
        return f"{self.row}{self.part}"

    @checked(mode="before")
    @classmethod
    def _as_read(cls, row: object) -> object:
        return in_codes(row) if isinstance(row, dict) else row


class WhistleTypeRow(Shape):
    name: Words
    tiers: Annotated[list[Tier], Field(min_length=1), AfterValidator(_each_once)]
    acknowledge: Length
    contact: Length | None = None
    arrive: Length | None = None
    finish: Length | None = None
    plan: bool
    stated_time: bool


class YearRow(Shape):
    year: Annotated[int, Field(ge=2000, le=2100)]
    status: Status
    source: Text
    holidays: dict[str, Holidays]
    workdays: list[date]

    def days_off(self) -> Iterator[date]:
        for first, last in self.holidays.values():
            yield from (first + timedelta(number) for number in range((last - first).days + 1))


class CalendarPage(Shape):
    """`calendar.yaml`. A community may add or replace a year, or name duty hours of its own."""

    zone: Text = ""
    duty: Annotated[list[Span], Field(min_length=1)] = []
    years: Annotated[list[YearRow], Field(min_length=1)] = []


class CadenceCell(Shape):
    weekdays: Annotated[list[Weekday], Field(min_length=1), AfterValidator(_each_once)]
    since: date
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1


class StandingRow(Shape):
    id: Name
    name: Words
    category: Code
    type: Name
    area: Name
    responsible: Annotated[list[Name], Field(min_length=1), AfterValidator(_each_once), BeforeValidator(_one_or_more)]
    cadence: CadenceCell
    time: TimeOfDay
    holiday: Holiday = "skip"
    task: Text


class TellingRow(Shape):
    words: Phrases = ()
    context: LooseWords = ()
    against: LooseWords = ()
    danger: Name = ""


class UnsaidCell(Shape):
    denied: LooseWords = ()
    not_meant: LooseWords = ()
    between: LooseWords = ()
    feared: LooseWords = ()
    past: LooseWords = ()
    still: LooseWords = ()
    now: LooseWords = ()


class SuggestPage(Shape):
    """`suggest.yaml`. A community's words are added to those of the pack it extends."""

    unsaid: UnsaidCell = UnsaidCell()
    categories: dict[Code, TellingRow] = {}


class StandingPage(RootModel[list[StandingRow]]):
    pass


class AreasPage(RootModel[list[AreaRow]]):
    pass


class RulesPage(RootModel[list[RuleRowShape]]):
    pass


class CategoriesPage(RootModel[dict[Code, CategoryRow]]):
    pass


class QuestionsPage(RootModel[dict[Name, QuestionRow]]):
    pass


class WhistlesPage(RootModel[dict[Name, WhistleTypeRow]]):
    pass


class MessagesPage(RootModel[dict[Key, Words]]):
    pass


PAGES: Mapping[str, type[BaseModel]] = {
    "pack.yaml": PackPage,
    "areas.yaml": AreasPage,
    "orgs.yaml": OrgsPage,
    "people.yaml": PeoplePage,
    "categories.yaml": CategoriesPage,
    "questions.yaml": QuestionsPage,
    "rules.yaml": RulesPage,
    "whistles.yaml": WhistlesPage,
    "messages.yaml": MessagesPage,
    "calendar.yaml": CalendarPage,
    "standing.yaml": StandingPage,
    "profile.yaml": ProfilePage,
    "suggest.yaml": SuggestPage,
    "areas.geojson": FeaturesPage,
}
"""Every page a pack may have, by its file name; no other such file may lie beside them."""
