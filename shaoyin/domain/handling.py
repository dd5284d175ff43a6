"""The handler's part: sign for, start, contact the reporter, make safe, bring in others, hand in the result."""

from __future__ import annotations

from shaoyin.domain.case import Case
from shaoyin.domain.clocks import until
from shaoyin.domain.commands import (
    AddHandler,
    ContactReporter,
    Given,
    NotifyParty,
    RecordTemporaryMeasure,
    SignFor,
    Start,
    SubmitPart,
    SubmitResult,
)
from shaoyin.domain.events import (
    By,
    CaseContacted,
    CaseSigned,
    CaseStarted,
    Deadline,
    Event,
    HandlerAdded,
    MeasureRecorded,
    PartSubmitted,
    Party,
    PartyNotified,
    ResultSubmitted,
)
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import after_step, category_of, limited, step_met_by

TRIES = 3
"""Failed tries that together count as contact (mechanics 31)."""


def sign_for(case: Case, asked: SignFor, pack: Pack) -> list[Event]:
    return [CaseSigned(at=asked.at, by=By(asked.post, asked.person))]


def start(case: Case, asked: Start, pack: Pack) -> list[Event]:
    return [CaseStarted(at=asked.at, by=By(asked.post, asked.person))]


def no_reporter(case: Case, _asked: Given, _pack: Pack) -> bool:
    return not case.reporters


def outcome_missing(_case: Case, asked: ContactReporter, _pack: Pack) -> bool:
    """What came of it, in words; a contact of tomorrow has not taken place."""
    return not asked.note.strip() or asked.contacted_at > asked.at


def relay_only(_case: Case, asked: ContactReporter, _pack: Pack) -> bool:
    """A message goes through the centre's relay and is readable under the code; there is no other (1.37)."""
    return asked.outcome == "message" and not (asked.message or "").strip()


def contact_reporter(case: Case, asked: ContactReporter, pack: Pack) -> list[Event]:
    """Row 23. Reached, a message readable by the query code, or the third failed try (mechanics 31)."""
    third = asked.outcome == "failed" and case.failed_contacts + 1 >= TRIES
    met = asked.outcome in ("reached", "message") or third
    step = asked.outcome != "failed" and step_met_by(case, pack) == "reply"
    return [
        CaseContacted(
            at=asked.at, by=By(asked.post, asked.person), outcome=asked.outcome, contacted_at=asked.contacted_at,
            met=met, meets_first_step=step, note=asked.note,
            deadlines=after_step(case, "reply", asked.at, pack) if step else (),
            replies=case.told("reply.message", asked.message) if asked.message else (),
        )
    ]  # fmt: skip


def not_a_hazard(case: Case, _asked: Given, _pack: Pack) -> bool:
    """There is something to make safe: a hazard, or a first step that is due."""
    step = case.clocks.get("first_step")
    return not case.hazard and "hazard" not in case.clocks and (step is None or not step.open)


def record_temporary_measure(case: Case, asked: RecordTemporaryMeasure, pack: Pack) -> list[Event]:
    """a9. Danger starts when it is known; somebody makes it safe within 24 hours (decisions 1.21)."""
    return [
        MeasureRecorded(
            at=asked.at, by=By(asked.post, asked.person), text=asked.text, photos=asked.photos,
            meets_first_step=step_met_by(case, pack) == "measure", replies=case.told("reply.measure"),
            deadlines=after_step(case, "measure", asked.at, pack),
        )
    ]  # fmt: skip


def due_after_result(case: Case, asked: AddHandler, _pack: Pack) -> bool:
    """A part is due with the whole at the latest, and not in the past (decisions 1.40)."""
    result = case.clocks.get("result")
    if asked.due is None or result is None:
        return False
    return not asked.at < asked.due <= result.deadline.due_at


def already_handler(case: Case, asked: AddHandler, pack: Pack) -> bool:
    """Somebody new who exists; the main handler or a co-handler has it already."""
    post = pack.directory.posts.get(asked.to_post)
    known = {each.post for each in (case.main, *case.co) if each is not None}
    return post is None or not post.filled or asked.to_post in known


def add_handler(case: Case, asked: AddHandler, pack: Pack) -> list[Event]:
    """Row 24. A co-handler with a date of its own; the main handler answers for the whole (decisions 1.40)."""
    post = pack.directory.posts[asked.to_post]
    result = case.clocks.get("result")
    due = asked.due or (result.deadline.due_at if result is not None else None)
    part = (until("part", asked.at, due),) if due is not None else ()
    return [
        HandlerAdded(
            at=asked.at, by=By(asked.post, asked.person), handler=Party.of(post), reason=asked.reason, deadlines=part
        )
    ]


def nobody_there(_case: Case, asked: NotifyParty, pack: Pack) -> bool:
    post = pack.directory.posts.get(asked.to_post)
    return not asked.text.strip() or post is None or not post.filled


def notify_party(case: Case, asked: NotifyParty, pack: Pack) -> list[Event]:
    post = pack.directory.posts[asked.to_post]
    return [PartyNotified(at=asked.at, by=By(asked.post, asked.person), party=Party.of(post), text=asked.text)]


def _part_of(asked: SubmitPart) -> str:
    return asked.post or asked.person or ""


def no_open_part(case: Case, asked: SubmitPart, _pack: Pack) -> bool:
    part = case.parts.get(_part_of(asked))
    return part is None or not part.open


def submit_part(case: Case, asked: SubmitPart, pack: Pack) -> list[Event]:
    return [
        PartSubmitted(
            at=asked.at, by=By(asked.post, asked.person), handler=_part_of(asked), text=asked.text,
            attachments=asked.attachments,
        )
    ]  # fmt: skip


def whistle_open(case: Case, _asked: Given, _pack: Pack) -> bool:
    """A blocking whistle keeps the case open: its responders' work is part of the result (row 29)."""
    return bool(case.holding_whistles)


def fields_missing(_case: Case, asked: SubmitResult, _pack: Pack) -> bool | dict[str, object]:
    """The fields of a real hotline result: what was done, the reply, why it is not solved and what comes next."""
    missing = [name for name in ("work_done", "public_reply") if not getattr(asked, name).strip()]
    if asked.solved != "solved" and not (asked.why_not or "").strip():
        missing.append("why_not")
    if asked.solved == "partly_solved" and not (asked.plan or "").strip():
        missing.append("plan")
    return {"fields": ", ".join(missing)} if missing else False


def evidence_missing(case: Case, asked: SubmitResult, pack: Pack) -> bool | dict[str, object]:
    """Photos before and after, or in words why there are none: a photo is never forced (domain 6.5)."""
    category = category_of(case, pack)
    wanted = category is not None and category.evidence == "photo_before_after"
    if wanted and len(asked.attachments) < 2 and not asked.why_no_photo:
        return {"evidence": "photo_before_after"}
    return False


def no_check_required(case: Case, _asked: Given, pack: Pack) -> bool:
    category = category_of(case, pack)
    return category is not None and not category.check_required


def check_required(case: Case, asked: Given, pack: Pack) -> bool:
    return not no_check_required(case, asked, pack)


def submit_result(case: Case, asked: SubmitResult, pack: Pack) -> list[Event]:
    """Row 29. Somebody else checks it first."""
    return [_result(case, asked, (limited(pack, "check", asked.at, case.urgency),))]


def _result(case: Case, asked: SubmitResult, deadlines: tuple[Deadline, ...]) -> ResultSubmitted:
    return ResultSubmitted(
        at=asked.at, by=By(asked.post, asked.person), demand_true=asked.demand_true, solved=asked.solved,
        public_reply=asked.public_reply, work_done=asked.work_done, why_not=asked.why_not, plan=asked.plan,
        beyond_duty=asked.beyond_duty, contacted=asked.contacted, attachments=asked.attachments,
        why_no_photo=asked.why_no_photo, deadlines=deadlines,
    )  # fmt: skip


def result_unchecked(case: Case, asked: SubmitResult, pack: Pack) -> ResultSubmitted:
    """Row 32. The category asks for no check."""
    return _result(case, asked, ())
