"""Before anybody is responsible: ask the reporter, send somebody to look, or settle it on the spot."""

from __future__ import annotations

from shaoyin.domain.case import Case
from shaoyin.domain.clocks import until
from shaoyin.domain.commands import (
    AskInfo,
    GiveUpInfo,
    NotFound,
    SendVerify,
    SolveOnSpot,
    SupplyInfo,
    TimePassed,
    Verified,
)
from shaoyin.domain.events import (
    By,
    CaseClosed,
    CaseNotAccepted,
    CaseVerified,
    Event,
    InfoRequested,
    InfoSupplied,
    InfoWaitOver,
    Party,
    Reply,
    VerifyRequested,
)
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.terms import area_of, category_of, limited, reply_again
from shaoyin.domain.who import speaker

ROUNDS = 2
"""Questions a case may put to its reporter; a third is refused (decisions 1.19)."""
VERIFIERS = ("grid_worker", "grid_lead", "micro_grid_lead")


def rounds_used(case: Case, _asked: AskInfo, _pack: Pack) -> bool:
    return case.info_rounds >= ROUNDS


def nobody_to_ask(case: Case, _asked: object, _pack: Pack) -> bool:
    return not case.reporters


def ask_info(case: Case, asked: AskInfo, pack: Pack) -> list[Event]:
    """Row 4. A question is no reply: T0 stops, and goes on with what was left; for critical ones it runs (1.35)."""
    wait = limited(pack, "info", asked.at, case.urgency)
    return [
        InfoRequested(
            at=asked.at, by=By(asked.post, asked.person), question=asked.question, deadlines=(wait,),
            reply_runs=case.critical, replies=(Reply("reply.question", asked.question),),
        )
    ]  # fmt: skip


def info_wait_over(case: Case, asked: SupplyInfo, _pack: Pack) -> bool:
    """Asked for in time is in time, however late it is heard (mechanics 3)."""
    clock = case.clocks.get("info")
    return clock is not None and asked.asked_at > clock.deadline.due_at


def supply_info(case: Case, asked: SupplyInfo, pack: Pack) -> list[Event]:
    """Row 5. The answer may also say the place that was missing."""
    day = pack.calendar.local_day(asked.asked_at)
    found = pack.areas.find(asked.place, day, asked.hits) if asked.place is not None else None
    reporter = speaker(case, asked)
    assert reporter is not None, "the guard `not_a_reporter` stands before"
    return [
        InfoSupplied(
            at=asked.at, by=By(asked.post, asked.person, reporter.ref), text=asked.text,
            answers=asked.answers or {}, place=asked.place, area=found.area if found else None,
            attachments=asked.attachments, deadlines=reply_again(case, asked.at, pack), reporter_ref=reporter.ref,
            on_behalf=asked.on_behalf, replies=case.told("reply.info_thanks", to=reporter.ref),
            place_how=found.how if found else None, place_seen=found.seen if found else None,
        )
    ]  # fmt: skip


def place_known(case: Case, _asked: object, pack: Pack) -> bool:
    """Safe to guess: resolved, or somebody is there already, or no hazard and not urgent, so that triage can decide."""
    category = category_of(case, pack)
    known = case.area is not None or case.somebody_on_site
    return known or not (case.urgency in ("urgent", "critical") or (category and category.hazard))


def place_unknown(case: Case, asked: object, pack: Pack) -> bool:
    return not place_known(case, asked, pack)


def wait_runs(case: Case, asked: GiveUpInfo | TimePassed, _pack: Pack) -> bool:
    clock = case.clocks.get("info")
    return clock is None or clock.watch_at is None or asked.at <= clock.watch_at


def give_up_info(case: Case, asked: GiveUpInfo | TimePassed, pack: Pack) -> list[Event]:
    """Row 6. Nobody can be sent to a place nobody knows; the reporter hears it and may disagree."""
    return [CaseNotAccepted(at=asked.at, ground="place_unknown", replies=case.told("reply.not_accepted_place"))]


def info_over(case: Case, asked: TimePassed, pack: Pack) -> list[Event]:
    return [InfoWaitOver(at=asked.at, deadlines=reply_again(case, asked.at, pack))]


def _verifier(case: Case, named: str, pack: Pack) -> Post | None:
    post = pack.directory.posts.get(named)
    if post is None or not post.filled or post.kind not in VERIFIERS:
        return None
    return post if pack.areas.covers(post.area, area_of(case, pack)) or pack.areas.covers(
        area_of(case, pack), post.area
    ) else None  # fmt: skip


def no_verifier(case: Case, asked: SendVerify, pack: Pack) -> bool:
    return _verifier(case, asked.to_post, pack) is None


def send_verify(case: Case, asked: SendVerify, pack: Pack) -> list[Event]:
    """Row 7. T0 runs on: the reporter does not care who walks (decisions 1.20)."""
    verifier = _verifier(case, asked.to_post, pack)
    assert verifier is not None
    return [
        VerifyRequested(
            at=asked.at, by=By(asked.post, asked.person), verifier=Party.of(verifier), question=asked.question,
            deadlines=(limited(pack, "verify", asked.at, case.urgency),),
        )
    ]  # fmt: skip


def evidence_missing(_case: Case, asked: Verified, _pack: Pack) -> bool:
    return not (asked.text or asked.photos or asked.why_none)


def finding_not_yours(_case: Case, asked: Verified, pack: Pack) -> bool:
    """Triage saw nothing itself: it may only say that it could not be verified (decisions 1.20)."""
    post = pack.directory.posts[asked.post or ""]
    return post.kind not in VERIFIERS and asked.finding != "could_not_be_verified"


def verified(case: Case, asked: Verified, pack: Pack) -> list[Event]:
    return [
        CaseVerified(
            at=asked.at, by=By(asked.post, asked.person), finding=asked.finding, text=asked.text, photos=asked.photos,
            why_none=asked.why_none,
        )
    ]  # fmt: skip


def finding_missing(case: Case, asked: NotFound, pack: Pack) -> bool:
    """Triage gives it, and names the grid post that went and looked."""
    post = pack.directory.posts.get(asked.finding_by)
    return post is None or post.kind not in VERIFIERS


def not_there(_case: Case, asked: NotFound, _pack: Pack) -> bool:
    return asked.outcome != "not_accepted" or not asked.ground


def not_fixed(_case: Case, asked: NotFound, _pack: Pack) -> bool:
    return asked.outcome != "already_fixed"


def not_found(case: Case, asked: NotFound, pack: Pack) -> list[Event]:
    return [
        CaseNotAccepted(
            at=asked.at, by=By(asked.post, asked.person), ground=asked.ground or "not_found",
            finding_by=asked.finding_by, replies=case.told("reply.not_accepted", asked.public_reply),
        )
    ]  # fmt: skip


def already_fixed(case: Case, asked: NotFound, pack: Pack) -> list[Event]:
    """Row 9. Nothing is left to call back about; reopening stays possible (decisions 1.43)."""
    return [
        CaseClosed(
            at=asked.at, by=By(asked.post, asked.person), outcome="already_fixed",
            deadlines=(limited(pack, "archive", asked.at, case.urgency),),
            replies=case.told("reply.already_fixed", asked.public_reply),
        )
    ]  # fmt: skip


def is_hazard(case: Case, _asked: SolveOnSpot, _pack: Pack) -> bool:
    return case.hazard


def not_on_the_spot(case: Case, _asked: SolveOnSpot, _pack: Pack) -> bool:
    """A complaint about a worker is never settled by a worker (row 10)."""
    return case.category == "CON.conduct"


def solve_on_spot(case: Case, asked: SolveOnSpot, pack: Pack) -> list[Event]:
    """Row 10. Settled at the lowest level: told and done at once, no call-back; reopening stays possible (1.43)."""
    done = until("result", asked.at, asked.at)
    return [
        CaseClosed(
            at=asked.at, by=By(asked.post, asked.person), outcome="solved_on_spot", result=asked.result,
            deadlines=(done, limited(pack, "archive", asked.at, case.urgency)), attachments=asked.attachments,
            replies=case.told("reply.solved_on_spot", asked.public_reply),
        )
    ]  # fmt: skip
