"""The news of an enrolment → the persons who are told: the community that decides, and the member or unit."""

from __future__ import annotations

from datetime import datetime

from services.notify.answered import Answered
from services.notify.who_is_told import Reached, Telling, each_once, facts_for, offer_to, reached_by
from shaoyin.contracts.members import MemberNews
from shaoyin.domain import registration_events as ev
from shaoyin.domain.alert_enrolment import alerts_for_enrolment
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import Alert

DECIDES = (ev.RegistrationConfirmed, ev.RegistrationRefused, ev.RegistrationEnded)
TO_DECIDE = ("registration_to_confirm",)


def tellings_of_enrolment(news: MemberNews, pack: Pack, key: bytes) -> list[Telling]:
    """As `tellings` of a case; what is about a person stays with the record, and so does who it is."""
    alerts = alerts_for_enrolment(news.event, news.header, pack)
    area, at = news.header.area, news.event.at
    found = [(alert, reached) for alert in alerts for reached in reached_by(alert, area, pack, at)]
    return each_once(found, lambda alert, reached, ident: _telling(alert, reached, ident, news), news.event_id, key)


def answers_of_enrolment(news: MemberNews) -> Answered | None:
    """Once an application is decided, or taken back, nobody is asked for it any more."""
    if not isinstance(news.event, DECIDES):
        return None
    return Answered(None, news.seq, news.event.at, TO_DECIDE, registration_id=news.header.registration_id)


def _telling(alert: Alert, reached: Reached, ident: str, news: MemberNews) -> Telling:
    seen, event = news.header, news.event
    return Telling(
        alert_id=ident, event_id=news.event_id, seq=news.seq, at=event.at, case_id=None, number=None,
        pack=seen.community, area=seen.area, category=None, kind=alert.kind, level=alert.level, post=reached.post,
        person=reached.person, offer=offer_to(reached, alert), due_at=_due_of(news),
        facts=facts_for(reached, alert), code=reached.code, registration_id=seen.registration_id,
    )  # fmt: skip


def _due_of(news: MemberNews) -> datetime | None:
    """From when it holds."""
    return news.event.activates_at if isinstance(news.event, ev.RegistrationConfirmed) else None
