"""Event → who is told what, how urgently, and which command the alert offers. By post, and never a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from shaoyin.domain import events as ev
from shaoyin.domain.events import Event, Party
from shaoyin.domain.header import Header, WhistleSeen
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack

Level = Literal["info", "act", "urgent", "critical"]


@dataclass(frozen=True, slots=True)
class Offer:
    """The command an alert offers; it carries only what names its object."""

    command: str
    whistle_id: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """To a post (whoever is on duty in it) or to a person; `kind` is the key of its text in the pack."""

    kind: str
    post: str | None
    person: str | None
    level: Level
    offer: Offer | None = None
    facts: tuple[tuple[str, str], ...] = field(default=())

    @property
    def recipient(self) -> str:
        return self.post or f"person:{self.person}"


KINDS = (
    "new_case", "co_handler", "informed", "triage", "signed", "check_wanted", "call_back_wanted", "rework", "closed",
    "due_soon", "sign_overdue", "clock_overdue", "result_overdue", "supervised", "review_due", "hard_case",
    "whistle_approval", "whistle_called", "member_called", "wait_listed", "whistle_answer", "whistle_all_in",
    "whistle_overdue", "whistle_declined", "whistle_cancelled", "whistle_closed", "whistle_rated",
)  # fmt: skip


def alerts_for(event: Event, header: Header, pack: Pack) -> list[Alert]:
    """Whoever must act, and whoever must know; each recipient once."""
    found = _of_whistle(event, header) if isinstance(event, ev.OfWhistle) else _of_case(event, header, pack)
    return list({alert.recipient: alert for alert in reversed(list(found))}.values())[::-1]


def _of_case(event: Event, header: Header, pack: Pack) -> Iterator[Alert]:
    level = _level(header)
    match event:
        case ev.CaseReported() if event.triage_because:
            yield from _posts("triage", [event.owner.post], level, Offer("accept"))
        case ev.CaseDispatched():
            yield from _parties("new_case", [event.main], level, Offer("sign_for"))
            yield from _parties("co_handler", event.co, "act")
            yield from _parties("informed", event.informed, "info")
        case ev.CaseSigned():
            triage = pack.triage_post(header.area or pack.root).post_id
            yield from _posts("signed", [triage] if triage != event.by.post else [], "info")
        case ev.ResultSubmitted() if event.deadlines:
            yield from _post(
                "check_wanted",
                _outsider("check", ("grid_lead", "street_centre", "district_joint_office"), header, pack),
                level,
            )
        case ev.CheckPassed() | ev.CheckSkipped() if event.deadlines:
            caller = _outsider("call_back", ("street_centre", "community", "district_joint_office"), header, pack)
            yield from _post("call_back_wanted", caller, level, Offer("record_call_back"))
        case ev.ReworkOrdered():
            yield from _parties("rework", _handlers(header), level, Offer("submit_result"))
        case ev.CaseClosed():
            yield from _parties("closed", _handlers(header), "info")
        case _:
            yield from _of_silence(event, header)


def _of_silence(event: Event, header: Header) -> Iterator[Alert]:
    match event:
        case ev.CaseDueSoon():
            yield from _parties("due_soon", [header.owner], "act")
        case ev.CaseOverdue():
            kinds = {"sign": "sign_overdue", "result": "result_overdue"}
            offer = Offer("sign_for") if event.clock == "sign" else None
            facts = (("clock", event.clock), ("hop", str(event.hop)))
            yield from _posts(kinds.get(event.clock, "clock_overdue"), event.told, _level(header), offer, facts)
        case ev.CaseSupervised():
            told = dict.fromkeys((*event.told, header.owner.post))
            yield from _posts("supervised", told, "urgent", None, (("grade", event.grade),))
        case ev.CaseReviewDue():
            yield from _posts("review_due", event.told, "act")
        case ev.CaseMarkedHard():
            yield from _posts("hard_case", event.told, "urgent")
        case _:
            return


def _of_whistle(event: ev.WhistleEvent, header: Header) -> Iterator[Alert]:
    seen = next(each for each in header.whistles if each.whistle_id == event.whistle_id)
    name = event.whistle_id
    level = _level(header)
    match event:
        case ev.WhistleRequested():
            yield from _posts("whistle_approval", event.approvers, level, Offer("approve_whistle", name))
        case ev.WhistleBlown():
            for each in event.called:
                kind = "whistle_called" if each.party.post else "member_called"
                yield from _parties(kind, [each.party], level, Offer("acknowledge", name))
        case ev.WhistleWaitListed():
            place = (("position", str(event.position)),)
            yield Alert("wait_listed", None, event.responder, "info", None, place)
        case ev.WhistleAcknowledged() if event.all_have:
            yield from _posts("whistle_answer", [seen.blower], "info", None, _counted(seen))
        case ev.WhistleArrived() if event.first:
            yield from _posts("whistle_answer", [seen.blower], "info", None, _counted(seen))
        case ev.ResponseSubmitted() | ev.ResponderAbsent() if event.all_in:
            yield from _posts("whistle_all_in", [seen.blower], "act", Offer("rate_whistle", name), _counted(seen))
        case ev.WhistleOverdue():
            facts = (("clock", event.clock), ("step", str(event.step)), *_counted(seen))
            yield from _posts("whistle_overdue", event.told, level, None, facts)
        case ev.WhistleRated():
            yield from _posts("whistle_rated", [mark.responder for mark in event.marks if mark.responder != "members"])
        case _:
            yield from _of_its_end(event, seen, header)


def _of_its_end(event: ev.WhistleEvent, seen: WhistleSeen, header: Header) -> Iterator[Alert]:
    match event:
        case ev.WhistleDeclined():
            yield from _posts("whistle_declined", [seen.blower], "act")
        case ev.WhistleClosed():
            yield from _parties("whistle_closed", _handlers(header), "act")
            yield from _responders("whistle_closed", seen)
        case ev.WhistleCancelled():
            yield from _parties("whistle_cancelled", _handlers(header), "info")
            yield from _responders("whistle_cancelled", seen)
        case _:
            return


def _responders(kind: str, seen: WhistleSeen) -> Iterator[Alert]:
    for each in seen.responders:
        if each.post is not None or each.state not in ("called", "wait_listed", "withdrawn", "removed"):
            yield Alert(kind, each.post, None if each.post else each.responder, "info")


def _counted(seen: WhistleSeen) -> tuple[tuple[str, str], ...]:
    """`n of m places`, without a name."""
    answered = sum(each.state not in ("called", "wait_listed", "objected", "withdrawn") for each in seen.responders)
    return (("count", str(answered)), ("places", str(seen.places or len(seen.responders))))


def _outsider(right: str, roles: tuple[str, ...], header: Header, pack: Pack) -> Post | None:
    """The nearest post with the right that is not of the handlers' own organisations (decisions 1.14)."""
    bodies = {party.org for party in _handlers(header)} | {party.org for party in header.co}
    posts = [post for role in roles if (post := pack.post_for(role, header.area or pack.root))]
    outside = [post for post in posts if post.org not in bodies and pack.directory.has_right(post, right)]
    return outside[0] if outside else None


def _handlers(header: Header) -> list[Party]:
    return [header.main] if header.main else [header.owner]


def _level(header: Header) -> Level:
    if header.urgency == "critical":
        return "critical"
    return "urgent" if header.urgency == "urgent" else "act"


def _parties(kind: str, parties: Iterable[Party], level: Level, offer: Offer | None = None) -> Iterator[Alert]:
    for party in parties:
        yield Alert(kind, party.post, party.person if party.post is None else None, level, offer)


def _post(kind: str, post: Post | None, level: Level, offer: Offer | None = None) -> Iterator[Alert]:
    yield from _posts(kind, [post.post_id] if post else [], level, offer)


def _posts(
    kind: str,
    posts: Iterable[str | None],
    level: Level = "info",
    offer: Offer | None = None,
    facts: tuple[tuple[str, str], ...] = (),
) -> Iterator[Alert]:
    for post in posts:
        if post is not None:
            yield Alert(kind, post, None, level, offer, facts)
