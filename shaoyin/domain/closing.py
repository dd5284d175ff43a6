"""Check, call-back, rework, close, rate and reopen: a matter ends when its reporters have been asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from shaoyin.domain.case import Case, Reporter
from shaoyin.domain.clocks import dated, unit_of
from shaoyin.domain.commands import (
    Archive,
    FailCheck,
    Given,
    PassCheck,
    Rate,
    RecordCallBack,
    Reopen,
    SubmitResult,
    TimePassed,
)
from shaoyin.domain.events import (
    By,
    CalledBack,
    CaseArchived,
    CaseClosed,
    CaseMarkedHard,
    CaseRated,
    CaseReopened,
    CaseSupervised,
    CheckPassed,
    CheckSkipped,
    Deadline,
    Event,
    Outcome,
    Reply,
    ReworkOrdered,
)
from shaoyin.domain.evolve import evolve
from shaoyin.domain.handling import result_unchecked
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import area_of, joint_meeting, limited, named, result_term, triage_party
from shaoyin.domain.who import speaker

TRIES = 3
HARD_AT = 3
"""The rework that makes a hard case (decisions 1.1)."""
LEADERS = ("community_secretary", "street_deputy", "street_head")


def has_reporter(case: Case, _asked: Given, _pack: Pack) -> bool:
    return bool(case.reporters)


def no_reporter(case: Case, _asked: Given, _pack: Pack) -> bool:
    return not case.reporters


def pass_check(case: Case, asked: PassCheck, pack: Pack) -> list[Event]:
    """Row 30. The orderer of a claimed order is asked to rate it himself: his word is the call-back (2.28)."""
    asks = case.told("reply.please_rate") if case.claimed else ()
    by, call_back = By(asked.post, asked.person), _call_back(case, asked.at, pack)
    return [CheckPassed(at=asked.at, by=by, note=asked.note, deadlines=(call_back,), replies=asks)]


def pass_and_close(case: Case, asked: PassCheck, pack: Pack) -> list[Event]:
    """Row 30. Nobody is there to be asked: the check ends it (decisions 1.2)."""
    passed = CheckPassed(at=asked.at, by=By(asked.post, asked.person), note=asked.note, deadlines=())
    return [passed, close(case, asked.at, "no_reporter", pack)]


def submit_unchecked(case: Case, asked: SubmitResult, pack: Pack) -> list[Event]:
    asks = case.told("reply.please_rate") if case.claimed else ()
    skipped = CheckSkipped(at=asked.at, deadlines=(_call_back(case, asked.at, pack),), replies=asks)
    return [result_unchecked(case, asked, pack), skipped]


def submit_and_close(case: Case, asked: SubmitResult, pack: Pack) -> list[Event]:
    return [
        result_unchecked(case, asked, pack), CheckSkipped(at=asked.at, deadlines=()),
        close(case, asked.at, "no_reporter", pack),
    ]  # fmt: skip


def _call_back(case: Case, at: datetime, pack: Pack) -> Deadline:
    return limited(pack, "call_back", at, case.urgency)


def fail_check(case: Case, asked: FailCheck, pack: Pack) -> list[Event]:
    """Row 31. The reporter was promised nothing yet, so there is nothing to tell him; the date is the handler's."""
    return rework(case, asked.at, By(asked.post, asked.person), asked.reason, pack, told=False)


def rework(case: Case, at: datetime, by: By, reason: str, pack: Pack, *, told: bool = True) -> list[Event]:
    """Rows 31, 34, 35. Half the first T3 of the cycle; from the third on a hard case with a red card (1.1, 1.17)."""
    number = case.reworks + 1
    upper = pack.post_for("district_joint_office", area_of(case, pack))
    ordered = ReworkOrdered(
        at=at, by=by, reason=reason, rework=number, deadlines=(_half(case, at, pack),),
        raised=named(upper) if number > HARD_AT else (), replies=case.told("reply.rework") if told else (),
    )  # fmt: skip
    return [ordered] if number < HARD_AT else [ordered, *_hard(case, at, pack)]


def _half(case: Case, at: datetime, pack: Pack) -> Deadline:
    first = case.first_result
    assert first is not None, "whoever handed in a result had a date for it"
    within = unit_of(first)
    if case.critical:
        due = pack.calendar.after(at, pack.calendar.minutes_between(first.from_at, first.due_at, "min") // 2, "min")
    else:
        due = pack.calendar.half(at, first.from_at, first.due_at, within.unit)
    left = pack.calendar.minutes_between(at, due.due_at, within.unit)
    return _with_left(dated(pack, "result", at, within, due), left)


def _with_left(deadline: Deadline, minutes: int) -> Deadline:
    return Deadline(
        deadline.clock, deadline.from_at, deadline.within, deadline.due_at, deadline.look_at, deadline.calendar,
        deadline.provisional, left=minutes, length=minutes,
    )  # fmt: skip


def _hard(case: Case, at: datetime, pack: Pack) -> list[Event]:
    told = joint_meeting(case, pack)
    review = limited(pack, "supervision_review", at, case.urgency)
    marked: list[Event] = [CaseMarkedHard(at=at, told=told)]
    if case.supervision == "red_card":
        return marked
    card = CaseSupervised(at=at, grade="red_card", reason="third_rework", told=told, deadlines=(review,))
    return [*marked, card]


def plan_missing(_case: Case, asked: RecordCallBack, _pack: Pack) -> bool:
    """Only solved, or partly with a plan, is an answer that can close (row 33)."""
    partly = asked.outcome == "partly_solved" and bool((asked.plan or "").strip())
    return asked.outcome != "solved" and not partly


def others_unanswered(case: Case, asked: RecordCallBack | Rate, _pack: Pack) -> bool:
    ref = _ref(case, asked)
    return any(each.answer is None for each in case.reporters if each.ref != ref)


def _ref(case: Case, asked: RecordCallBack | Rate) -> str | None:
    if isinstance(asked, RecordCallBack):
        return asked.reporter_ref
    reporter = speaker(case, asked)
    return reporter.ref if reporter is not None else None


def unknown_reporter(case: Case, asked: RecordCallBack, _pack: Pack) -> bool:
    return case.reporter(asked.reporter_ref) is None


def approval_missing(case: Case, asked: RecordCallBack, pack: Pack) -> bool:
    """Unsolved for good only by a lawful explanation: triage's superior gives it, the call-back post proposed it."""
    proposer = pack.directory.posts.get(asked.proposed_by or "")
    if proposer is None or proposer.post_id == asked.post or not pack.directory.has_right(proposer, "call_back"):
        return True
    return asked.outcome != "unsolved" or not (asked.lawful_explanation or "").strip()


def last_answer(case: Case, asked: RecordCallBack, pack: Pack) -> bool:
    """Not the answer that ends the call-back: others are still open, or it was only a try."""
    if asked.outcome == "no_contact":
        return not tries_missing(case, asked, pack) and not others_unanswered(case, asked, pack)
    return plan_missing(case, asked, pack) or not others_unanswered(case, asked, pack)


def not_unsolved(_case: Case, asked: RecordCallBack | Rate, _pack: Pack) -> bool:
    said = asked.outcome if isinstance(asked, RecordCallBack) else asked.solved
    return said != "unsolved"


def rework_is_third(case: Case, asked: RecordCallBack, pack: Pack) -> bool:
    return not_unsolved(case, asked, pack) or case.reworks + 1 >= HARD_AT


def rework_below_third(case: Case, asked: RecordCallBack, pack: Pack) -> bool:
    return not_unsolved(case, asked, pack) or case.reworks + 1 < HARD_AT


def tries_missing(case: Case, asked: RecordCallBack, pack: Pack) -> bool:
    """Three tries at different hours and a message left; an anonymous reporter had three days to answer (row 36)."""
    reporter = case.reporter(asked.reporter_ref)
    if asked.outcome != "no_contact" or reporter is None:
        return True
    if reporter.secrecy == "anonymous":
        limit = pack.limit("message", case.urgency)
        return not reporter.tries or asked.at < pack.due(reporter.tries[0], limit).due_at
    tries = (*reporter.tries, *_tried(case, asked))
    hours = {each.astimezone(ZoneInfo(pack.calendar.zone)).replace(minute=0, second=0, microsecond=0) for each in tries}
    return len(hours) < TRIES or not _leaves_a_message(asked)


def _leaves_a_message(asked: RecordCallBack) -> bool:
    return bool((asked.message or "").strip())


def _tried(case: Case, asked: RecordCallBack) -> tuple[datetime, ...]:
    """The tries told with the command, none of them in the future; told none, it is this instant.

    Somebody without a name can only be left a message to read under the code: that is his try, at this instant.
    """
    reporter = case.reporter(asked.reporter_ref)
    if reporter is not None and reporter.secrecy == "anonymous":
        return (asked.at,) if _leaves_a_message(asked) else ()
    return tuple(each for each in asked.tries if each <= asked.at) or (asked.at,)


def record_call_back(case: Case, asked: RecordCallBack, pack: Pack) -> list[Event]:
    """Rows 33 and 36: the answer that lets it close; one entry for each distinct reporter (decisions 1.11)."""
    called = _called(case, asked, answered=True)
    return [called, *_closed(evolve(case, called), asked.at, pack)]


def note_answer(case: Case, asked: RecordCallBack, pack: Pack) -> list[Event]:
    """Row 33. One of several reporters, or a failed try before the third: the call-back runs on."""
    final = asked.outcome in ("solved", "partly_solved") or not tries_missing(case, asked, pack)
    return [_called(case, asked, answered=final)]


def explain(case: Case, asked: RecordCallBack, pack: Pack) -> list[Event]:
    called = _called(case, asked, answered=True)
    return [called, close(evolve(case, called), asked.at, "unsolved_explained", pack)]


def call_back_unsolved(case: Case, asked: RecordCallBack, pack: Pack) -> list[Event]:
    """Rows 34 and 35. One "unsolved" is a rework, whoever else was content (decisions 1.11)."""
    called = _called(case, asked, answered=True)
    by = By(asked.post, asked.person)
    return [called, *rework(evolve(case, called), asked.at, by, "call_back_unsolved", pack)]


def _called(case: Case, asked: RecordCallBack, *, answered: bool) -> CalledBack:
    words = asked.lawful_explanation or asked.message
    key = "reply.explanation" if asked.lawful_explanation else "reply.left_message"
    return CalledBack(
        at=asked.at, by=By(asked.post, asked.person), reporter_ref=asked.reporter_ref, outcome=asked.outcome,
        answered=answered, satisfaction=asked.satisfaction, plan=asked.plan, note=asked.note,
        tries=_tried(case, asked) if asked.outcome == "no_contact" else (),
        explained=asked.lawful_explanation is not None, approved_for=asked.proposed_by,
        replies=(Reply(key, words, asked.reporter_ref),) if words else (),
    )  # fmt: skip


def _closed(case: Case, at: datetime, pack: Pack) -> list[Event]:
    answers = [each.answer for each in case.reporters]
    return [close(case, at, _outcome(answers), pack)] if all(answers) else []


def _outcome(answers: Sequence[str | None]) -> Outcome:
    """The least good answer names the outcome; somebody who was never reached does not improve it."""
    if "unsolved" in answers:
        return "unsolved_explained"
    if "partly_solved" in answers:
        return "partly_solved"
    return "solved" if "solved" in answers else "no_contact"


def close(case: Case, at: datetime, outcome: Outcome, pack: Pack) -> CaseClosed:
    """Every reporter gets the public reply (I1, I5); the archive waits fifteen days for an objection."""
    archive = limited(pack, "archive", at, case.urgency)
    told = case.told("reply.closed", case.public_reply)
    return CaseClosed(at=at, outcome=outcome, deadlines=(archive,), replies=told)


def rated_otherwise(case: Case, asked: Rate, pack: Pack) -> bool:
    """Solved, and nobody else is left to ask: only then his word closes it."""
    return asked.solved != "solved" or others_unanswered(case, asked, pack)


def rate_solved(case: Case, asked: Rate, pack: Pack) -> list[Event]:
    """a10. The resident's own word is the call-back; no relay is needed (decisions 1.13)."""
    rated = _rated(case, asked, answered=True)
    return [rated, *_closed(evolve(case, rated), asked.at, pack)]


def rate_unsolved(case: Case, asked: Rate, pack: Pack) -> list[Event]:
    rated = _rated(case, asked, answered=True)
    return [rated, *rework(evolve(case, rated), asked.at, rated.by, "rated_unsolved", pack)]


def rate_only(case: Case, asked: Rate, pack: Pack) -> list[Event]:
    """a10. Kept; it moves nothing after the close, and in `calling_back` others are still to be asked (1.13)."""
    return [_rated(case, asked, answered=case.state == "calling_back" and asked.solved == "solved")]


def _rated(case: Case, asked: Rate, *, answered: bool) -> CaseRated:
    reporter = _reporter(case, asked)
    return CaseRated(
        at=asked.at, by=By(asked.post, asked.person, reporter.ref), reporter_ref=reporter.ref, solved=asked.solved,
        answered=answered, satisfaction=asked.satisfaction, text=asked.text,
    )  # fmt: skip


def _reporter(case: Case, asked: Rate | Reopen) -> Reporter:
    reporter = speaker(case, asked)
    assert reporter is not None, "the guard `not_a_reporter` stands before"
    return reporter


def too_late(case: Case, asked: Reopen, _pack: Pack) -> bool:
    """Until the archive instant itself, by the time it was asked for (decisions 1.18)."""
    clock = case.clocks.get("archive")
    return clock is not None and asked.asked_at > clock.deadline.due_at


def already_reopened(case: Case, asked: Reopen, pack: Pack) -> bool:
    """Each reporter once; leaders have no number limit (decisions 1.18)."""
    if _by_leader(asked, pack):
        return False
    reporter = speaker(case, asked)
    return reporter is None or reporter.reopened


def _by_leader(asked: Reopen, pack: Pack) -> bool:
    post = pack.directory.posts.get(asked.post or "")
    return post is not None and post.kind in LEADERS and not asked.on_behalf


def no_main_handler(case: Case, _asked: Given, pack: Pack) -> bool:
    """The last main handler takes it again, where there was one and it still exists (decisions 1.18)."""
    if case.main is None:
        return True
    if case.main.post is None:
        return False
    post = pack.directory.posts.get(case.main.post)
    return post is None or not post.filled


def has_main_handler(case: Case, asked: Given, pack: Pack) -> bool:
    return not no_main_handler(case, asked, pack)


def reopen(case: Case, asked: Reopen, pack: Pack) -> list[Event]:
    """Row 37. The whole T3 of the category from now, T2 again; a new cycle (decisions 1.18)."""
    assert case.main is not None
    clocks = [result_term(case, asked.at, case.urgency, pack)]
    if case.reporters:
        clocks.append(limited(pack, "contact", asked.at, case.urgency))
    reporter = speaker(case, asked)
    return [
        CaseReopened(
            at=asked.at, by=By(asked.post, asked.person, reporter.ref if reporter else None), reason=asked.reason,
            to="in_progress", deadlines=tuple(clocks), owner=case.main,
            reporter_ref=reporter.ref if reporter else None, on_behalf=asked.on_behalf,
            replies=case.told("reply.reopened"),
        )
    ]  # fmt: skip


def reopen_to_triage(case: Case, asked: Reopen, pack: Pack) -> list[Event]:
    reporter = speaker(case, asked)
    return [
        CaseReopened(
            at=asked.at, by=By(asked.post, asked.person, reporter.ref if reporter else None), reason=asked.reason,
            to="accepted", deadlines=(limited(pack, "dispatch", asked.at, case.urgency),),
            owner=triage_party(case, pack), reporter_ref=reporter.ref if reporter else None,
            on_behalf=asked.on_behalf, replies=case.told("reply.reopened"),
        )
    ]  # fmt: skip


def archive_not_due(case: Case, asked: Archive | TimePassed, _pack: Pack) -> bool:
    clock = case.clocks.get("archive")
    return clock is None or clock.watch_at is None or asked.at <= clock.watch_at


def archive(case: Case, asked: Archive, pack: Pack) -> list[Event]:
    return [CaseArchived(at=asked.at)]
