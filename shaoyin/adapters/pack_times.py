"""What is wrong with the times of a pack: steps after their result, standing whistles, a calendar too short."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from shaoyin.domain.calendar import CalendarMissing, Within
from shaoyin.domain.pack import Pack
from shaoyin.domain.problems import Path, Problem
from shaoyin.domain.standing import Standing

Told = tuple[str, Path, Within]
"""A length of time, and the page and cell that say it."""
_ROUGH = {"wd": timedelta(days=1.5), "wh": timedelta(hours=4), "d": timedelta(days=1)}
_EXACT = {"h": timedelta(hours=1), "min": timedelta(minutes=1)}


def problems_of_times(pack: Pack) -> Iterator[Problem]:
    yield from _problems_of_first_steps(pack)
    for index, rule in enumerate(pack.standing):
        yield from _problems_of_standing(pack, index, rule)


def problems_of_calendar(pack: Pack, today: date) -> Iterator[Problem]:
    """The calendar must reach as far as the longest deadline that could begin on `today`, the day of publication.

    A provisional year will do (decisions 1.42). Asked where a pack is published, not where a service starts: the
    first of January is no reason to turn reports away.
    """
    years = pack.calendar.years
    where: Path = ("years",)
    for year in range(today.year - 1, min(years)):
        yield Problem("calendar.yaml", where, "year_missing", f"the year {year} is missing", str(year))
    found = sorted(_reaching_too_far(pack, today), key=lambda each: (each[0], _rough(each[1][2])))
    if found:
        year, (file, path, within) = found[-1]
        cell = f"{file} {'.'.join(str(step) for step in path)}: {within}"
        yield Problem("calendar.yaml", where, "calendar_too_short", cell, str(year))


def _reaching_too_far(pack: Pack, today: date) -> Iterator[tuple[int, Told]]:
    """Every length that ends in a year the calendar does not have, begun at the end of the day."""
    end_of_day = datetime.combine(today, time(23, 59), pack.zone)
    for told in _lengths(pack):
        try:
            pack.calendar.due(end_of_day, told[2])
        except CalendarMissing as missing:
            if missing.year >= today.year:
                yield missing.year, told


def _lengths(pack: Pack) -> Iterator[Told]:
    for clock, limits in pack.limits.items():
        yield from (("pack.yaml", ("clocks", clock, urgency), within) for urgency, within in limits.items())
    for urgency, within in pack.default_result.items():
        yield "pack.yaml", ("default_result", urgency), within
    for reason, within in pack.suspensions.items():
        yield "pack.yaml", ("suspensions", reason), within
    for category in pack.categories.values():
        yield "categories.yaml", (category.code, "result"), category.result
        if category.first_step is not None:
            yield "categories.yaml", (category.code, "first_step", "within"), category.first_step.within
    for index, row in enumerate(pack.rules.rows):
        if row.then.result_within is not None:
            yield "rules.yaml", (index, "then", "result_within"), Within.parse(row.then.result_within)
    for name, kind in pack.whistle_types.items():
        for clock in ("acknowledge", "contact", "arrive", "finish"):
            limit: Within | None = getattr(kind, clock)
            if limit is not None:
                yield "whistles.yaml", (name, clock), limit


def _problems_of_first_steps(pack: Pack) -> Iterator[Problem]:
    for category in pack.categories.values():
        step = category.first_step
        if step is not None and _not_before(step.within, category.result):
            detail = f"a first step of {step.within} is no step before a result of {category.result}"
            where: Path = (category.code, "first_step", "within")
            yield Problem("categories.yaml", where, "step_after_result", detail, str(category.result))


def _not_before(step: Within, result: Within) -> bool:
    """Whether the step surely ends no sooner than the result; working and wall-clock time are not compared."""
    if step.unit in _EXACT and result.unit in _EXACT:
        return step.amount * _EXACT[step.unit] >= result.amount * _EXACT[result.unit]
    return step.unit == result.unit and step.amount >= result.amount


def _rough(within: Within) -> timedelta:
    """About how long that is, to say which of two lengths is the longer one."""
    return within.amount * {**_ROUGH, **_EXACT}[within.unit]


def _problems_of_standing(pack: Pack, index: int, rule: Standing) -> Iterator[Problem]:
    if rule.area not in pack.areas.areas:
        yield Problem("standing.yaml", (index, "area"), "unknown_area", f"no area {rule.area!r}", rule.area)
    if rule.category not in pack.categories:
        detail = f"there is no category {rule.category!r}"
        yield Problem("standing.yaml", (index, "category"), "unknown_category", detail, rule.category)
    kind = pack.whistle_types.get(rule.type)
    if kind is None:
        yield Problem("standing.yaml", (index, "type"), "unknown_whistle_type", f"no type {rule.type!r}", rule.type)
    elif "member" not in kind.tiers:
        detail = f"{rule.type} is not of the member tier"
        yield Problem("standing.yaml", (index, "type"), "tier_mismatch", detail)
    for number, post_id in enumerate(rule.responsible):
        where: Path = (index, "responsible", number)
        post = pack.directory.posts.get(post_id)
        if post is None:
            yield Problem("standing.yaml", where, "unknown_post", f"there is no post {post_id!r}", post_id)
        elif not post.filled or (post.kind in pack.directory.kinds and not pack.directory.has_right(post, "respond")):
            detail = f"{post_id} is held by nobody, or its kind may not answer whistles"
            yield Problem("standing.yaml", where, "cannot_respond", detail, post_id)
