"""The news of an enrolment → the persons who are told: the community that decides, and the member or unit."""

from __future__ import annotations

from datetime import datetime

from services.notify.answered import Answered
from services.notify.who_is_told import Telling, each_once
from shaoyin.contracts.members import MemberNews
from shaoyin.domain import registration_events as ev
from shaoyin.domain.alert_enrolment import alerts_for_enrolment
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import Alert

DECIDES = (ev.RegistrationConfirmed, ev.RegistrationRefused, ev.RegistrationEnded)
TO_DECIDE = ("registration_to_confirm",)


def tellings_of_enrolment(news: MemberNews, pack: Pack, key: bytes) -> list[Telling]:
    """As `tellings` of a case; what is about a person stays with the record, and so does who it is."""
    return each_once(
        (_telling(alert, news) for alert in alerts_for_enrolment(news.event, news.header, pack)), pack, key
    )


def answers_of_enrolment(news: MemberNews) -> Answered | None:
    """Once an application is decided, or taken back, nobody is asked for it any more."""
    if not isinstance(news.event, DECIDES):
        return None
    return Answered(None, news.seq, news.event.at, TO_DECIDE, registration_id=news.header.registration_id)


def _telling(alert: Alert, news: MemberNews) -> Telling:
    seen, event = news.header, news.event
    return Telling(
        alert_id="", event_id=news.event_id, seq=news.seq, at=event.at, case_id=None, number=None, pack=seen.community,
        area=seen.area, category=None, kind=alert.kind, level=alert.level, post=alert.post, person=alert.person,
        offer=alert.offer, due_at=_due_of(news), facts=dict(alert.facts), registration_id=seen.registration_id,
    )  # fmt: skip


def _due_of(news: MemberNews) -> datetime | None:
    """From when it holds."""
    return news.event.activates_at if isinstance(news.event, ev.RegistrationConfirmed) else None
