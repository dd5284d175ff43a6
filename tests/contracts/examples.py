"""Example messages that must parse for ever. `python -m tests.contracts.examples` adds the missing ones.

A file that is there is never written again: it says what a message looked like when its type was new.
"""

import json
import sys
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from shaoyin.contracts.codec import REGISTRATION_TYPES, TYPES
from shaoyin.contracts.deliveries import DeliveryTried, write_delivery
from shaoyin.contracts.envelope import (
    ReplayAsked,
    Written,
    header_json,
    write_news,
    write_replay,
    write_report,
    write_request,
)
from shaoyin.contracts.generate import SCHEMAS
from shaoyin.contracts.members import write_member_news
from shaoyin.contracts.messages import SPOKEN, Spoken
from shaoyin.contracts.packs import PackPublished, write_pack
from shaoyin.domain.header import Header
from shaoyin.domain.registration import EnrolmentSeen
from shaoyin.domain.report import Report, Request

T = TypeVar("T")
FOLDER = SCHEMAS / "examples"
AT = datetime(2026, 3, 9, 1, 30, tzinfo=UTC)
SEQ = 4

INVENTED: Mapping[str, object] = {
    "WhistleBlown.warned": "example",
    "ReworkOrdered.raised": "example",
    "ResultSubmitted.contacted": "example",
    "handler_proposed": "courtyard-duty",
    "CaseDispatched.whistles": ("member_service_whistle",),
    "beyond_duty": "no",
    "CaseClosed.result": "当场换好了灯。",
    "approved_for": "example-street-centre",
    "Served.person": "p-example-1",
    "ClaimantSeen.person": "p-example-1",
    "CalledBack.satisfaction": "satisfied",
    "CaseRated.satisfaction": "satisfied",
    "CaseRated.solved": "solved",
    "CaseReported.emergency_shown": ("fire",),
    "CaseSupervised.reason": "overdue",
    "DeliveryTried.channel": "inbox",
    "DeliveryTried.code": "stored",
    "EnrolmentSeen.kind": "member",
    "EnrolmentSeen.version": SEQ,
    "Header.outcome": None,
    "Header.version": SEQ,
    "PackPublished.cells": "H4sIAAAAAAAC/6tWqq4FAEfp7QYEAAAA",
    "PackPublished.number": 3,
    "PackPublished.pack": "example",
    "PackPublished.publication": 7,
    "PackPublished.version": "77aa0c1d2e3f",
    "PlaceGiven.text": "二号楼走廊",
    "Scheduled.place": "courtyard-51",
    "Scheduled.proposal": "example:31:courtyard-51:24000",
    "Scheduled.what": "campaign_proposal",
    "CaseReported.facts": {"san_in_compound_30d": 2, "same_reporter_case": "c3"},
    "lines": "36",
    "PlannedTask.text": "换三盏灯",
    "RegistrationApplied.kind": "member",
    "RequestAccepted.asked": "rate",
    "RequestRefused.asked": "rate",
    "ResultSubmitted.solved": "solved",
    "Shown.number": "119",
    "WhistleBlown.place": "示例院门口",
    "WhistleDeclined.reason": "社区自己有梯子。",
    "WhistleRequested.place": "示例院门口",
    "WhistleSeen.tier": "department",
    "activates_at": AT + timedelta(days=7),
    "alert_id": "c5f3a:4:courtyard-duty",
    "also_reporters": (("ref-2", "open"),),
    "answers": {"since_when": "昨晚", "several_floors": True, "lamps_out": 3, "seen": ("走廊", "楼梯")},
    "approvers": ("example-secretary",),
    "area": "example-courtyard",
    "area_limits": ("example-courtyard",),
    "attachments": ("sha256-e0a1",),
    "basis": "例证",
    "blower": "courtyard-duty",
    "body": "example-street",
    "building": "example-courtyard-b2",
    "calendar": "cn-2026",
    "calendar_version": "2027 official",
    "case_id": "c5f3a",
    "category": "LIG.corridor_light",
    "channel": "form",
    "claimant": "p-example-1",
    "clock": "result",
    "code": "not_now",
    "community": "example",
    "danger": "fire",
    "deciders": "example",
    "description": "二号楼走廊的灯不亮,晚上看不清台阶。",
    "due_at": AT + timedelta(days=3),
    "duplicates": ("c41bd",),
    "eligible": ("p-example-1",),
    "event_id": "c5f3a:4",
    "facts": {"danger": ("fire",)},
    "finding_by": "example-grid-worker",
    "free_times": ("sat 09:00-12:00",),
    "from_case": "c41bd",
    "ground": "beyond_power",
    "handler": "courtyard-duty",
    "household": "hh-1",
    "how_to_follow": "95598",
    "instead": "own_means",
    "key": "reply.dispatched",
    "kind": "order.new",
    "lacking": "category",
    "lat": 30.5,
    "late": "example-street-centre",
    "lead": "example-grid-lead",
    "lead_number": "EX0001-6",
    "linked_to": "w1",
    "lng": 110.25,
    "look_at": AT + timedelta(days=2),
    "merged_into": "c41bd",
    "met_at": None,
    "new_case": "c5f3a-9",
    "new_number": "EX0001-8",
    "new_whistle": "w2",
    "next_at": None,
    "note": "约好晚上再去。",
    "note_to_reporter": "等配件到货",
    "number": "EX0001-7",
    "numbers": ("119",),
    "opened_by": "p-example-1",
    "opened_from": "c41bd",
    "taken_by": "duty",
    "org": "example-property",
    "owner": "courtyard-duty",
    "pack": "example",
    "pack_version": "sha256-77aa",
    "person": None,
    "photos": ("sha256-e0a1",),
    "place_how": "building",
    "place_seen": "示例院二号楼",
    "plan": "下周一换完全部灯具。",
    "post": "courtyard-duty",
    "proposed_by": "example-secretary",
    "public_reason": "等配件",
    "public_reply": "灯已经换好。",
    "question": "是一层还是二层的灯不亮?",
    "reason": "一盏灯仍然不亮。",
    "reasons": "属于公共设施",
    "receipt_number": "EX-2026-1",
    "receiver": "供电公司",
    "ref": "ref-9d2c",
    "registration_id": "reg-7b21",
    "report_id": "r5f3a",
    "reporter": None,
    "reporter_ref": "ref-9d2c",
    "request_id": "q81e0",
    "responder": "partner-unit-duty",
    "responder_type": "partner_unit",
    "responders": ("partner-unit-duty",),
    "returned_by": ("courtyard-duty",),
    "rules_version": "sha256-77aa",
    "say": "有人被困请先打这个电话。",
    "seen": "LIG.lamp_out",
    "skills": ("修灯",),
    "skipped": ("example-branch",),
    "source": "case",
    "starts_at": AT + timedelta(hours=3),
    "suggested": "example-street-centre",
    "supervisor": "example-street-head",
    "task": "带梯子来,帮忙换走廊的灯。",
    "text": "灯已换好。",
    "to": "ref-9d2c",
    "told": ("example-street-duty",),
    "triage_because": ("category_missing",),
    "type": "partner_unit_whistle",
    "upgraded_from": "w1",
    "where": "示例院二号楼",
    "where_instead": "供电公司",
    "whistle_id": "w2",
    "whistle_type": "partner_unit_whistle",
    "who": "p-3c9e",
    "why_no_photo": "天黑",
    "why_none": "天黑",
    "why_not": "一盏灯要等配件。",
    "why_not_below": "社区没有梯子。",
    "within": "3 wd",
    "words": "今晚会有人上门查看。",
    "work_done": "换了两盏灯。",
}
"""By field, or by type and field where a name means different things. No person, no phone."""


def invented(kind: type[T]) -> T:
    """Every field given. Raises KeyError where a text has no invented words yet: add them to INVENTED."""
    hints = get_type_hints(kind)
    assert is_dataclass(kind)
    return kind(**{each.name: _value(kind.__name__, each.name, hints[each.name]) for each in fields(kind)})


def _value(owner: str, name: str, hint: object) -> object:
    for known in (f"{owner}.{name}", name):
        if known in INVENTED and not _has_parts(hint) and _fits(INVENTED[known], hint):
            return INVENTED[known]
    if get_origin(hint) is tuple:
        parts = [each for each in get_args(hint) if each is not Ellipsis]
        return tuple(_value(owner, name, each) for each in parts)
    if get_origin(hint) in (Union, types.UnionType):
        return _value(owner, name, get_args(hint)[0])
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if isinstance(hint, type) and is_dataclass(hint):
        return invented(hint)
    if get_origin(hint) is Mapping:
        return {"example-property": _value(owner, name, get_args(hint)[1])}
    plain = {bool: False, int: 1, datetime: AT, date: AT.date()}
    return plain[hint] if hint in plain else INVENTED[f"{owner}.{name}"]


def _fits(value: object, hint: object) -> bool:
    """Whether the invented words are of the field's kind; fields of one name are not always alike."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in parts
    if origin in (Union, types.UnionType):
        return any(_fits(value, each) for each in parts)
    if origin is tuple:
        return isinstance(value, tuple)
    if origin is Mapping:
        return isinstance(value, Mapping)
    return isinstance(hint, type) and isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def _has_parts(hint: object) -> bool:
    """A dataclass, or some of one: made of its own fields, whatever the field is called."""
    return is_dataclass(hint) or any(is_dataclass(each) for each in get_args(hint))


def written(spoken: Spoken) -> Written:
    if spoken.ce_type in TYPES:
        event = invented(TYPES[spoken.ce_type])
        return write_news(invented(Header).case_id, SEQ, event, header_json(invented(Header)))
    if spoken.ce_type in REGISTRATION_TYPES:
        return write_member_news(SEQ, invented(REGISTRATION_TYPES[spoken.ce_type]), invented(EnrolmentSeen))
    value = invented(spoken.holds)
    match value:
        case Report():
            return write_report(value)
        case Request():
            return write_request(value)
        case ReplayAsked():
            return write_replay(value)
        case DeliveryTried():
            return write_delivery(value)
        case PackPublished():
            return write_pack(value)
    raise AssertionError(f"say how {spoken.ce_type} is written")


def as_example(message: Written) -> str:
    headers = {name: value.decode() for name, value in message.headers}
    whole = {"key": message.key.decode(), "headers": headers, "value": json.loads(message.value)}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def add_missing(folder: Path = FOLDER) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    missing = [(folder / f"{spoken.name}.json", spoken) for spoken in SPOKEN]
    added = [(path, as_example(written(spoken))) for path, spoken in missing if not path.exists()]
    for path, text in added:
        path.write_text(text, "utf-8")
    return [path for path, _ in added]


if __name__ == "__main__":
    sys.stdout.writelines(f"{path.name}\n" for path in add_missing())
