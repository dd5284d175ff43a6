"""Case → owner: the rules name one main handler, and say why; the whistles that a row asks for come with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from shaoyin.domain.calendar import Within
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.clocks import deadline
from shaoyin.domain.commands import Dispatch, RequestWhistle
from shaoyin.domain.events import By, CaseDispatched, Deadline, Event, Party, Reply, RowSeen
from shaoyin.domain.org import Post
from shaoyin.domain.pack import URGENCIES, Pack, Urgency
from shaoyin.domain.rules import Asked, Fact, Mode, RuleRow, Walk, WhistleAsked


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
    walk = pack.rules.walk(_facts(case, at, pack))
    then = walk.decided.then
    departmental = then.mode == "WD" and not pack.department_tier
    role = "street_centre" if departmental else then.main
    main = pack.post_for(role or "community", case.area) or pack.triage_post(case.area)
    co = tuple(_posts(then.co, case.area, pack, but={main.post_id}))
    informed = tuple(_posts(then.informed, case.area, pack, but={main.post_id, *(post.post_id for post in co)}))
    return Choice(walk, main, co, informed, "D" if departmental else then.mode)


def _facts(case: Case, at: datetime, pack: Pack) -> dict[str, Fact]:
    """What the rows may ask: the place on that local day, the category, and the answers of the form."""
    assert case.area is not None
    assert case.category is not None
    managed = pack.areas.management(case.area, pack.calendar.local_day(at))
    category = pack.categories[case.category]
    facts: dict[str, Fact] = {
        name: answer if not isinstance(answer, tuple) else ",".join(answer) for name, answer in case.answers.items()
    }
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


def dispatch(case: Case, asked: Dispatch, pack: Pack) -> list[Event]:
    """Row 14. The clocks start now, at dispatch, whoever signs and whenever (pitfalls)."""
    choice = choose(case, asked.at, pack)
    main = choice.main if asked.main is None else _named(asked.main, pack)
    urgency = _higher(case.urgency, choice.row.then.urgency)
    return [
        CaseDispatched(
            at=asked.at, by=By(asked.post, asked.person), main=Party.of(main),
            co=_parties(asked.co, choice.co, pack), informed=_parties(asked.informed, choice.informed, pack),
            mode=choice.mode, urgency=urgency, row=choice.row.row,
            added_rows=tuple(row.row for row in choice.walk.added), rules_version=pack.version,
            late=choice.row.then.late, chosen_by_person=asked.main is not None,
            deadlines=tuple(_clocks(case, asked.at, urgency, choice.row, pack)),
            explanation=tuple(_seen(each) for each in choice.walk.asked),
            replies=(Reply("reply.dispatched"),) if case.reporters else (),
        )
    ]  # fmt: skip


def _named(post_id: str, pack: Pack) -> Post:
    post = pack.directory.posts.get(post_id)
    if post is None or not post.filled:
        raise Refused("one_main_handler", main=post_id)
    return post


def _parties(named: tuple[str, ...], chosen: tuple[Post, ...], pack: Pack) -> tuple[Party, ...]:
    posts = tuple(_named(each, pack) for each in named) or chosen
    return tuple(Party.of(post) for post in posts)


def _clocks(case: Case, at: datetime, urgency: Urgency, row: RuleRow, pack: Pack) -> Iterator[Deadline]:
    yield deadline(pack, "sign", at, pack.limit("sign", urgency), urgency)
    if case.reporters:
        yield deadline(pack, "contact", at, pack.limit("contact", urgency), urgency)
    yield _result(case, at, urgency, row, pack)


def _result(case: Case, at: datetime, urgency: Urgency, row: RuleRow, pack: Pack) -> Deadline:
    """T3 by category; an answer may shorten it, and so may the row's own figure where it is the same step (4.4)."""
    assert case.category is not None
    category = pack.categories[case.category]
    limits = [category.result]
    limits += [within for question, within in category.result_if if case.answers.get(question) is True]
    if row.then.result_within is not None:
        limits.append(Within.parse(row.then.result_within))
    if _rank(urgency) > _rank(category.urgency):
        limits.append(pack.default_result[urgency])
    counted = [deadline(pack, "result", at, within, urgency) for within in limits]
    return min(counted, key=lambda each: each.due_at)


def _rank(urgency: str) -> int:
    return URGENCIES.index(urgency)


def _higher(now: Urgency, asked: str | None) -> Urgency:
    return URGENCIES[max(_rank(now), _rank(asked or now))]


def _seen(asked: Asked) -> RowSeen:
    if asked.lacking is None:
        return RowSeen(asked.row)
    wanted = asked.lacking.wanted
    words = "|".join(str(each) for each in wanted) if isinstance(wanted, tuple) else str(wanted)
    return RowSeen(asked.row, f"{asked.lacking.fact} {asked.lacking.op} {words}", asked.seen)


def whistles_of(case: Case, at: datetime, pack: Pack) -> list[RequestWhistle]:
    """The whistles a row files with the dispatch, linked to one another; people approve them (decisions 2.9)."""
    row = next(each for each in pack.rules.rows if each.row == case.row)
    asked = row.then.whistles
    ids = [f"{case.case_id}-w{number}" for number in range(1, len(asked) + 1)]
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
