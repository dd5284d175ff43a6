"""Plausible fields for each command, now and then one that a guard refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime, timedelta
from typing import get_args

from shaoyin.domain import commands as cmd
from shaoyin.domain.happened import Ground, SuspensionReason
from shaoyin.domain.pack import URGENCIES
from shaoyin.domain.report import PlaceGiven
from tests.properties.reports import BUILDINGS, FAVOURED
from tests.properties.scene import Scene
from tests.properties.whistle_fields import OF_WHISTLES

GRID = ("grid_worker", "grid_lead", "micro_grid_lead")
TRIAGE = ("community_duty", "street_centre", "triage_lead")
HANDLERS = ("community_duty", "unit_duty", "property_duty", "community_mediator", "grid_lead", "dept_duty")
Made = Callable[[Scene], object]


def made(kind: type[cmd.Given], scene: Scene) -> dict[str, object]:
    """The fields of a command but when, by whom, and what the caller gathers."""
    if kind not in _MAKERS:
        _MAKERS[kind] = _makers(kind)
    return {name: maker(scene) for name, maker, needed in _MAKERS[kind] if needed or scene.often(0.8)}


_MAKERS: dict[type[cmd.Given], tuple[tuple[str, Made, bool], ...]] = {}


def _makers(kind: type[cmd.Given]) -> tuple[tuple[str, Made, bool], ...]:
    """Each field with what fills it, and whether the command cannot be without it."""
    own = {**OF_KIND, **OF_WHISTLES}
    makers = ((each, own.get(f"{kind.__name__}.{each.name}") or ALIKE.get(each.name)) for each in fields(kind))
    return tuple(
        (each.name, maker, each.default is MISSING and each.default_factory is MISSING)
        for each, maker in makers
        if maker is not None
    )


def reporter(scene: Scene) -> str:
    refs = [each.ref for each in scene.case.reporters]
    return scene.rng.choice(refs) if refs and scene.often(0.97) else "reporter-nobody"


def asked_at(scene: Scene) -> datetime:
    return scene.now - timedelta(minutes=scene.rng.choice((0, 0, 0, 5, 600)))


def co_handlers(scene: Scene) -> tuple[str, ...]:
    return tuple({scene.post(*HANDLERS) for _ in range(scene.rng.choice((0, 0, 1, 2)))})


def next_ten_days(scene: Scene) -> datetime:
    return scene.due("result") + timedelta(days=scene.rng.choice((1, 2, 3, 5, 40)))


def number(scene: Scene) -> str:
    return scene.case.number or f"N-{scene.case.case_id}"


def category(scene: Scene) -> str:
    if scene.case.category and scene.often(0.5):
        return scene.case.category
    return scene.rng.choice(FAVOURED if scene.often(0.7) else tuple(scene.pack.categories))


def tries(scene: Scene) -> tuple[datetime, ...]:
    hours = scene.rng.choice(((26, 24, 2), (75, 26, 2), (2,), ()))
    return tuple(scene.now - timedelta(hours=each) for each in hours)


ALIKE: Mapping[str, Made] = {
    "reason": Scene.text, "text": Scene.text, "public_reply": Scene.text, "public_reason": Scene.text,
    "question": Scene.text, "task": Scene.text, "reasons": Scene.text, "plan": Scene.text, "message": Scene.text,
    "basis": Scene.text, "how_to_follow": Scene.text, "where_instead": Scene.text, "note_to_reporter": Scene.text,
    "why_not_below": Scene.text, "description": Scene.text, "instead": Scene.text, "receiver": Scene.text,
    "receipt_number": Scene.text,
    "note": Scene.note, "work_done": Scene.note, "why_not": Scene.note, "contacted": Scene.note,
    "why_no_photo": Scene.note, "result": Scene.note, "lawful_explanation": lambda scene: "法律没有要求",
    "reporter_ref": reporter, "requested_at": asked_at, "co": co_handlers, "category": category,
    "urgency": lambda scene: scene.rng.choice(URGENCIES),
    "solved": lambda scene: scene.rng.choice(("solved", "solved", "partly_solved", "unsolved")),
    "proposed_by": lambda scene: scene.post(*TRIAGE),
    "grade": lambda scene: scene.rng.choice(("ordinary", "yellow_card", "red_card")),
    "secrecy": lambda scene: scene.rng.choice(("confidential", "anonymous")),
    "attachments": lambda scene: scene.rng.choice(((), ("a1", "a2"))),
    "ground": lambda scene: scene.rng.choice(get_args(Ground)),
    "main": lambda scene: scene.post(*HANDLERS) if scene.often(0.9) else "nobody",
    "demand_true": lambda scene: True,
    "place": lambda scene: PlaceGiven(building=scene.rng.choice(BUILDINGS)),
}  # fmt: skip
"""What a field is mostly filled with, wherever it occurs."""

OF_KIND: Mapping[str, Made] = {
    "DivertEmergency.numbers": lambda scene: ("119",),
    "DivertEmergency.danger": lambda scene: scene.rng.choice(("fire", "gas", "medical", "nothing")),
    "SendVerify.to_post": lambda scene: scene.post(*GRID),
    "Verified.finding": lambda scene: scene.rng.choice(("confirmed", "could_not_be_verified")),
    "Verified.text": Scene.note, "AddHandler.reason": Scene.text, "RecordTemporaryMeasure.text": Scene.text,
    "NotFound.outcome": lambda scene: scene.rng.choice(("not_accepted", "already_fixed")),
    "NotFound.finding_by": lambda scene: scene.post(*GRID),
    "Accept.area": lambda scene: scene.case.area or scene.rng.choice(BUILDINGS), "Accept.number": number,
    "Dispatch.main": lambda scene: scene.post(*HANDLERS) if scene.often(0.5) else None,
    "Dispatch.informed": co_handlers,
    "PostForClaim.publication": lambda scene: scene.rng.choice(("category_only", "short", "full")),
    "PostForClaim.places": lambda scene: scene.rng.choice((1, 2, 3)),
    "PostForClaim.agreed_time": lambda scene: scene.rng.choice((None, scene.soon(2, 5, 30, 60))),
    "PostForClaim.consent": lambda scene: scene.often(0.95),
    "PostForClaim.vetting": lambda scene: scene.rng.choice(("none", "none", "basic", "minors")),
    "PostForClaim.dangerous": lambda scene: scene.often(0.05),
    "PostForClaim.household": lambda scene: scene.rng.choice((None, "hh-51-2")),
    "ReturnCase.suggested": lambda scene: scene.post(*HANDLERS),
    "ContactReporter.outcome": lambda scene: scene.rng.choice(("reached", "message", "failed")),
    "ContactReporter.contacted_at": asked_at,
    "AddHandler.to_post": lambda scene: scene.post(*HANDLERS),
    "AddHandler.due": lambda scene: scene.rng.choice((None, scene.due("result"), scene.soon(1, 5))),
    "NotifyParty.to_post": lambda scene: scene.post(),
    "RequestExtension.until": next_ten_days,
    "ApproveExtension.until": lambda scene: None if scene.often(0.7) else next_ten_days(scene),
    "Suspend.reason": lambda scene: scene.rng.choice(get_args(SuspensionReason)),
    "Suspend.review_at": lambda scene: scene.soon(20, 100, 200, 600),
    "RecordCallBack.outcome": lambda scene: scene.rng.choice(("solved", "partly_solved", "unsolved", "no_contact")),
    "RecordCallBack.tries": tries,
    "RecordCallBack.lawful_explanation": lambda scene: "法律没有要求" if scene.often(0.3) else None,
    "RecordCallBack.proposed_by": lambda scene: scene.post("street_centre"),
    "TransferOut.area": lambda scene: scene.rng.choice(("wls-grid-2", "wulibao", "nowhere")),
    "Supervise.review_at": lambda scene: scene.rng.choice((None, scene.soon(10, 100))),
    "SplitOff.accepted": lambda scene: scene.often(0.5),
    "SplitOff.new_number": lambda scene: f"N-{scene.case.case_id}-{scene.case.version}",
    "Refuse.ground": Scene.text,
}  # fmt: skip
"""Where a command wants something of its own."""
