"""The handler's part: sign for, start, contact the reporter, make safe, hand in the result."""

from __future__ import annotations

from shaoyin.domain.calendar import Within
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.clocks import deadline
from shaoyin.domain.commands import ContactReporter, RecordTemporaryMeasure, SignFor, Start, SubmitResult
from shaoyin.domain.events import (
    By,
    CaseContacted,
    CaseSigned,
    CaseStarted,
    Deadline,
    Event,
    MeasureRecorded,
    Reply,
    ResultSubmitted,
)
from shaoyin.domain.pack import Pack

TRIES = 3
CHECK_WITHIN = Within(1, "wd")
CHECK_WITHIN_CRITICAL = Within(2, "h")


def sign_for(case: Case, asked: SignFor, pack: Pack) -> list[Event]:
    return [CaseSigned(at=asked.at, by=By(asked.post, asked.person))]


def start(case: Case, asked: Start, pack: Pack) -> list[Event]:
    return [CaseStarted(at=asked.at, by=By(asked.post, asked.person))]


def contact_reporter(case: Case, asked: ContactReporter, pack: Pack) -> list[Event]:
    """Row 23. Reached, a message readable by the query code, or the third failed try (mechanics 31)."""
    if not case.reporters:
        raise Refused("no_reporter")
    if asked.outcome == "message" and not asked.message:
        raise Refused("outcome_missing")
    third = asked.outcome == "failed" and case.failed_contacts + 1 >= TRIES
    met = asked.outcome in ("reached", "message") or third
    replies = (Reply("reply.message", words=asked.message),) if asked.message else ()
    return [
        CaseContacted(
            at=asked.at, by=By(asked.post, asked.person), outcome=asked.outcome, contacted_at=asked.contacted_at,
            met=met, note=asked.note, replies=replies,
        )
    ]  # fmt: skip


def nothing_to_make_safe(case: Case) -> str | None:
    return None if "hazard" in case.clocks or "first_step" in case.clocks else "not_a_hazard"


def record_temporary_measure(case: Case, asked: RecordTemporaryMeasure, pack: Pack) -> list[Event]:
    """a9. Danger starts when it is known; somebody makes it safe within 24 hours (decisions 1.21)."""
    told = (Reply("reply.measure"),) if case.reporters else ()
    return [MeasureRecorded(at=asked.at, by=By(asked.post, asked.person), text=asked.text, replies=told)]


def no_whistle_holds(case: Case) -> str | None:
    """A blocking whistle keeps the case open: its responders' work is part of the result (row 29)."""
    return "whistle_open" if case.holding_whistles else None


def submit_result(case: Case, asked: SubmitResult, pack: Pack) -> list[Event]:
    """Row 29, 32. Fields as in a real hotline result; the public reply is its own text."""
    assert case.category is not None
    if not asked.work_done.strip() or not asked.public_reply.strip():
        raise Refused("fields_missing", fields="work_done, public_reply")
    if asked.solved != "solved" and not asked.why_not:
        raise Refused("fields_missing", fields="why_not")
    if asked.solved == "partly_solved" and not asked.plan:
        raise Refused("plan_missing")
    category = pack.categories[case.category]
    if category.evidence == "photo_before_after" and len(asked.attachments) < 2 and not asked.why_no_photo:
        raise Refused("evidence_missing", evidence=category.evidence)
    return [
        ResultSubmitted(
            at=asked.at, by=By(asked.post, asked.person), demand_true=asked.demand_true, solved=asked.solved,
            public_reply=asked.public_reply, work_done=asked.work_done, why_not=asked.why_not, plan=asked.plan,
            attachments=asked.attachments, why_no_photo=asked.why_no_photo,
            deadlines=_check(case, asked, pack) if category.check_required else (),
        )
    ]  # fmt: skip


def _check(case: Case, asked: SubmitResult, pack: Pack) -> tuple[Deadline, ...]:
    within = CHECK_WITHIN_CRITICAL if case.urgency == "critical" else CHECK_WITHIN
    return (deadline(pack, "check", asked.at, within),)
