"""What others get to see of a decision: the wire, the alerts, the lines of the timeline. Never a note, never a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from services.notify.residents.message import message_of
from shaoyin.adapters.words import LANGUAGES, Language
from shaoyin.contracts.codec import restored_event, staying, stored_event
from shaoyin.contracts.envelope import header_json, write_news
from shaoyin.domain import events as ev
from shaoyin.domain.alert import Alert, alerts_for
from shaoyin.domain.answer import answers_for
from shaoyin.domain.case import Case
from shaoyin.domain.events import Event
from shaoyin.domain.header import Header, header
from shaoyin.domain.pack import Pack
from shaoyin.domain.words import line
from tests.properties.scene import SECRET

SAYS_LATE = (ev.CaseOverdue, ev.WhistleOverdue)
BLOWER_ALONE = "situation"
"""A missing report from an emergency is told to those on site and to the blower, who may have left his post."""


def check_outside(case: Case, events: Sequence[Event], pack: Pack) -> None:
    facts = header(case, events)
    seen = header_json(facts)
    assert SECRET.encode() not in seen, "a note travels in the header (I8)"
    for number, event in enumerate(events, case.version - len(events) + 1):
        assert restored_event(stored_event(event)) == event, "what is stored is what happened (I6)"
        wire = write_news(case.case_id, number, event, seen).value
        assert SECRET.encode() not in wire, f"{event.type}: a note travels (I8)"
        assert not any(f'"{name}":'.encode() in wire.split(b',"data":')[1] for name in staying(type(event))), event.type
        alerts = alerts_for(event, facts, pack)
        _check_nobody_named(case, event, alerts, pack)
        _check_answers(case, event, facts, pack)
        if isinstance(event, SAYS_LATE) and event.clock != BLOWER_ALONE:
            assert somebody_there(alerts, pack), f"{event.type} {event.clock} reaches nobody (I14)"


def _check_nobody_named(case: Case, event: Event, alerts: Sequence[Alert], pack: Pack) -> None:
    """No reporter, and of those who help nobody but the one it is told to (I8, decisions 2.34)."""
    refs = {each.ref for each in case.reporters}
    for alert in alerts:
        words = {alert.post, *(value for _, value in alert.facts)}
        assert not refs & words, f"{event.type}: an alert names a reporter (I8)"
        assert alert.person not in refs, f"{event.type}: an alert goes to a reporter's reference"
    for language in ("zh-CN", "en"):
        said = line(pack, event, case.number, language)
        assert SECRET not in said, f"{event.type}: the timeline shows a note (I8)"
        assert not any(ref in said for ref in refs), f"{event.type}: the timeline names a reporter (I8)"


def _check_answers(case: Case, event: Event, facts: Header, pack: Pack) -> None:
    """A message may lie on a lock screen: nobody's words, no reference, no place, no category and no unit is in it, and
    an anonymous reporter gets none (I8).
    """
    told = {each.ref: each.secrecy for each in case.reporters}
    for answer in answers_for(event, facts):
        assert told.get(answer.reporter_ref, "anonymous") != "anonymous", f"{event.type}: who is this told to? (I8)"
        document = {**asdict(answer), "_id": "w", "urgent": answer.urgent, "useful_until": event.at}
        for language in LANGUAGES:
            message = message_of(document, pack, "https://shaoyin.example/reports", language)
            shown = f"{message.title}\n{message.body}\n{message.short}"
            hidden = [SECRET, *told, *_matter(case, pack, language)]
            assert not [each for each in hidden if each in shown], f"{event.type}: {shown} (I8)"


def _matter(case: Case, pack: Pack, language: Language) -> Iterator[str]:
    if case.area is not None and case.area in pack.areas.areas:
        yield pack.areas.areas[case.area].name[language]
    if case.category is not None and case.category in pack.categories:
        yield pack.categories[case.category].name[language]
    yield from (org.name[language] for org in pack.directory.orgs.values())


def somebody_there(alerts: Sequence[Alert], pack: Pack) -> bool:
    posts = pack.directory.posts
    return any(alert.person is not None or posts[alert.post or ""].filled for alert in alerts)
