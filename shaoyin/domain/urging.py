"""Pressure and priority: urge, supervise, change the urgency or the category; none of the first two moves a clock."""

from __future__ import annotations

from datetime import datetime

from shaoyin.domain.case import Case, Urged
from shaoyin.domain.clocks import until
from shaoyin.domain.commands import ChangeUrgency, Reclassify, Supervise, Urge
from shaoyin.domain.events import (
    By,
    CaseReclassified,
    CaseSupervised,
    CaseUrged,
    Deadline,
    Event,
    Grade,
    Reply,
    UrgencyChanged,
)
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import (
    hazard_clock,
    limited,
    masks,
    named,
    rank,
    recounted,
    superior_of_triage,
    with_answers,
)
from shaoyin.domain.who import speaker

GRADES: tuple[Grade, ...] = ("ordinary", "yellow_card", "red_card")
CARD_GIVERS = ("street_deputy", "street_head")
SUPERIORS = ("community_secretary", *CARD_GIVERS, "dept_head")
URGES_A_DAY = 2
"""Urging messages a handler gets for one case and day (domain 3.5)."""
QUIET_FROM, QUIET_UNTIL = 22, 7
URGES_FOR_A_CARD = 2


def _who(case: Case, asked: Urge) -> str:
    reporter = speaker(case, asked)
    return reporter.ref if reporter is not None else (asked.post or "")


def urged_today(case: Case, asked: Urge, pack: Pack) -> bool:
    """Once per reporter or superior and local calendar day; refused ones do not count (decisions 1.27)."""
    day = pack.calendar.local_day(asked.asked_at)
    who = _who(case, asked)
    return any(each.who == who and pack.calendar.local_day(each.at) == day for each in case.urges)


def not_a_speaker(case: Case, asked: Urge, pack: Pack) -> bool:
    """A reporter of the case, somebody on his behalf, or a superior in his own name."""
    post = pack.directory.posts.get(asked.post or "")
    superior = not asked.on_behalf and post is not None and post.kind in SUPERIORS
    return speaker(case, asked) is None and not superior


def urge(case: Case, asked: Urge, pack: Pack) -> list[Event]:
    """Row 41. Two open ones, at least one after T2's due, are step 3 of the ladder (decisions 1.27)."""
    reporter = speaker(case, asked)
    urged = CaseUrged(
        at=asked.at, by=By(asked.post, asked.person, reporter.ref if reporter else None), text=asked.text,
        reporter_ref=reporter.ref if reporter else None, on_behalf=asked.on_behalf, quiet=_quiet(case, asked, pack),
        replies=case.told("reply.urged", to=reporter.ref) if reporter else (),
    )  # fmt: skip
    if not _gives_a_card(case, asked.at):
        return [urged]
    return [urged, *_yellow(case, asked, pack)]


def _quiet(case: Case, asked: Urge, pack: Pack) -> bool:
    """No urging message at night, and at most two a day for one handler, unless it is critical (domain 3.5)."""
    if case.critical:
        return False
    local = asked.at.astimezone(pack.zone)
    day = pack.calendar.local_day(asked.at)
    today = sum(pack.calendar.local_day(each.at) == day for each in case.urges)
    return today >= URGES_A_DAY or local.hour >= QUIET_FROM or local.hour < QUIET_UNTIL


def _gives_a_card(case: Case, at: datetime) -> bool:
    contact = case.clocks.get("contact")
    if contact is None:
        return False
    still_open = [*(each for each in case.urges if each.open), Urged(at, "")]
    late = any(each.at > contact.deadline.due_at for each in still_open)
    return len(still_open) >= URGES_FOR_A_CARD and late


def _yellow(case: Case, asked: Urge, pack: Pack) -> list[Event]:
    if case.supervision in GRADES[1:]:
        return []
    told = named(superior_of_triage(case, pack))
    review = limited(pack, "supervision_review", asked.at, case.urgency)
    return [CaseSupervised(at=asked.at, grade="yellow_card", reason="urged", told=told, deadlines=(review,))]


def grade_not_higher(case: Case, asked: Supervise, _pack: Pack) -> bool:
    """Grades only go up, skipping allowed; a flag that falls by itself is no pressure (decisions 1.28)."""
    return case.supervision is not None and GRADES.index(asked.grade) <= GRADES.index(case.supervision)


def grade_above_you(_case: Case, asked: Supervise, pack: Pack) -> bool:
    post = pack.directory.posts.get(asked.post or "")
    return asked.grade != "ordinary" and (post is None or post.kind not in CARD_GIVERS)


def supervise(case: Case, asked: Supervise, pack: Pack) -> list[Event]:
    """Row 42. With a review date, 3 wd where none is said; at its end somebody is reminded (decisions 1.28)."""
    owner = pack.directory.posts.get(case.owner.post or "")
    told = named(owner, pack.head_above(owner) if owner else None)
    review: Deadline = limited(pack, "supervision_review", asked.at, case.urgency)
    if asked.review_at is not None and asked.review_at > asked.at:
        review = until("supervision_review", asked.at, asked.review_at)
    return [
        CaseSupervised(
            at=asked.at, by=By(asked.post, asked.person), grade=asked.grade, reason=asked.reason, told=told,
            deadlines=(review,), supervisor=asked.post,
        )
    ]  # fmt: skip


def not_higher(case: Case, asked: ChangeUrgency, _pack: Pack) -> bool:
    return rank(asked.urgency) <= rank(case.urgency)


def not_lower(case: Case, asked: ChangeUrgency, _pack: Pack) -> bool:
    return rank(asked.urgency) >= rank(case.urgency)


def second_post_needed(_case: Case, asked: ChangeUrgency, pack: Pack) -> bool:
    """What makes a matter less urgent is given by one post and proposed by another (mechanics 28)."""
    proposer = pack.directory.posts.get(asked.proposed_by or "")
    return proposer is None or proposer.post_id == asked.post or asked.person in proposer.holders


def change_urgency(case: Case, asked: ChangeUrgency, pack: Pack) -> list[Event]:
    """Row 43. Unmet clocks are counted anew from their own start; nobody is born overdue (decisions 1.15)."""
    anew = recounted(case, asked.at, asked.urgency, pack)
    return [
        UrgencyChanged(
            at=asked.at, by=By(asked.post, asked.person), urgency=asked.urgency, reason=asked.reason, deadlines=anew,
            proposed_by=asked.proposed_by, replies=_new_date(case, anew),
        )
    ]  # fmt: skip


def _new_date(case: Case, anew: tuple[Deadline, ...], key: str = "reply.urgency_changed") -> tuple[Reply, ...]:
    """A reporter who was told a date is told the new one."""
    told_one = case.first_result is not None
    return case.told(key) if told_one and any(each.clock == "result" for each in anew) else ()


def unknown_category(_case: Case, asked: Reclassify, pack: Pack) -> bool:
    return not asked.reason.strip() or asked.category not in pack.categories


def same_category(case: Case, asked: Reclassify, _pack: Pack) -> bool:
    return asked.category == case.category


def reclassify(case: Case, asked: Reclassify, pack: Pack) -> list[Event]:
    """a11. Clocks as for another urgency; a hazard's 24 hours begin at the report; a pause is kept."""
    category = pack.categories[asked.category]
    anew = recounted(case, asked.at, case.urgency, pack, category=asked.category)
    return [
        CaseReclassified(
            at=asked.at, by=By(asked.post, asked.person), category=asked.category, reason=asked.reason,
            answers=with_answers(case, asked.answers), deadlines=(*anew, *hazard_clock(case, category, pack)),
            secrecy=masks(category), hazard=category.hazard, replies=_new_date(case, anew, "reply.reclassified"),
        )
    ]  # fmt: skip
