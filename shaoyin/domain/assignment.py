"""Case → owner: the rules name one main handler, and say why; the whistles that a row asks for come with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shaoyin.domain.case import Case
from shaoyin.domain.commands import Dispatch, RequestWhistle
from shaoyin.domain.events import By, CaseDispatched, Deadline, Event, Party
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack, Urgency, raised
from shaoyin.domain.rules import Fact, Mode, RuleRow, Walk, WhistleAsked
from shaoyin.domain.terms import first_step, handed_over, result_term

GRID = ("grid_lead", "grid_worker", "micro_grid_lead", "building_chief")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the rules say about a case: the row, the posts, and the walk that led there."""

    walk: Walk
    main: Post
    co: tuple[Post, ...]
    informed: tuple[Post, ...]
    mode: Mode

    @property
    def row(self) -> RuleRow:
        return self.walk.decided


def choose(case: Case, at: datetime, pack: Pack) -> Choice:
    """Asks the table; a role that nobody fills for this place falls to the triage post, never to nobody."""
    assert case.area is not None
    walk = pack.rules.walk(facts_of(case, at, pack))
    then = walk.decided.then
    departmental = then.mode == "WD" and not pack.department_tier
    role = "street_centre" if departmental else then.main
    main = pack.post_for(role or "community", case.area) or pack.triage_post(case.area)
    co = tuple(_posts(then.co, case.area, pack, but={main.post_id}))
    informed = tuple(_posts(then.informed, case.area, pack, but={main.post_id, *(post.post_id for post in co)}))
    return Choice(walk, main, co, informed, "D" if departmental else then.mode)


def facts_of(case: Case, at: datetime, pack: Pack) -> dict[str, Fact]:
    """What the rows may ask: the place on that local day, the category, and the answers of the form."""
    assert case.area is not None
    assert case.category is not None
    managed = pack.areas.management(case.area, pack.calendar.local_day(at))
    category = pack.categories[case.category]
    facts: dict[str, Fact] = {
        name: answer if not isinstance(answer, tuple) else ",".join(answer) for name, answer in case.answers.items()
    }
    facts.update(pack.areas.facts(case.area, case.place_how))
    facts.update(
        category=case.category,
        management=managed.mode if managed else None,
        area_kind=pack.areas.areas[case.area].kind,
        urgency=case.urgency,
        text=case.description,
        sensitive=category.sensitive,
        masked=category.masked,
    )
    return facts


def _posts(roles: tuple[str, ...], area: str, pack: Pack, but: set[str]) -> Iterator[Post]:
    for role in roles:
        post = pack.post_for(role, area)
        if post is not None and post.post_id not in but:
            yield post


def _main(asked: Dispatch, choice: Choice, pack: Pack) -> Post | None:
    return choice.main if asked.main is None else pack.directory.posts.get(asked.main)


def one_main_handler(case: Case, asked: Dispatch, pack: Pack) -> bool | dict[str, object]:
    """Exactly one, and somebody is there; a co-handler or an informed party that nobody holds helps nobody."""
    for named in (*([asked.main] if asked.main is not None else ()), *asked.co, *asked.informed):
        post = pack.directory.posts.get(named)
        if post is None or not post.filled:
            return {"main": named}
    return asked.main in asked.co and asked.main is not None


def not_admissible(case: Case, asked: Dispatch, pack: Pack) -> bool:
    """Some matters are nothing for the grid they come from: conduct, clues (mechanics 33).

    What was settled on the spot and taken up again may have no category or place yet: first triage gives it both.
    """
    category = pack.categories.get(case.category or "")
    if category is None or case.area is None:
        return True
    post = pack.directory.posts.get(asked.main or "")
    return post is not None and not category.home_grid_allowed and post.kind in GRID


def dispatch(case: Case, asked: Dispatch, pack: Pack) -> list[Event]:
    """Row 14. The clocks start now, at dispatch, whoever signs and whenever (pitfalls)."""
    choice = choose(case, asked.at, pack)
    main = _main(asked, choice, pack)
    assert main is not None
    row = choice.row if asked.routing_row is None else pack.rules.by_number.get(asked.routing_row, choice.row)
    urgency = raised(case.urgency, choice.walk)
    return [
        CaseDispatched(
            at=asked.at, by=By(asked.post, asked.person), main=Party.of(main),
            co=_parties(asked.co, choice.co, pack, main),
            informed=_parties(asked.informed, choice.informed, pack, main),
            mode=asked.mode or choice.mode, urgency=urgency, row=row.row,
            added_rows=tuple(row.row for row in choice.walk.added), rules_version=pack.version,
            late=row.then.late, chosen_by_person=asked.main is not None,
            deadlines=tuple(_clocks(case, asked.at, urgency, row, pack)),
            explanation=choice.walk.asked, whistles=_whistles(asked, row),
            replies=case.told("reply.dispatched"),
        )
    ]  # fmt: skip


def _whistles(asked: Dispatch, row: RuleRow) -> tuple[str, ...]:
    """The whistles the row files; a person who names the handler says which of them, or none."""
    types = tuple(each.type for each in row.then.whistles)
    if asked.whistles is not None:
        return tuple(each for each in types if each in asked.whistles)
    return types if asked.main is None else ()


def _parties(named: tuple[str, ...], chosen: tuple[Post, ...], pack: Pack, main: Post) -> tuple[Party, ...]:
    posts = tuple(pack.directory.posts[each] for each in named) or chosen
    return tuple(Party.of(post) for post in posts if post.post_id != main.post_id)


def _clocks(case: Case, at: datetime, urgency: Urgency, row: RuleRow, pack: Pack) -> Iterator[Deadline]:
    yield from handed_over(case, at, urgency, pack)
    yield result_term(case, at, urgency, pack, row=row.row)
    yield from first_step(case.category or "", at, urgency, row.then, pack)


def whistles_of(case: Case, types: tuple[str, ...], at: datetime, pack: Pack) -> list[RequestWhistle]:
    """The whistles a row files with the dispatch, linked to one another; people approve them (decisions 2.9).

    Where one of the type is open already nobody is called twice; one of an earlier dispatch keeps its own id.
    """
    assert case.row is not None
    row = pack.rules.by_number[case.row]
    open_types = {each.type for each in case.whistles.values() if not each.ended}
    asked = tuple(each for each in row.then.whistles if each.type in types and each.type not in open_types)
    ids = [f"{case.case_id}-w{len(case.whistles) + number}" for number in range(1, len(asked) + 1)]
    return [
        _request(each, whistle_id, ids[0] if whistle_id != ids[0] else None, at, case, pack)
        for each, whistle_id in zip(asked, ids, strict=True)
    ]


def _request(
    asked: WhistleAsked, whistle_id: str, linked: str | None, at: datetime, case: Case, pack: Pack
) -> RequestWhistle:
    units = pack.partner(asked.org_kind, asked.resource) if asked.org_kind else ()
    posts = tuple(
        post.post_id for unit in units[:1] for post in pack.directory.of_org(unit.org_id) if post.kind == "unit_duty"
    )
    return RequestWhistle(
        at=at, whistle_id=whistle_id, type=asked.type, tier=asked.tier, task=asked.task, responders=posts,
        responder_type=None if posts else "members", places=asked.places, place=case.area, dangerous=asked.dangerous,
        linked_to=linked,
    )  # fmt: skip
