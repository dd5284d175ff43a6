"""More time: an extension that somebody must approve, a suspension with a review date, and going on afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.case import Case
from shaoyin.domain.clocks import resumed, unit_of, until
from shaoyin.domain.commands import (
    ApproveExtension,
    DeclineExtension,
    Given,
    RequestExtension,
    Resume,
    Suspend,
    TimePassed,
)
from shaoyin.domain.events import (
    By,
    CaseResumed,
    CaseSuspended,
    Deadline,
    Event,
    ExtensionApproved,
    ExtensionDeclined,
    ExtensionRequested,
)
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import named, superior_of_triage

EXTENSIONS = 2


def result_overdue(case: Case, asked: RequestExtension, _pack: Pack) -> bool:
    """Whoever is late asks for nothing any more; at the due instant it is in time (row 26)."""
    clock = case.clocks.get("result")
    return clock is None or asked.at > clock.deadline.due_at


def extensions_used(case: Case, _asked: Given, _pack: Pack) -> bool:
    return case.extensions >= EXTENSIONS


def extension_too_long(case: Case, asked: RequestExtension | ApproveExtension, pack: Pack) -> bool | dict[str, object]:
    """At most 10 wd each, from the present T3, and later than it."""
    until_at = asked.until or (case.extension.until if case.extension else None)
    clock = case.clocks["result"]
    limit = pack.limit("extension", case.urgency)
    latest = pack.due(clock.deadline.due_at, limit).due_at
    assert until_at is not None
    return {"limit": str(limit)} if not clock.deadline.due_at < until_at <= latest else False


def critical(case: Case, _asked: Given, _pack: Pack) -> bool:
    return case.critical


def extension_pending(case: Case, _asked: Given, _pack: Pack) -> bool:
    return case.extension is not None


def no_extension_pending(case: Case, _asked: Given, _pack: Pack) -> bool:
    return case.extension is None


def own_request(case: Case, asked: ApproveExtension, _pack: Pack) -> bool:
    """Nobody gives himself more time (decisions 1.8)."""
    return case.main is not None and (case.main.post == asked.post or asked.person in case.workers)


def request_extension(case: Case, asked: RequestExtension, pack: Pack) -> list[Event]:
    """Row 26. T3 and the ladder run on while nobody has decided."""
    return [
        ExtensionRequested(
            at=asked.at, by=By(asked.post, asked.person), until=asked.until, public_reason=asked.public_reason,
            reason=asked.reason,
        )
    ]  # fmt: skip


def approve_extension(case: Case, asked: ApproveExtension, pack: Pack) -> list[Event]:
    """a7. The reporter hears the new date and why (decisions 1.8)."""
    wish = case.extension
    assert wish is not None
    return [
        ExtensionApproved(
            at=asked.at, by=By(asked.post, asked.person), until=asked.until or wish.until,
            public_reason=wish.public_reason, deadlines=tuple(_extended(case, asked, pack)),
            replies=case.told("reply.extension", wish.public_reason),
        )
    ]  # fmt: skip


def _extended(case: Case, asked: ApproveExtension, pack: Pack) -> Iterator[Deadline]:
    """T3 from its own start to the new date; four fifths of it remind again, counted as before."""
    assert case.extension is not None
    clock, due_at = case.clocks["result"], asked.until or case.extension.until
    before = clock.deadline
    unit = unit_of(before).unit
    look_at = pack.calendar.share(before.from_at, due_at, unit, 4, 5)
    minutes = pack.calendar.minutes_between(before.from_at, due_at, unit)
    yield Deadline(
        "result", before.from_at, before.within, due_at, max(look_at, asked.at), before.calendar,
        before.provisional, left=minutes, length=minutes,
    )  # fmt: skip


def decline_extension(case: Case, asked: DeclineExtension, pack: Pack) -> list[Event]:
    return [ExtensionDeclined(at=asked.at, by=By(asked.post, asked.person), reason=asked.reason)]


def result_not_due(case: Case, asked: TimePassed, _pack: Pack) -> bool:
    """Silence declines it when T3 is due, not before."""
    clock = case.clocks.get("result")
    return case.extension is None or clock is None or asked.at <= clock.deadline.due_at


def extension_lapsed(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    told = named(superior_of_triage(case, pack))
    return [ExtensionDeclined(at=asked.at, reason="unanswered", unanswered=True, told=told)]


def review_too_far(_case: Case, asked: Suspend, pack: Pack) -> bool | dict[str, object]:
    """Each reason has its cap (decisions 1.29); a review date in the past reviews nothing."""
    limit = pack.suspensions[asked.reason]
    return {"limit": str(limit)} if not asked.at < asked.review_at <= pack.due(asked.at, limit).due_at else False


def already_suspended(case: Case, _asked: Given, _pack: Pack) -> bool:
    return case.suspensions >= 1


def hazard_open(case: Case, _asked: Given, _pack: Pack) -> bool:
    """Danger does not rest: first somebody makes it safe for the time being (decisions 1.21, 1.29)."""
    clock = case.clocks.get("hazard")
    return case.hazard and (clock is None or clock.met_at is None)


def suspend(case: Case, asked: Suspend, pack: Pack) -> list[Event]:
    """Row 27. T3 and the ladder stop; contact, whistles and the hazard rule run on."""
    review = until("review", asked.at, asked.review_at)
    return [
        CaseSuspended(
            at=asked.at, by=By(asked.post, asked.person), reason=asked.reason, review_at=asked.review_at,
            note_to_reporter=asked.note_to_reporter, deadlines=(review,),
            replies=case.told("reply.suspended", asked.note_to_reporter),
        )
    ]  # fmt: skip


def resume(case: Case, asked: Resume, pack: Pack) -> list[Event]:
    """Row 28. The minutes that were left, and for wd never less than the next working day (decisions 1.16)."""
    return [
        CaseResumed(
            at=asked.at, by=By(asked.post, asked.person), reason=asked.reason,
            deadlines=tuple(_left(case, asked, pack)), replies=case.told("reply.resumed"),
        )
    ]  # fmt: skip


def _left(case: Case, asked: Resume | TimePassed, pack: Pack) -> Iterator[Deadline]:
    result = case.clocks.get("result")
    if result is not None and result.open and result.paused_at is not None:
        yield resumed(pack, result, asked.at)


def review_not_due(case: Case, asked: TimePassed, _pack: Pack) -> bool:
    """The review date is reached, or the matter has become critical and cannot rest (decisions 1.29)."""
    clock = case.clocks.get("review")
    due = clock is not None and clock.watch_at is not None and asked.at > clock.watch_at
    return not (due or case.critical)


def review_reached(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    told = named(superior_of_triage(case, pack))
    return [
        CaseResumed(
            at=asked.at, deadlines=tuple(_left(case, asked, pack)), told=told, replies=case.told("reply.resumed")
        )
    ]
