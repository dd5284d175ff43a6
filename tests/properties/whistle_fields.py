"""Plausible fields for what is asked of a whistle and of its responders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from shaoyin.domain import commands as cmd
from tests.properties.scene import Scene

UNITS = ("unit_duty", "unit_duty", "property_duty", "dept_duty")


def type_and_tier(scene: Scene) -> tuple[str, str]:
    """One of the two tiers that fits the type; the dice are the same for both fields of one command."""
    kinds = sorted(scene.pack.whistle_types)
    kind = scene.pack.whistle_types[kinds[(scene.case.version + len(scene.whistle_id)) % len(kinds)]]
    if kind.type == "emergency_whistle":
        kind = scene.pack.whistle_types["partner_unit_whistle"]
    return kind.type, kind.tiers[0]


def called(scene: Scene) -> tuple[str, ...]:
    if type_and_tier(scene)[0] == "member_service_whistle" and scene.often(0.9):
        return ()
    return tuple({scene.post(*UNITS) for _ in range(scene.rng.choice((1, 1, 2)))})


def named(scene: Scene) -> tuple[str, ...]:
    """Mostly as it was asked for; an approver may name others."""
    return () if scene.often(0.85) else (scene.post(*UNITS),)


def stated(scene: Scene) -> datetime:
    return scene.soon(0.5, 1, 4, 20, 70)


def tasks(scene: Scene) -> tuple[cmd.Task, ...]:
    return tuple(
        cmd.Task(text="清淤", due=scene.soon(3, 20, 50), owner="班组") for _ in range(scene.rng.choice((1, 2)))
    )


def tasks_done(scene: Scene) -> tuple[int, ...]:
    known = 0 if scene.whistle is None else len(scene.whistle.tasks)
    return tuple(range(known)) if scene.often(0.6) else ()


def ratings(scene: Scene) -> tuple[cmd.Score, ...]:
    """Marks for all who came, ones for who did not; at times one is forgotten."""
    if scene.whistle is None:
        return ()
    ended = [each for each in scene.whistle.responders.values() if each.state in ("result_in", "absent")]
    names = dict.fromkeys("members" if each.is_person else each.responder for each in ended)
    scores = []
    for name in names:
        came = [each for each in ended if name in (each.responder, "members" if each.is_person else "")]
        absent = all(each.state == "absent" for each in came)
        promptness, attendance, quality = (1, 1, None) if absent else (scene.rng.randrange(1, 6), 5, 3)
        scores.append(cmd.Score(responder=name, promptness=promptness, attendance=attendance, quality=quality))
    return tuple(scores) if scene.often(0.95) else ()


OF_WHISTLES: Mapping[str, Callable[[Scene], object]] = {
    "RequestWhistle.type": lambda scene: type_and_tier(scene)[0],
    "RequestWhistle.tier": lambda scene: type_and_tier(scene)[1],
    "RequestWhistle.source": lambda scene: scene.rng.choice(("case", "case", "council", "patrol")),
    "RequestWhistle.responders": called,
    "RequestWhistle.responder_type": lambda scene: (
        "members" if type_and_tier(scene)[0] == "member_service_whistle" else None
    ),
    "RequestWhistle.places": lambda scene: scene.rng.choice((None, 1, 2, 3)),
    "RequestWhistle.place": lambda scene: scene.case.area or "51号院",
    "RequestWhistle.starts_at": stated,
    "RequestWhistle.blocking": lambda scene: scene.rng.choice((None, True, False)),
    "RequestWhistle.dangerous": lambda scene: scene.often(0.08),
    "ApproveWhistle.responders": named, "ApproveWhistle.starts_at": stated,
    "ApproveWhistle.place": lambda scene: "51号院",
    "ApproveWhistle.lead": lambda scene: (
        scene.rng.choice(scene.whistle.asked) if scene.whistle is not None and scene.whistle.asked else None
    ),
    "ApproveWhistle.places": lambda scene: scene.rng.choice((None, 2)),
    "BlowEmergencyWhistle.type": lambda scene: "emergency_whistle",
    "BlowEmergencyWhistle.tier": lambda scene: scene.rng.choice(("member", "department")),
    "BlowEmergencyWhistle.responders": lambda scene: (scene.post(*UNITS),),
    "BlowEmergencyWhistle.place": lambda scene: "51号院", "BlowEmergencyWhistle.starts_at": stated,
    "BlowEmergencyWhistle.blocking": lambda scene: scene.rng.choice((None, True, False)),
    "ApproveAfterwards.approved": lambda scene: scene.often(0.6),
    "UpgradeWhistle.reason": lambda scene: scene.rng.choice(("plan_failed", "beyond_power")),
    "UpgradeWhistle.type": lambda scene: scene.rng.choice(("hard_problem_whistle", "enforcement_whistle")),
    "Contact.contacted_at": lambda scene: scene.now, "Contact.note": Scene.note,
    "Arrive.arrived_at": lambda scene: scene.now - timedelta(minutes=scene.rng.choice((0, 0, 7))),
    "Arrive.where": lambda scene: scene.rng.choice(("site", "meeting")),
    "Arrive.headcount": lambda scene: 4,
    "AgreePlan.tasks": tasks, "SubmitResponse.tasks_done": tasks_done, "RateWhistle.ratings": ratings,
    "CloseWhistle.moved_tasks": lambda scene: tuple(range(0 if scene.whistle is None else len(scene.whistle.tasks))),
    "AddResponder.responder": lambda scene: scene.responder or scene.post(*UNITS),
    "DecideObjection.responder": lambda scene: scene.responder or "nobody",
    "MarkAbsent.responder": lambda scene: scene.responder or "nobody",
    "AddResponder.proposed_by": lambda scene: None if scene.whistle is None else scene.whistle.blower,
    "Object.ground": Scene.text,
    "DecideObjection.decision": lambda scene: scene.rng.choice(("uphold", "overrule")),
    "BlowStanding.rule": lambda scene: "friday-units",
    "BlowStanding.starts_at": lambda scene: next_friday(scene),
}  # fmt: skip


def next_friday(scene: Scene) -> datetime:
    """15:00 on the Friday that comes, in Zhengzhou."""
    local = scene.now.astimezone(scene.pack.zone)
    day = local + timedelta(days=(4 - local.weekday()) % 7)
    return day.replace(hour=15, minute=0, second=0, microsecond=0).astimezone(scene.now.tzinfo)
