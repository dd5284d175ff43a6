"""Ends that are no result: refused and disputed, diverted, handed on to another body, taken back, kept secret."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.case import Case, Reporter
from shaoyin.domain.clocks import runs
from shaoyin.domain.commands import (
    DisputeRefusal,
    DivertEmergency,
    Given,
    RaiseSecrecy,
    Refuse,
    TransferOut,
    Withdraw,
)
from shaoyin.domain.events import (
    AreaChanged,
    By,
    CaseClosed,
    CaseNotAccepted,
    CaseTransferredOut,
    CaseWithdrawn,
    EmergencyCalled,
    EmergencyDiverted,
    Event,
    Party,
    RefusalDisputed,
    ReporterDetached,
    SecrecyRaised,
    UrgencyChanged,
)
from shaoyin.domain.evolve import SECRECY
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Answer, PlaceGiven, Report
from shaoyin.domain.terms import area_of, limited, named, recounted, reply_again, superior_of_triage, triage_party
from shaoyin.domain.who import speaker

LIFE = frozenset({"fire", "gas", "medical", "suicide", "crime", "violence_at_home", "missing_child", "trapped"})
"""What makes an emergency beside the answers a pack lists: life, fire, crime or gas (row 3)."""
SUPERIORS = ("street_deputy", "street_head")
TRIAGE = ("community_duty", "street_centre", "triage_lead")


def responder_on_site(case: Case, _asked: Given, _pack: Pack) -> bool:
    """Nobody is sent home by an end of the case; whoever was only called is told that it is over (decisions 2.19)."""
    return case.somebody_on_site


def blocking_on_site(case: Case, _asked: Given, _pack: Pack) -> bool:
    return any(
        responder.state in ("on_site", "working")
        for whistle_id in case.holding_whistles
        for responder in case.whistles[whistle_id].responders.values()
    )


def not_an_emergency(_case: Case, asked: DivertEmergency, pack: Pack) -> bool:
    known = {answer for sign in pack.emergencies for answer in (sign.danger, *sign.answers)}
    return asked.danger not in LIFE | known or not asked.numbers


def divert_emergency(case: Case, asked: DivertEmergency, pack: Pack) -> list[Event]:
    """Row 3. A shadow record remains; the ordinary matter behind it is a case of its own (decisions 1.31, 2.5)."""
    return [
        EmergencyDiverted(
            at=asked.at, by=By(asked.post, asked.person), numbers=asked.numbers, danger=asked.danger,
            facts=asked.facts or {}, follow_up=_behind(case, asked),
            replies=case.told("reply.emergency", "、".join(asked.numbers)),
        )
    ]  # fmt: skip


def _behind(case: Case, asked: DivertEmergency) -> Report | None:
    """What is left to do once the emergency services were called; without a category nobody can say what."""
    if case.category is None:
        return None
    first, *others = case.reporters or (None,)
    return Report(
        report_id=f"{case.report_id}-{case.version + 1}", community=case.pack, pack_version=case.pack_version,
        description=case.description, place=PlaceGiven(area=case.area, text=case.place_text), received_at=asked.at,
        reporter_ref=first.ref if first else None, secrecy=first.secrecy if first else "open", category=case.category,
        origin="derived", channel=case.channel,
        answers=dict(_left_to_do(case)), opened_from=case.case_id,
        also_reporters=tuple((each.ref, each.secrecy) for each in others if each is not None),
    )  # fmt: skip


def _left_to_do(case: Case) -> Iterator[tuple[str, Answer]]:
    """The call took the danger; people in a lift are still got out by the firm and its maintainer (row 5)."""
    for question, said in case.answers.items():
        if question != "danger":
            yield question, said
        elif TRAPPED in (said if isinstance(said, tuple) else (said,)):
            yield question, (TRAPPED,)


TRAPPED = "trapped_in_lift"


def call_emergency(case: Case, asked: DivertEmergency, pack: Pack) -> list[Event]:
    """Row 3 once somebody is responsible: ending a half-done case would lose the matter (decisions 1.31)."""
    by = By(asked.post, asked.person)
    street = pack.post_for("street_centre", area_of(case, pack))
    rota = [post for post in pack.directory.posts.values() if post.kind == "duty_roster"]
    told = named(street, *(post for post in rota if pack.areas.covers(post.area, case.area)))
    called = EmergencyCalled(
        at=asked.at, by=by, numbers=asked.numbers, danger=asked.danger, facts=asked.facts or {}, told=told,
        replies=case.told("reply.emergency", "、".join(asked.numbers)),
    )  # fmt: skip
    if case.critical:
        return [called]
    anew = recounted(case, asked.at, "critical", pack)
    return [called, UrgencyChanged(at=asked.at, by=by, urgency="critical", reason="emergency", deadlines=anew)]


def refused_before(case: Case, asked: Refuse, _pack: Pack) -> bool:
    return bool({asked.post, asked.proposed_by} & case.refused_by)


def dispute_needs_superior(case: Case, asked: Refuse, pack: Pack) -> bool:
    return case.disputed and pack.directory.posts[asked.post or ""].kind not in SUPERIORS


def second_post_needed(_case: Case, asked: Refuse, pack: Pack) -> bool:
    """Whoever decides names the triage post that proposed it, and is another one (mechanics 28)."""
    proposer = pack.directory.posts.get(asked.proposed_by or "")
    if proposer is None or proposer.kind not in TRIAGE:
        return True
    return proposer.post_id == asked.post or asked.person in proposer.holders


def refuse(case: Case, asked: Refuse, pack: Pack) -> list[Event]:
    """Row 12. The reply says the ground, where to go instead and how to disagree (I1)."""
    return [
        CaseNotAccepted(
            at=asked.at, by=By(asked.post, asked.person), ground=asked.ground, where_instead=asked.where_instead,
            proposed_by=asked.proposed_by,
            replies=case.told("reply.not_accepted", f"{asked.public_reply} {asked.where_instead}"),
        )
    ]  # fmt: skip


def already_disputed(case: Case, asked: DisputeRefusal, _pack: Pack) -> bool:
    reporter = speaker(case, asked)
    return reporter is not None and reporter.disputed


def too_late_to_dispute(case: Case, asked: DisputeRefusal, pack: Pack) -> bool:
    assert case.ended_at is not None
    return asked.asked_at > pack.due(case.ended_at, pack.limit("dispute", case.urgency)).due_at


def dispute_refusal(case: Case, asked: DisputeRefusal, pack: Pack) -> list[Event]:
    """a2. Another person looks: triage's superior owns it, with a T0 of its own (decisions 1.30)."""
    superior = superior_of_triage(case, pack)
    reporter = speaker(case, asked)
    assert reporter is not None
    return [
        RefusalDisputed(
            at=asked.at, by=By(asked.post, asked.person, reporter.ref), text=asked.text, reporter_ref=reporter.ref,
            on_behalf=asked.on_behalf, owner=Party.of(superior) if superior else None,
            deadlines=(limited(pack, "reply", asked.at, case.urgency),),
            replies=case.told("reply.disputed", to=reporter.ref),
        )
    ]  # fmt: skip


def to_another_area(_case: Case, asked: TransferOut, _pack: Pack) -> bool:
    """An area and no receiver: it stays within the installation, if that area is one of it (decisions 1.32)."""
    return asked.area is not None and asked.receiver is None


def receipt_missing(_case: Case, asked: TransferOut, _pack: Pack) -> bool | dict[str, object]:
    """An outside body's receipt number and how to follow it, or the matter is handed to nobody (row 40)."""
    texts = {"receiver": asked.receiver, "receipt_number": asked.receipt_number, "how_to_follow": asked.how_to_follow}
    missing = [name for name, text in texts.items() if not (text or "").strip()]
    return {"fields": ", ".join(missing)} if missing else False


def outside_body(case: Case, asked: TransferOut, pack: Pack) -> bool:
    return asked.area == case.area or not pack.takes_in(asked.area)


def locked(case: Case, asked: TransferOut, pack: Pack) -> bool:
    """After adjudication only the adjudicator sends it anywhere (decisions 1.23)."""
    return case.adjudicated and pack.directory.posts[asked.post or ""].kind != "street_adjudicator"


def transfer_out(case: Case, asked: TransferOut, pack: Pack) -> list[Event]:
    receiver, receipt_number, how_to_follow = (
        each or "" for each in (asked.receiver, asked.receipt_number, asked.how_to_follow)
    )
    words = " ".join((asked.public_reply, receiver, receipt_number, how_to_follow))
    return [
        CaseTransferredOut(
            at=asked.at, by=By(asked.post, asked.person), receiver=receiver, receipt_number=receipt_number,
            how_to_follow=how_to_follow,
            replies=case.told("reply.transferred_out", words),
        )
    ]  # fmt: skip


def change_area(case: Case, asked: TransferOut, pack: Pack) -> list[Event]:
    """Row 40 within the installation: another triage is responsible; the reply clock is the same (decisions 1.32)."""
    assert asked.area is not None
    reply = case.clocks.get("reply")
    told = reply is None or not reply.open
    anew = (limited(pack, "dispatch", asked.at, case.urgency),) if told else reply_again(case, asked.at, pack)
    return [
        AreaChanged(
            at=asked.at, by=By(asked.post, asked.person), area=asked.area, owner=triage_party(case, pack, asked.area),
            before=case.main,
            deadlines=anew, replies=case.told("reply.area_changed", asked.public_reply),
        )
    ]  # fmt: skip


def others_remain(case: Case, _asked: Withdraw, _pack: Pack) -> bool:
    return len(case.reporters) > 1 or case.hazard


def somebody_left_to_call(case: Case, asked: Withdraw, _pack: Pack) -> bool:
    """Whether after him somebody is still to be called back (a19)."""
    leaving = speaker(case, asked)
    others = [each for each in case.reporters if leaving is None or each.ref != leaving.ref]
    return any(each.answer is None for each in others)


def no_other_remains(case: Case, _asked: Withdraw, _pack: Pack) -> bool:
    """The only one of a matter that is no hazard takes the matter back itself (row 39)."""
    return not (len(case.reporters) > 1 or case.hazard)


def withdraw(case: Case, asked: Withdraw, pack: Pack) -> list[Event]:
    reporter = _speaker(case, asked)
    return [
        CaseWithdrawn(
            at=asked.at, by=By(asked.post, asked.person, reporter.ref), reporter_ref=reporter.ref, reason=asked.reason,
            on_behalf=asked.on_behalf, replies=case.told("reply.withdrawn", to=reporter.ref),
        )
    ]  # fmt: skip


def detach(case: Case, asked: Withdraw, pack: Pack) -> list[Event]:
    """Row 39. A person may leave, a hole may not: without reporters it goes on as discovered (decisions 1.22)."""
    return [_detached(case, asked, pack, "reply.detached")]


def _detached(case: Case, asked: Withdraw, pack: Pack, words: str) -> ReporterDetached:
    reporter = _speaker(case, asked)
    last = len(case.reporters) == 1
    return ReporterDetached(
        at=asked.at, by=By(asked.post, asked.person, reporter.ref), reporter_ref=reporter.ref, reason=asked.reason,
        on_behalf=asked.on_behalf, origin="discovered" if last else None,
        deadlines=(limited(pack, "dispatch", asked.at, case.urgency),) if last and _undispatched(case) else (),
        replies=case.told(words, to=reporter.ref),
    )  # fmt: skip


def _undispatched(case: Case) -> bool:
    """T0 ends with its reporter; the dispatch timer runs instead, so that no case is without a clock (I4, 1.2)."""
    return case.state in ("reported", "verifying", "needs_info") and not runs(case.clocks, "dispatch")


def detach_and_close(case: Case, asked: Withdraw, pack: Pack) -> list[Event]:
    """a19. The last to be called back left: the work was checked, so it is finished, and he is told that."""
    archive = limited(pack, "archive", asked.at, case.urgency)
    others = [each for each in case.reporters if each != speaker(case, asked)]
    told = case.told("reply.closed", case.public_reply) if others else ()
    closed = CaseClosed(at=asked.at, outcome="no_reporter", deadlines=(archive,), replies=told)
    return [_detached(case, asked, pack, "reply.withdrawn"), closed]


def secrecy_only_up(case: Case, asked: RaiseSecrecy, _pack: Pack) -> bool:
    reporter = speaker(case, asked)
    return reporter is not None and SECRECY.index(asked.secrecy) <= SECRECY.index(reporter.secrecy)


def raise_secrecy(case: Case, asked: RaiseSecrecy, pack: Pack) -> list[Event]:
    """a18. Hidden or erased at once; whoever became anonymous is called back by the code (decisions 1.41)."""
    reporter = _speaker(case, asked)
    return [
        SecrecyRaised(
            at=asked.at, by=By(asked.post, asked.person, reporter.ref), reporter_ref=reporter.ref,
            secrecy=asked.secrecy, on_behalf=asked.on_behalf,
            replies=case.told("reply.secrecy_raised", to=reporter.ref),
        )
    ]  # fmt: skip


def _speaker(case: Case, asked: Withdraw | RaiseSecrecy) -> Reporter:
    reporter = speaker(case, asked)
    assert reporter is not None, "the guard `not_a_reporter` stands before"
    return reporter
