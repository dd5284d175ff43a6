"""The claim pool: an order is posted, members claim it, give it back or have it taken back; nobody is punished."""

from __future__ import annotations

from datetime import datetime

from shaoyin.domain.calendar import Within
from shaoyin.domain.case import Case, Order
from shaoyin.domain.clocks import deadline, until, unwatched
from shaoyin.domain.commands import (
    Claim,
    DeclineOrder,
    Enrolled,
    GiveBack,
    PostForClaim,
    TakeBack,
    TimePassed,
)
from shaoyin.domain.events import (
    By,
    CaseNotAccepted,
    CaseSigned,
    Deadline,
    Event,
    OrderClaimed,
    OrderGivenBack,
    OrderPosted,
    OrderTakenBack,
    OrderUnclaimed,
    Party,
    PlaceGivenUp,
)
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import area_of, category_of, limited, result_term, rows_of, triage_party

VETTING = ("none", "basic", "minors")
MINORS_NEED = 2
"""Adults an order with minors needs before work begins (domain 6.4, decisions 2.15)."""
NIGHT_FROM, NIGHT_UNTIL = 22, 7


def category_not_for_orders(case: Case, _asked: PostForClaim, pack: Pack) -> bool:
    category = category_of(case, pack)
    return category is None or not category.orders


def publication_not_agreed(_case: Case, asked: PostForClaim, _pack: Pack) -> bool:
    """The orderer chooses what is shown before a claim; nothing was said: nothing may be shown (2.34)."""
    return asked.publication is None


def consent_missing(case: Case, asked: PostForClaim, pack: Pack) -> bool:
    """Nothing about a child is published before its guardian agreed (decisions 2.27)."""
    return needed_vetting(case, asked, pack) == "minors" and not asked.consent


def needed_vetting(case: Case, asked: PostForClaim, pack: Pack) -> str:
    """The stricter of what the order asks and what its category demands."""
    category = category_of(case, pack)
    return max(asked.vetting, category.vetting if category else "none", key=VETTING.index)


def critical_not_claimable(case: Case, _asked: PostForClaim, _pack: Pack) -> bool:
    return case.critical


def already_posted(case: Case, _asked: PostForClaim, _pack: Pack) -> bool:
    return case.posted


def unsafe_order(_case: Case, asked: PostForClaim, pack: Pack) -> bool | dict[str, object]:
    """No dangerous work for volunteers, and never one alone at night (decisions 2.40)."""
    if asked.dangerous:
        return {"why": "dangerous"}
    if asked.agreed_time is not None:
        hour = asked.agreed_time.astimezone(pack.zone).hour
        if (hour >= NIGHT_FROM or hour < NIGHT_UNTIL) and asked.places < 2:
            return {"why": "night"}
    return False


def post_for_claim(case: Case, asked: PostForClaim, pack: Pack) -> list[Event]:
    """Row 15. The window is the row's or 24 hours; the members of the area are told, the vetted ones only."""
    assert asked.publication is not None
    vetting = needed_vetting(case, asked, pack)
    needed = MINORS_NEED if vetting == "minors" else 1
    eligible = tuple(
        each.person for each in asked.members if each.alert and _fits(each, vetting) and not _own(each, asked.household)
    )
    return [
        OrderPosted(
            at=asked.at, by=By(asked.post, asked.person), publication=asked.publication, task=asked.task,
            places=max(asked.places, needed), needed=needed, agreed_at=asked.agreed_time, consent=asked.consent,
            vetting="minors" if vetting == "minors" else "basic" if vetting == "basic" else "none",
            dangerous=asked.dangerous, household=asked.household, eligible=eligible,
            deadlines=(_window(case, asked.at, pack),), replies=case.told("reply.order_posted"),
        )
    ]  # fmt: skip


def _window(case: Case, at: datetime, pack: Pack) -> Deadline:
    """The row's own figure from the posting, else the pack's (domain 4.4)."""
    own = next((row.then.claim for row in rows_of(case, pack) if row.then.claim is not None), None)
    if own is None:
        return limited(pack, "claim", at, case.urgency)
    return deadline(pack, "claim", at, Within.parse(own), case.urgency)


def _fits(member: Enrolled, vetting: str) -> bool:
    return VETTING.index(member.vetting) >= VETTING.index(vetting)


def _own(member: Enrolled, household: str | None) -> bool:
    return household is not None and member.household == household


def not_eligible(case: Case, asked: Claim, _pack: Pack) -> bool:
    return case.order is None or asked.member is None or not _fits(asked.member, case.order.vetting)


def own_matter(case: Case, asked: Claim, _pack: Pack) -> bool:
    """Neither one's own order nor one's own household's (decisions 2.27)."""
    assert case.order is not None
    mine = asked.member is not None and _own(asked.member, case.order.household)
    return mine or (asked.person is not None and asked.person == case.opened_by)


def claim_window_over(case: Case, asked: Claim, _pack: Pack) -> bool:
    """At the due instant it is in time; later it is refused, whether or not the timer has run (decisions 2.35)."""
    return case.order is None or asked.at > case.order.window_until


def further_window_over(case: Case, asked: Claim, _pack: Pack) -> bool:
    """Free places stay claimable until the start, or the window's end where no start was agreed (decisions 2.15)."""
    return case.order is None or asked.at > (case.order.agreed_at or case.order.window_until)


def place_not_completed(case: Case, _asked: Claim, _pack: Pack) -> bool:
    return case.order is None or len(case.order.claims) + 1 != case.order.needed


def no_place_free(case: Case, _asked: Claim, _pack: Pack) -> bool:
    return case.order is None or case.order.free < 1


def already_claimed(case: Case, asked: Claim, _pack: Pack) -> bool:
    return case.order is not None and case.order.claimed_by(asked.person)


def _claimant(case: Case, asked: Claim, pack: Pack) -> Party:
    return Party(None, asked.person, None, area_of(case, pack))


def claim(case: Case, asked: Claim, pack: Pack) -> list[Event]:
    """Row 16. The claim that completes the number needed signs it; T2 and T3 start with it (decisions 1.25)."""
    by = By(None, asked.person)
    clocks = [limited(pack, "sign", asked.at, case.urgency), result_term(case, asked.at, case.urgency, pack)]
    if case.reporters:
        clocks.append(limited(pack, "contact", asked.at, case.urgency))
    claimed = OrderClaimed(
        at=asked.at, by=by, claimant=_claimant(case, asked, pack), completes=True,
        lead=case.order is not None and not case.order.claims, deadlines=tuple(clocks),
        replies=case.told("reply.order_claimed"),
    )  # fmt: skip
    return [claimed, CaseSigned(at=asked.at, by=by)]


def claim_place(case: Case, asked: Claim, pack: Pack) -> list[Event]:
    """Row 16. The first of two for minors, or a further place as a co-handler whose date is T3 at most."""
    result = case.clocks.get("result")
    part: tuple[Deadline, ...] = ()
    if case.state != "open_for_claim" and result is not None and result.open:
        part = (unwatched(until("part", asked.at, result.deadline.due_at)),)
    first = case.state == "open_for_claim" and case.order is not None and not case.order.claims
    return [
        OrderClaimed(
            at=asked.at, by=By(None, asked.person), claimant=_claimant(case, asked, pack), completes=False, lead=first,
            deadlines=part,
        )
    ]  # fmt: skip


def window_open(case: Case, asked: TimePassed, _pack: Pack) -> bool:
    clock = case.clocks.get("claim")
    return clock is None or clock.watch_at is None or asked.at <= clock.watch_at


def unclaimed(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    """Row 17. Nobody came: the community assigns it or declines it with a reason (decisions 2.14)."""
    return [OrderUnclaimed(at=asked.at, deadlines=_assign(case, asked.at, pack), owner=triage_party(case, pack))]


def _assign(case: Case, at: datetime, pack: Pack) -> tuple[Deadline, ...]:
    return (limited(pack, "assign", at, case.urgency),)


def not_the_claimant(case: Case, asked: GiveBack, _pack: Pack) -> bool:
    """The lead's, who is the main handler of a claimed order; the system's for one whose registration ended."""
    person = asked.claimant if asked.by_system else asked.person
    return not case.claimed or case.main is None or case.main.person != person


def not_a_place(case: Case, asked: GiveBack, _pack: Pack) -> bool:
    person = asked.claimant if asked.by_system else asked.person
    return case.order is None or not case.order.claimed_by(person)


def _window_left(case: Case, at: datetime) -> bool:
    return case.order is not None and at <= case.order.window_until


def back_window_over(case: Case, asked: GiveBack | TakeBack, _pack: Pack) -> bool:
    return not _window_left(case, asked.at)


def back_window_open(case: Case, asked: GiveBack | TakeBack, _pack: Pack) -> bool:
    return _window_left(case, asked.at)


def give_back(case: Case, asked: GiveBack, pack: Pack) -> list[Event]:
    """a3. Whoever came freely may leave freely; T3 starts anew with the next claim (decisions 2.13)."""
    person = asked.claimant if asked.by_system else asked.person
    assert person is not None
    again = _window_left(case, asked.at)
    return [
        OrderGivenBack(
            at=asked.at, by=By(None, asked.person), claimant=person, to="open_for_claim" if again else "accepted",
            owner=triage_party(case, pack), reason=asked.reason, deadlines=_back(case, asked.at, pack),
            eligible=_others(case, person, asked.members) if again else (),
        )
    ]  # fmt: skip


def give_up_place(case: Case, asked: GiveBack, pack: Pack) -> list[Event]:
    """A further claimant steps back: the place is free again, the order goes on with those who are there."""
    person = asked.claimant if asked.by_system else asked.person
    assert person is not None
    return [PlaceGivenUp(at=asked.at, by=By(None, asked.person), claimant=person, reason=asked.reason)]


def _back(case: Case, at: datetime, pack: Pack) -> tuple[Deadline, ...]:
    """The window runs on with what is left of it; once it is over, the assign-or-decline timer starts."""
    if not _window_left(case, at):
        return _assign(case, at, pack)
    assert case.order is not None
    return (until("claim", at, case.order.window_until),)


def _others(case: Case, person: str, members: tuple[Enrolled, ...]) -> tuple[str, ...]:
    assert isinstance(case.order, Order)
    order = case.order
    able = (each for each in members if each.alert and _fits(each, order.vetting) and not _own(each, order.household))
    return tuple(each.person for each in able if each.person != person)


def not_claimed(case: Case, _asked: TakeBack, _pack: Pack) -> bool:
    return not case.claimed


def too_early(case: Case, asked: TakeBack, _pack: Pack) -> bool:
    """After the agreed time or T3, and not before: a volunteer is not hurried (decisions 2.13)."""
    result = case.clocks.get("result")
    late = result is not None and asked.at > result.deadline.due_at
    agreed = case.order.agreed_at if case.order is not None else None
    return not late and (agreed is None or asked.at <= agreed)


def take_back(case: Case, asked: TakeBack, pack: Pack) -> list[Event]:
    assert case.main is not None
    assert case.main.person is not None
    again = _window_left(case, asked.at)
    return [
        OrderTakenBack(
            at=asked.at, by=By(asked.post, asked.person), claimant=case.main.person, reason=asked.reason,
            to="open_for_claim" if again else "accepted", owner=triage_party(case, pack),
            deadlines=_back(case, asked.at, pack),
            eligible=_others(case, case.main.person, asked.members) if again else (),
        )
    ]  # fmt: skip


def not_an_order(case: Case, _asked: DeclineOrder, _pack: Pack) -> bool:
    return not case.posted


def decline_order(case: Case, asked: DeclineOrder, pack: Pack) -> list[Event]:
    """a5. Nobody came and nobody can be assigned: the orderer hears why (decisions 2.14)."""
    return [
        CaseNotAccepted(
            at=asked.at, by=By(asked.post, asked.person), ground=asked.ground,
            replies=case.told("reply.not_accepted", asked.public_reply),
        )
    ]  # fmt: skip
