"""Check, call-back, rework, close and rate: a matter ends when its reporters have been asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from shaoyin.domain.calendar import Within
from shaoyin.domain.case import Case, Refused, Reporter, evolve
from shaoyin.domain.clocks import dated, deadline, unit_of
from shaoyin.domain.commands import FailCheck, PassCheck, Rate, RecordCallBack
from shaoyin.domain.events import (
    By,
    CalledBack,
    CaseClosed,
    CaseMarkedHard,
    CaseRated,
    CaseSupervised,
    CheckPassed,
    CheckSkipped,
    Deadline,
    Event,
    Outcome,
    Reply,
    RequestAccepted,
    ReworkOrdered,
)
from shaoyin.domain.pack import Pack

ARCHIVE_WITHIN = Within(15, "d")
REVIEW_WITHIN = Within(3, "wd")
TRIES = 3
DAYS_TO_ANSWER_A_MESSAGE = timedelta(days=3)
HARD_AT = 3


def pass_check(case: Case, asked: PassCheck, pack: Pack) -> list[Event]:
    """Row 30. Whoever has a reporter is called back next; nobody to ask: the case closes (decisions 1.2)."""
    by = By(asked.post, asked.person)
    if not case.reporters:
        passed = CheckPassed(at=asked.at, by=by, note=asked.note, deadlines=())
        return [passed, close(case, asked.at, "no_reporter", pack)]
    return [CheckPassed(at=asked.at, by=by, note=asked.note, deadlines=(_call_back(case, asked.at, pack),))]


def skip_check(case: Case, at: datetime, pack: Pack) -> list[Event]:
    """Row 32, chained by the system where the category needs no check."""
    if not case.reporters:
        return [CheckSkipped(at=at, deadlines=()), close(case, at, "no_reporter", pack)]
    return [CheckSkipped(at=at, deadlines=(_call_back(case, at, pack),))]


def fail_check(case: Case, asked: FailCheck, pack: Pack) -> list[Event]:
    if not asked.reason.strip():
        raise Refused("reason_missing")
    return rework(case, asked.at, By(asked.post, asked.person), asked.reason, pack)


def _call_back(case: Case, at: datetime, pack: Pack) -> Deadline:
    return deadline(pack, "call_back", at, pack.limit("call_back", case.urgency))


def rework(case: Case, at: datetime, by: By, reason: str, pack: Pack) -> list[Event]:
    """Rows 31, 34, 35. Half the first T3 of the cycle; from the third on a hard case with a red card (1.1, 1.17)."""
    number = case.reworks + 1
    told = (Reply("reply.rework"),) if case.reporters else ()
    ordered = ReworkOrdered(
        at=at, by=by, reason=reason, rework=number, deadlines=(_half(case, at, pack),), replies=told
    )
    return [ordered] if number < HARD_AT else [ordered, *_hard(case, at, pack)]


def _half(case: Case, at: datetime, pack: Pack) -> Deadline:
    first = case.first_result
    assert first is not None
    within = unit_of(first)
    if case.urgency == "critical":
        due = pack.calendar.after(at, pack.calendar.minutes_between(first.from_at, first.due_at, "min") // 2, "min")
    else:
        due = pack.calendar.half(at, first.from_at, first.due_at, within.unit)
    return dated(pack, "result", at, within, due)


def _hard(case: Case, at: datetime, pack: Pack) -> list[Event]:
    told = joint_meeting(case, pack)
    review = deadline(pack, "supervision_review", at, REVIEW_WITHIN)
    return [
        CaseMarkedHard(at=at, told=told),
        CaseSupervised(at=at, grade="red_card", reason="third_rework", told=told, deadlines=(review,)),
    ]


def joint_meeting(case: Case, pack: Pack) -> tuple[str, ...]:
    assert case.area is not None
    posts = (pack.post_for(kind, case.area) for kind in ("street_head", "street_centre"))
    return tuple(post.post_id for post in posts if post is not None)


def record_call_back(case: Case, asked: RecordCallBack, pack: Pack) -> list[Event]:
    """Rows 33-36. One entry per reporter; the last answer closes, one "unsolved" is a rework (decisions 1.11)."""
    reporter = _asked_reporter(case, asked.reporter_ref)
    by = By(asked.post, asked.person)
    if asked.outcome == "partly_solved" and not asked.plan:
        raise Refused("plan_missing")
    explained = asked.outcome == "unsolved" and asked.lawful_explanation is not None
    if explained and asked.proposed_by is None:
        raise Refused("approval_missing")
    answered = asked.outcome != "no_contact" or _tried_enough(reporter, asked)
    called = CalledBack(
        at=asked.at, by=by, reporter_ref=asked.reporter_ref, outcome=asked.outcome, answered=answered,
        satisfaction=asked.satisfaction, plan=asked.plan, note=asked.note, replies=_words(asked),
    )  # fmt: skip
    after = evolve(case, called)
    if asked.outcome == "unsolved" and not explained:
        return [called, *rework(after, asked.at, by, "call_back_unsolved", pack)]
    return [called, *_close_when_answered(after, asked.at, pack, explained=explained)]


def _words(asked: RecordCallBack) -> tuple[Reply, ...]:
    words = asked.lawful_explanation or asked.message
    key = "reply.explanation" if asked.lawful_explanation else "reply.left_message"
    return (Reply(key, words, asked.reporter_ref),) if words else ()


def _tried_enough(reporter: Reporter, asked: RecordCallBack) -> bool:
    """Three tries at different hours and a message left; an anonymous reporter has three days to answer (row 36)."""
    if reporter.secrecy == "anonymous":
        return bool(reporter.tries) and asked.at - reporter.tries[0] >= DAYS_TO_ANSWER_A_MESSAGE
    hours = {each.replace(minute=0, second=0, microsecond=0) for each in (*reporter.tries, asked.at)}
    return len(hours) >= TRIES and bool(asked.message)


def _asked_reporter(case: Case, ref: str) -> Reporter:
    reporter = case.reporter(ref)
    if reporter is None:
        raise Refused("not_a_reporter")
    return reporter


def _close_when_answered(case: Case, at: datetime, pack: Pack, *, explained: bool = False) -> list[Event]:
    answers = [each.answer for each in case.reporters]
    if not all(answers):
        return []
    return [close(case, at, "unsolved_explained" if explained else _outcome(answers), pack)]


def _outcome(answers: Sequence[str | None]) -> Outcome:
    """The least good answer names the outcome; somebody who was never reached does not improve it."""
    if "unsolved" in answers:
        return "unsolved_explained"
    if "partly_solved" in answers:
        return "partly_solved"
    return "solved" if "solved" in answers else "no_contact"


def close(case: Case, at: datetime, outcome: Outcome, pack: Pack) -> CaseClosed:
    """Every reporter gets the public reply (I1, I5); the archive waits fifteen days for an objection."""
    told = (Reply("reply.closed", case.public_reply),) if case.reporters else ()
    archive = deadline(pack, "archive", at, ARCHIVE_WITHIN)
    return CaseClosed(at=at, outcome=outcome, deadlines=(archive,), replies=told)


def rate(case: Case, asked: Rate, pack: Pack) -> list[Event]:
    """a10. In `calling_back` the reporter's word is the call-back; after the close it is kept and moves nothing."""
    request = asked.request
    _asked_reporter(case, request.reporter_ref)
    by = By(reporter=request.reporter_ref)
    counts = case.state == "calling_back" and request.solved in ("solved", "unsolved")
    rated = CaseRated(
        at=asked.at, by=by, reporter_ref=request.reporter_ref, solved=request.solved, answered=counts,
        satisfaction=request.satisfaction, text=request.text,
    )  # fmt: skip
    heard = RequestAccepted(
        at=asked.at, by=by, request_id=request.request_id, reporter_ref=request.reporter_ref, asked=request.asked,
        replies=(Reply("reply.request_accepted", to=request.reporter_ref),),
    )  # fmt: skip
    if not counts:
        return [rated, heard]
    after = evolve(case, rated)
    if request.solved == "unsolved":
        return [rated, *rework(after, asked.at, by, "rated_unsolved", pack), heard]
    return [rated, *_close_when_answered(after, asked.at, pack), heard]
