"""One matter, several reporters: merged into a lead, attached to it, or split into a case of its own."""

from __future__ import annotations

from shaoyin.domain.case import Case
from shaoyin.domain.commands import AttachReporter, MergeInto, SplitOff
from shaoyin.domain.events import By, CaseMerged, CaseSplitOff, Event, ReporterAttached, UrgencyChanged
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Report, case_id_of
from shaoyin.domain.terms import rank, recounted
from shaoyin.domain.who import stands

TRIAGE = ("community_duty", "street_centre", "triage_lead")


def not_alike(case: Case, asked: MergeInto, _pack: Pack) -> bool:
    """The same place and the same category, and not the case itself."""
    lead = asked.found
    if lead is None or lead.case_id == case.case_id:
        return True
    return (lead.area, lead.category) != (case.area, case.category)


def lead_ended(_case: Case, asked: MergeInto, _pack: Pack) -> bool:
    return asked.found is not None and not asked.found.open


def needs_a_person(_case: Case, asked: MergeInto, _pack: Pack) -> bool:
    """By itself only for the same reporter within seven days; other likeness a person judges (routing 19)."""
    return asked.by_system and (asked.found is None or not asked.found.same_reporter)


def merge_into(case: Case, asked: MergeInto, pack: Pack) -> list[Event]:
    """Row 11. The reporters are with the lead already; its end will be told to them too (I5, mechanics 4)."""
    assert asked.found is not None
    return [
        CaseMerged(
            at=asked.at, by=By(asked.post, asked.person), lead=asked.found.case_id, lead_number=asked.found.number,
            replies=case.told("reply.merged", asked.found.number),
        )
    ]  # fmt: skip


def already_attached(case: Case, asked: AttachReporter, _pack: Pack) -> bool:
    return case.reporter(asked.reporter_ref) is not None


def attach_reporter(case: Case, asked: AttachReporter, pack: Pack) -> list[Event]:
    """a13. The lead keeps its clocks and takes the higher urgency; everybody keeps his own secrecy (1.34)."""
    attached = ReporterAttached(
        at=asked.at, reporter_ref=asked.reporter_ref, secrecy=asked.secrecy, from_case=asked.from_case
    )
    if rank(asked.urgency_of_newcomer) <= rank(case.urgency):
        return [attached]
    anew = recounted(case, asked.at, asked.urgency_of_newcomer, pack)
    return [attached, UrgencyChanged(at=asked.at, urgency=asked.urgency_of_newcomer, reason="merged", deadlines=anew)]


def accept_is_triage(case: Case, asked: SplitOff, pack: Pack) -> bool:
    return asked.accepted and not any(stands(word, case, asked, pack) for word in TRIAGE)


def unknown_category(_case: Case, asked: SplitOff, pack: Pack) -> bool:
    return asked.category not in pack.categories


def split_off(case: Case, asked: SplitOff, pack: Pack) -> list[Event]:
    """a12. One report, two matters: the new case has the same reporters and clocks of its own (decisions 1.33)."""
    report_id = f"{case.report_id}-{case.version + 1}"
    first, *others = case.reporters or (None,)
    report = Report(
        report_id=report_id, community=case.pack, pack_version=case.pack_version, description=asked.description,
        place=asked.place or PlaceGiven(area=case.area, text=case.place_text), received_at=asked.at,
        reporter_ref=first.ref if first else None, secrecy=first.secrecy if first else "open",
        category=asked.category, origin="derived", channel=case.channel, opened_from=case.case_id,
        also_reporters=tuple((each.ref, each.secrecy) for each in others if each is not None),
    )  # fmt: skip
    numbers = " · ".join(each for each in (case.number, asked.new_number) if each)
    return [
        CaseSplitOff(
            at=asked.at, by=By(asked.post, asked.person), new_case=case_id_of(report_id), new_number=asked.new_number,
            category=asked.category, follow_up=report, accepted=asked.accepted,
            replies=case.told("reply.split_off", numbers),
        )
    ]  # fmt: skip
