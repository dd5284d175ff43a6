"""Makes the domain's Pack of what the pages say in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args
from zoneinfo import ZoneInfoNotFoundError

from shaoyin.adapters.geometry import with_polygons
from shaoyin.adapters.pack_features import Ground, features_of, shape_of
from shaoyin.adapters.pack_merge import Merged
from shaoyin.adapters.pack_positions import Feature
from shaoyin.adapters.pack_profile import WEEKDAYS, profile
from shaoyin.adapters.writing import writing
from shaoyin.domain.calendar import Calendar, CalendarMissing, Within, Year
from shaoyin.domain.catalogue import EmergencyMode, Matter
from shaoyin.domain.conditions import Condition
from shaoyin.domain.danger import EmergencySign
from shaoyin.domain.happened import SuspensionReason
from shaoyin.domain.org import Directory, Org, Person, Post, PostKind, Registration
from shaoyin.domain.pack import Category, Counted, FirstStep, Pack, Question, Retention, WhistleType
from shaoyin.domain.place import Area, AreaTree, ManagedFrom
from shaoyin.domain.plane import Position
from shaoyin.domain.problems import Problem
from shaoyin.domain.report import Crs
from shaoyin.domain.rule_table import RuleTable
from shaoyin.domain.rules import RuleRow, Then, WhistleAsked
from shaoyin.domain.shifts import Shift
from shaoyin.domain.standing import Standing
from shaoyin.domain.suggesting import Telling
from shaoyin.domain.unsaid import Unsaid


def build(merged: Merged, version: str) -> tuple[Pack | None, list[Problem]]:
    """The pack, or what keeps its calendar from counting: without one no deadline can be checked."""
    calendar, wrong = _calendar(merged)
    if calendar is None:
        return None, wrong
    ground, lost = features_of(merged)
    pack = Pack(
        name=merged.page.name, version=version, names=merged.page.names.by_language, areas=_areas(merged, ground),
        directory=_directory(merged), categories=dict(_categories(merged)), questions=dict(_questions(merged)),
        rules=RuleTable(tuple(_rules(merged))), calendar=calendar,
        limits=merged.limits, default_result=merged.default_result, suspensions=_suspensions(merged),
        retention=Retention(**merged.retention), standing=tuple(_standing(merged)), profile=profile(merged.lists),
        whistle_types=dict(_whistle_types(merged)),
        chain=tuple(merged.cells["chain"]), emergencies=tuple(_emergencies(merged)),
        texts={key: words.by_language for key, words in merged.tables["messages.yaml", ()].items()},
        root=merged.cells["root"], department_tier=merged.cells["department_tier"],
        own_work_by=merged.cells["own_work_by"], counts=dict(_counts(merged)),
        catalogue=dict(_catalogue(merged)), emergency_modes=tuple(_emergency_modes(merged)),
        elsewhere={int(row): words.by_language for row, words in merged.tables["pack.yaml", ("elsewhere",)].items()},
        tellings=tuple(_tellings(merged)), unsaid=Unsaid(**merged.unsaid), writing=writing(),
        coordinates=_CRS.get(merged.cells["coordinates"]), tolerance=merged.cells["tolerance_metres"],
    )  # fmt: skip
    return with_polygons(pack), [*wrong, *lost]


_CRS: Mapping[str | None, Crs] = {"wgs84": "WGS84", "gcj02": "GCJ02", "bd09": "BD09"}


def _calendar(merged: Merged) -> tuple[Calendar | None, list[Problem]]:
    years: dict[int, Year] = {}
    wrong: list[Problem] = []
    rows = merged.lists["calendar.yaml", ("years",)]
    for index, row in enumerate(rows):
        try:
            days_off, worked = frozenset(row.days_off()), frozenset(row.workdays)
            years[row.year] = Year(row.year, row.status, row.source, days_off, worked)
        except ValueError as error:
            wrong.append(Problem("calendar.yaml", ("years", index), "bad_calendar", str(error)))
    missing = set(range(min(years, default=0), max(years, default=-1) + 1)) - {row.year for row in rows}
    wrong += [
        Problem("calendar.yaml", ("years",), "year_missing", f"the year {year} is missing", str(year))
        for year in sorted(missing)
    ]
    if wrong:
        return None, wrong
    try:
        return Calendar(merged.cells["zone"], years, tuple(merged.cells["duty"])), []
    except (ValueError, CalendarMissing, ZoneInfoNotFoundError) as error:
        where = "duty" if "duty" in str(error) else "zone"
        return None, [Problem("calendar.yaml", (where,), "bad_calendar", str(error))]


def _suspensions(merged: Merged) -> dict[str, Within]:
    """In the order of the specification, whichever page said each."""
    return {reason: merged.suspensions[reason] for reason in get_args(SuspensionReason)}


def _areas(merged: Merged, ground: Ground) -> AreaTree:
    areas: dict[str, Area] = {}
    for row in merged.lists["areas.yaml", ()]:
        managed = tuple(ManagedFrom(each.mode, each.since, each.by or None, each.confirmed) for each in row.management)
        areas[row.id] = Area(
            row.id, row.kind, row.parent or None, row.name.by_language, row.code or None, tuple(row.aliases), managed,
            row.since, row.until, _entrances(row, ground.get((row.id, "entrance"))),
            shape_of(row.polygon, ground.get((row.id, "polygon"))), row.renovated,
        )  # fmt: skip
    return AreaTree(areas, merged.cells["root"])


def _entrances(row: Any, feature: Feature | None) -> tuple[Position, ...]:
    return tuple(row.entrance) if feature is None else feature.geometry[1]


def _directory(merged: Merged) -> Directory:
    kinds = merged.tables["orgs.yaml", ("kinds",)]
    return Directory(
        kinds={
            name: PostKind(name, frozenset(row.rights), row.name.by_language, row.vetting, row.seat)
            for name, row in kinds.items()
        },
        orgs={
            row.id: Org(row.id, row.kind, row.name.by_language, row.area, row.head or None, tuple(row.resources))
            for row in merged.lists["orgs.yaml", ("orgs",)]
        },
        posts={
            row.id: Post(
                row.id, row.kind, row.org, row.area, tuple(row.holders), tuple(row.stand_ins), row.speciality or None,
                row.most_open, tuple(map(_shift, row.shifts)),
            )
            for row in merged.lists["orgs.yaml", ("posts",)]
        },
        people={row.id: Person(row.id, row.name, tuple(row.away)) for row in merged.lists["people.yaml", ("people",)]},
        registrations=tuple(
            Registration(
                row.id, row.person, row.area, row.state, row.vetting, row.vetted_until, row.kind,
                row.household or None, tuple(row.area_limits), tuple(row.skills), tuple(row.free_times),
                row.at_home_only, row.start,
            )
            for row in merged.lists["people.yaml", ("registrations",)]
        ),
    )  # fmt: skip


def _shift(row: Any) -> Shift:
    begin, end = row.time
    return Shift(tuple(row.who), begin, end, tuple(row.days), row.since, row.until)


def _categories(merged: Merged) -> Iterator[tuple[str, Category]]:
    for code, row in merged.tables["categories.yaml", ()].items():
        yield code, Category(
            code=code, name=row.name.by_language, urgency=row.urgency,
            result=row.result or merged.default_result[row.urgency],
            result_if=tuple(row.result_if.items()), result_if_not=tuple(row.result_if_not.items()),
            check_required=row.check_required, evidence=row.evidence,
            sensitive=row.sensitive, masked=row.masked, hazard=row.hazard, orders=row.orders,
            vetting=row.vetting, home_grid_allowed=row.home_grid_allowed, first_step=_first_step(row.first_step),
            questions=tuple(row.questions),
        )  # fmt: skip


def _first_step(cell: Any) -> FirstStep | None:
    return None if cell is None else FirstStep(cell.within, cell.met_by)


def _questions(merged: Merged) -> Iterator[tuple[str, Question]]:
    for name, row in merged.tables["questions.yaml", ()].items():
        choices = tuple((choice, words.by_language) for choice, words in row.choices.items())
        yield name, Question(name, row.kind, row.asks.by_language, choices, row.several)


def _rules(merged: Merged) -> Iterator[RuleRow]:
    for index, row in enumerate(merged.lists["rules.yaml", ()]):
        origin = merged.origin("rules.yaml", (index,))
        yield _rule(row, origin.layer.folder.name if origin else "")


def _rule(row: Any, said_by: str) -> RuleRow:
    when = tuple(Condition(fact, op, wanted) for fact, (op, wanted) in row.when.items())
    step = row.then.first_step
    then = Then(
        main=row.then.main or None, co=tuple(row.then.co), informed=tuple(row.then.informed), mode=row.then.mode,
        late=row.then.late or None, result_within=str(row.then.result_within) if row.then.result_within else None,
        first_step=str(step.within) if step else None, first_step_met_by=step.met_by if step else "measure",
        claim=str(row.then.claim) if row.then.claim else None, urgency=row.then.urgency,
        whistles=tuple(_whistle(each) for each in row.then.whistles), desk=row.then.desk or None,
        schedules=row.then.schedules or None, yields_to=tuple(str(each) for each in row.then.yields_to),
    )  # fmt: skip
    return RuleRow(
        row.row, row.group, row.effect, when, then, row.basis, row.part, tuple(map(str, row.before)), said_by
    )


def _counts(merged: Merged) -> Iterator[tuple[str, Counted]]:
    for name, cell in merged.tables["pack.yaml", ("counts",)].items():
        yield name, Counted(name, tuple(cell.categories), cell.within, cell.days)


def _catalogue(merged: Merged) -> Iterator[tuple[str, Matter]]:
    for code, cell in merged.tables["pack.yaml", ("matter_catalogue",)].items():
        yield code, Matter(code, cell.dept, cell.duty_list, cell.needs)


def _emergency_modes(merged: Merged) -> Iterator[EmergencyMode]:
    for cell in merged.cells["emergency_modes"]:
        yield EmergencyMode(cell.kind, cell.area, cell.since, cell.until, tuple(cell.categories))


def _whistle(cell: Any) -> WhistleAsked:
    return WhistleAsked(
        cell.type,
        cell.tier,
        cell.task,
        cell.org_kind or None,
        cell.resource or None,
        cell.places,
        cell.dangerous,
        cell.role or None,
    )


def _whistle_types(merged: Merged) -> Iterator[tuple[str, WhistleType]]:
    for name, row in merged.tables["whistles.yaml", ()].items():
        yield name, WhistleType(
            type=name, tiers=tuple(row.tiers), acknowledge=row.acknowledge, contact=row.contact, arrive=row.arrive,
            finish=row.finish, plan=row.plan, stated_time=row.stated_time, name=row.name.by_language,
        )  # fmt: skip


def _standing(merged: Merged) -> Iterator[Standing]:
    for row in merged.lists["standing.yaml", ()]:
        yield Standing(
            rule=row.id, name=row.name.by_language, category=row.category, type=row.type, area=row.area,
            responsible=tuple(row.responsible), at=row.time, task=row.task, holiday=row.holiday,
            weekdays=tuple(WEEKDAYS.index(each) for each in row.cadence.weekdays), since=row.cadence.since,
            every_weeks=row.cadence.every_weeks,
        )  # fmt: skip


def _emergencies(merged: Merged) -> Iterator[EmergencySign]:
    for row in merged.lists["pack.yaml", ("emergencies",)]:
        yield EmergencySign(
            row.danger, row.number, row.say.by_language, tuple(row.words), tuple(row.answers), tuple(row.harmless),
            tuple(row.even_if), tuple(row.categories),
        )  # fmt: skip


def _tellings(merged: Merged) -> Iterator[Telling]:
    """In the order of the categories, which is that of equal scores too."""
    for code, words in sorted(merged.tellings.items(), key=_place_among(merged)):
        yield Telling(code, words["words"], words["context"], words["against"], next(reversed(words["danger"]), None))


def _place_among(merged: Merged) -> Callable[[tuple[str, object]], int]:
    places = {code: place for place, code in enumerate(merged.tables["categories.yaml", ()])}
    return lambda item: places.get(item[0], len(places))
