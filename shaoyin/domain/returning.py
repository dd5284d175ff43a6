"""Not ours: a handler returns a case, triage reassigns it, and after two returns the adjudicator decides."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.case import Case
from shaoyin.domain.clocks import resumed
from shaoyin.domain.commands import Adjudicate, Given, Reassign, ReturnCase
from shaoyin.domain.events import (
    By,
    CaseAdjudicated,
    CaseReassigned,
    CaseReturned,
    Deadline,
    Event,
    Party,
)
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import area_of, handed_over, limited, named, result_term, triage_party

RETURNS = 2
"""Returns of a cycle after which nobody passes it on any more: the adjudicator decides (I7)."""


def return_window_over(case: Case, asked: ReturnCase, pack: Pack) -> bool:
    """2 wd from this dispatch; signing means something, so only before it (decisions 1.24)."""
    assert case.dispatched_at is not None
    return asked.at > pack.due(case.dispatched_at, pack.limit("return", case.urgency)).due_at


def locked(case: Case, _asked: Given, _pack: Pack) -> bool:
    return case.adjudicated


def unknown_suggestion(_case: Case, asked: ReturnCase, pack: Pack) -> bool | dict[str, object]:
    """Ground, basis and a suggested handler that exists: whoever says "not ours" says whose."""
    texts = {"ground": asked.ground, "basis": asked.basis, "suggested": asked.suggested}
    missing = [name for name, text in texts.items() if not text.strip()]
    if asked.suggested not in pack.directory.posts and "suggested" not in missing:
        missing.append("suggested")
    return {"fields": ", ".join(missing)} if missing else False


def return_case(case: Case, asked: ReturnCase, pack: Pack) -> list[Event]:
    """Row 19. T3 runs on: passing it round does not make it later (decisions 1.5, 1.23)."""
    number = case.returns + 1
    adjudicator = _adjudicator(number, area_of(case, pack), pack)
    second = number >= RETURNS and adjudicator is not None
    clock = limited(pack, "adjudicate" if second else "reassign", asked.at, case.urgency)
    owner = Party.of(adjudicator) if second and adjudicator is not None else triage_party(case, pack)
    return [
        CaseReturned(
            at=asked.at, by=By(asked.post, asked.person), ground=asked.ground, basis=asked.basis,
            suggested=asked.suggested, number=number, owner=owner, deadlines=(clock,),
            returned_by=(*case.returned_by, *((case.main.post,) if case.main and case.main.post else ())),
        )
    ]  # fmt: skip


def _adjudicator(returns: int, area: str, pack: Pack) -> Post | None:
    """Whom the rows of the load name for so many returns (row 77)."""
    named = (row.then.main for row in pack.rules.of_load({"returns": returns}) if row.then.main is not None)
    return next((post for role in named if (post := pack.post_for(role, area)) is not None), None)


def adjudication_only(case: Case, _asked: Given, _pack: Pack) -> bool:
    return case.returns >= RETURNS


def reassign_first(case: Case, _asked: Given, _pack: Pack) -> bool:
    return case.returns < RETURNS


def already_adjudicated(case: Case, _asked: Given, _pack: Pack) -> bool:
    return case.adjudicated


def sign_not_overdue(case: Case, asked: Reassign, _pack: Pack) -> bool:
    """A unit that is still in time keeps its case (decisions 1.6)."""
    clock = case.clocks.get("sign")
    return clock is None or not clock.open or asked.at <= clock.deadline.due_at


def nobody_there(_case: Case, asked: Reassign | Adjudicate, pack: Pack) -> bool:
    post = pack.directory.posts.get(asked.main)
    return post is None or not post.filled


def reassign(case: Case, asked: Reassign, pack: Pack) -> list[Event]:
    """Row 20. New T1 and T2, T3 not reset; a stopped one goes on (decisions 1.6)."""
    main = pack.directory.posts[asked.main]
    named_co = tuple(Party.of(pack.directory.posts[each]) for each in asked.co if each in pack.directory.posts)
    co = tuple(each for each in named_co or case.co if each.post != main.post_id)
    before = _post(case, pack)
    changed = case.main is None or case.main.org != main.org
    return [
        CaseReassigned(
            at=asked.at, by=By(asked.post, asked.person), main=Party.of(main), co=co, before=case.main,
            reason=asked.reason, deadlines=tuple(_anew(case, asked, pack)),
            told=named(before, pack.head_above(before) if before else None),
            replies=case.told("reply.reassigned") if changed else (),
        )
    ]  # fmt: skip


def _post(case: Case, pack: Pack) -> Post | None:
    return pack.directory.posts.get(case.main.post or "") if case.main is not None else None


def _anew(case: Case, asked: Reassign, pack: Pack) -> Iterator[Deadline]:
    contact = case.clocks.get("contact")
    met = contact is not None and contact.met_at is not None and case.state == "dispatched"
    for each in handed_over(case, asked.at, case.urgency, pack):
        if each.clock != "contact" or not met:
            yield each
    result = case.clocks.get("result")
    if result is not None and result.paused_at is not None:
        yield resumed(pack, result, asked.at)


def adjudicate(case: Case, asked: Adjudicate, pack: Pack) -> list[Event]:
    """Row 21. Any unit may be named, those that returned it included; T3 is whole again, once (decisions 1.23)."""
    main = pack.directory.posts[asked.main]
    return [
        CaseAdjudicated(
            at=asked.at, by=By(asked.post, asked.person), main=Party.of(main), before=case.main,
            reasons=asked.reasons,
            deadlines=(
                *handed_over(case, asked.at, case.urgency, pack), result_term(case, asked.at, case.urgency, pack),
            ),
            replies=case.told("reply.adjudicated"),
        )
    ]  # fmt: skip
