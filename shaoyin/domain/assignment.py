"""Case → owner: the rules name one main handler, and say why; the whistles that a row asks for come with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shaoyin.domain.calling import EMERGENCY
from shaoyin.domain.case import Case
from shaoyin.domain.choosing import Choice, choose, exact_role
from shaoyin.domain.commands import BlowEmergencyWhistle, Dispatch, RequestWhistle
from shaoyin.domain.events import By, CaseDispatched, Deadline, Event, Party
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack, Urgency
from shaoyin.domain.proposals import scheduled
from shaoyin.domain.rules import RuleRow, WhistleAsked
from shaoyin.domain.terms import first_step, handed_over, result_term, rows_of

GRID = ("grid_lead", "grid_worker", "micro_grid_lead", "building_chief")


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
    rows = _rows(asked, choice, pack)
    informed = _parties(asked.informed, choice.informed, pack, main)
    hidden = not asked.informed and pack.categories[case.category or ""].restricted
    mode = asked.mode or ("D" if choice.mode == "O" else choice.mode)
    return [
        CaseDispatched(
            at=asked.at, by=By(asked.post, asked.person), main=Party.of(main),
            co=_parties(asked.co, choice.co, pack, main),
            informed=() if hidden else informed, unlabelled=informed if hidden else (),
            mode=mode, urgency=choice.urgency, row=rows[0].row, lines=tuple(each.line for each in rows),
            added_rows=tuple(dict.fromkeys(each.row for each in choice.walk.added)), rules_version=pack.version,
            late=choice.late if rows[0] is choice.row else rows[0].then.late, chosen_by_person=asked.main is not None,
            deadlines=tuple(_clocks(case, asked.at, choice.urgency, rows, pack)),
            explanation=choice.walk.asked, whistles=_whistles(asked, case, rows, pack),
            scheduled=tuple(scheduled(choice.walk, case, asked.at, pack)),
            replies=case.told("reply.queued" if _queued(choice) else "reply.dispatched"),
        )
    ]  # fmt: skip


def _rows(asked: Dispatch, choice: Choice, pack: Pack) -> tuple[RuleRow, ...]:
    """A person may name another row; what was added stays."""
    other = None if asked.routing_row is None else pack.rules.by_number.get(asked.routing_row)
    return choice.walk.rows if other is None else (other, *choice.walk.rows[1:])


def _queued(choice: Choice) -> bool:
    """Row 74: what can wait is begun at the next start of duty, and the reporter is told so."""
    return any(each.then.schedules == "next_start" for each in choice.walk.added)


def _whistles(asked: Dispatch, case: Case, rows: tuple[RuleRow, ...], pack: Pack) -> tuple[str, ...]:
    """The whistles the rows file; a person who names the handler says which of them, or none.

    One to departments is filed only where that tier is switched on (decisions 2.37).
    """
    types = tuple(
        dict.fromkeys(
            each.type
            for each in _asked_whistles(rows)
            if (pack.department_tier or each.tier == "member") and (each.role is None or _called(each, case, pack))
        )
    )
    if asked.whistles is not None:
        return tuple(each for each in types if each in asked.whistles)
    return types if asked.main is None else ()


def _asked_whistles(rows: tuple[RuleRow, ...]) -> Iterator[WhistleAsked]:
    return (each for row in rows for each in row.then.whistles)


def _parties(named: tuple[str, ...], chosen: tuple[Post, ...], pack: Pack, main: Post) -> tuple[Party, ...]:
    posts = tuple(pack.directory.posts[each] for each in named) or chosen
    return tuple(Party.of(post) for post in posts if post.post_id != main.post_id)


def _clocks(case: Case, at: datetime, urgency: Urgency, rows: tuple[RuleRow, ...], pack: Pack) -> Iterator[Deadline]:
    yield from handed_over(case, at, urgency, pack)
    yield result_term(case, at, urgency, pack, rows=rows)
    yield from first_step(case.category or "", at, urgency, rows, pack)


def whistles_of(
    case: Case, types: tuple[str, ...], at: datetime, pack: Pack
) -> list[RequestWhistle | BlowEmergencyWhistle]:
    """The whistles the rows file with the dispatch, linked to one another; people approve them (decisions 2.9).

    Where one of the type is open already nobody is called twice; one of an earlier dispatch keeps its own id.
    """
    open_types = {each.type for each in case.whistles.values() if not each.ended}
    rows = rows_of(case, pack)
    known = {each.type: (each, row.basis) for row in rows for each in row.then.whistles}
    asked = tuple(known[each] for each in types if each in known and each not in open_types)
    ids = [f"{case.case_id}-w{len(case.whistles) + number}" for number in range(1, len(asked) + 1)]
    return [
        _request(each, why, whistle_id, ids[0] if whistle_id != ids[0] else None, at, case, pack)
        for (each, why), whistle_id in zip(asked, ids, strict=True)
    ]


def _request(
    asked: WhistleAsked, why: str, whistle_id: str, linked: str | None, at: datetime, case: Case, pack: Pack
) -> RequestWhistle | BlowEmergencyWhistle:
    """An emergency is blown at once, and approved afterwards (decisions 2.9, 2.12)."""
    posts = _called(asked, case, pack)
    responder_type = None if posts else "members"
    if asked.type == EMERGENCY:
        return BlowEmergencyWhistle(
            at=at, whistle_id=whistle_id, type=asked.type, tier=asked.tier, task=asked.task, responders=posts,
            responder_type=responder_type, place=case.area,
        )  # fmt: skip
    return RequestWhistle(
        at=at, whistle_id=whistle_id, type=asked.type, tier=asked.tier, task=asked.task, responders=posts,
        responder_type=responder_type, places=asked.places, place=case.area, dangerous=asked.dangerous,
        linked_to=linked, why_not_below=why if asked.tier == "department" else None,
    )  # fmt: skip


def _called(asked: WhistleAsked, case: Case, pack: Pack) -> tuple[str, ...]:
    """The duty post of the unit that has what is needed, or of the department or utility that is named."""
    if asked.role is not None:
        role = exact_role(asked.role, case.category, case.answers.get("supply"), pack)
        post = pack.post_for(role, case.area or pack.root)
        return (post.post_id,) if post is not None and post.kind in ("dept_duty", "utility_duty") else ()
    units = pack.partner(asked.org_kind, asked.resource) if asked.org_kind else ()
    return tuple(
        post.post_id for unit in units[:1] for post in pack.directory.of_org(unit.org_id) if post.kind == "unit_duty"
    )
