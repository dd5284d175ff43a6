"""Which texts a pack must have, and what may stand in braces in them."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import get_args

from shaoyin.domain.alert import KINDS
from shaoyin.domain.answer import ANSWERS
from shaoyin.domain.events import EVENTS, CaseState, ClockName, Grade, Outcome, SuspensionReason
from shaoyin.domain.flow import FLOW
from shaoyin.domain.located import BY_PERSON
from shaoyin.domain.looking import ASIDE
from shaoyin.domain.pack import URGENCIES, Pack
from shaoyin.domain.place import How
from shaoyin.domain.problems import Problem
from shaoyin.domain.registration_events import REGISTRATION_EVENTS, STATES
from shaoyin.domain.registration_flow import CODES
from shaoyin.domain.why_not import REASONS

REPLIES = (
    "received", "triage", "question", "info_thanks", "not_accepted", "not_accepted_place", "disputed", "already_fixed",
    "solved_on_spot", "emergency", "accepted", "dispatched", "queued", "order_posted", "order_claimed", "reassigned",
    "adjudicated", "message", "measure", "urgency_changed", "reclassified", "area_changed", "extension", "suspended",
    "resumed", "recomputed", "result", "new_date", "rework", "closed", "explanation", "left_message", "please_rate",
    "reopened", "urged", "merged", "attached", "split_off", "withdrawn", "detached", "transferred_out",
    "secrecy_raised", "request_accepted", "request_refused",
)  # fmt: skip
EXPLANATIONS = (
    *(f"place.{how}" for how in (*get_args(How), BY_PERSON)), "row", "row_not", "chosen_by_person", "deadline",
    "provisional",
    *(f"why_not.{because}" for because in REASONS),
)  # fmt: skip
DOUBTS = ("no_category", "sensitive", "place_unresolved", "danger", "duplicate_open", "to_triage", *sorted(ASIDE))
FINDINGS = ("confirmed", "could_not_be_verified")
DECISIONS = ("approved", "disapproved", "uphold", "overrule")
IN_ALERTS = (
    "number", "place", "category", "due", "clock", "grade", "urgency", "whistle", "count", "places", "position",
    "post", "code",
)  # fmt: skip
"""No name, no telephone number, no description (promise 5): what an alert shows is seen on a lock screen."""
IN_ANSWERS = ("number", "due", "reason", "call")
"""What a message to a reporter shows may be seen by whoever lives with him: nothing of the matter itself."""
ANYWHERE = (
    *IN_ALERTS, "unit", "outcome", "responder", "row", "within", "from", "seen", "lacking", "reason", "code", "message",
    "calendar", "asked", "finding", "decision", "receiver",
)  # fmt: skip

IN_THE_OPEN = {"alert": IN_ALERTS, "answer": IN_ANSWERS}


def required() -> Iterator[str]:
    """Everything the product will ask for by its key; made of the domain's own words, so none can be forgotten."""
    yield from (f"state.{state}" for state in get_args(CaseState))
    yield from (f"timeline.{event.type}" for event in EVENTS)
    yield from (f"clock.{clock}" for clock in get_args(ClockName))
    yield from (f"urgency.{urgency}" for urgency in URGENCIES)
    yield from (f"grade.{grade}" for grade in get_args(Grade))
    yield from (f"outcome.{outcome}" for outcome in get_args(Outcome))
    yield from (f"alert.{kind}.{part}" for kind in KINDS for part in ("title", "body"))
    yield from (f"reply.{reply}" for reply in REPLIES)
    yield from (f"answer.{kind}.{part}" for kind in ANSWERS for part in ("title", "body"))
    yield from (f"suspension.{reason}" for reason in get_args(SuspensionReason))
    yield from (f"explain.{each}" for each in EXPLANATIONS)
    yield from (f"triage.{doubt}" for doubt in DOUBTS)
    yield from (f"finding.{each}" for each in FINDINGS)
    yield from (f"decision.{each}" for each in DECISIONS)
    yield from (f"registration.{state}" for state in STATES)
    yield from (f"timeline.{event.type}" for event in REGISTRATION_EVENTS)
    yield from dict.fromkeys(f"refused.{code}" for code in ("not_now", "not_permitted", *_forbidding(), *CODES))
    yield from ("responder.member", "report.unreadable")


def _forbidding() -> Iterator[str]:
    """Whatever a line of the flow may refuse, somebody is told which rule it was and what is possible instead."""
    return (guard.code for row in FLOW for guard in row.guards)


def problems_of_texts(pack: Pack) -> Iterator[Problem]:
    for key in required():
        if key not in pack.texts:
            yield Problem("messages.yaml", (), "text_wanted", f"the text {key} is missing", key)
    for key, languages in pack.texts.items():
        allowed = IN_THE_OPEN.get(key.partition(".")[0], ANYWHERE)
        for language, text in languages.items():
            yield from _problems_of_braces(text, (key, language), allowed)


def _problems_of_braces(text: str, where: tuple[str, str], allowed: tuple[str, ...]) -> Iterator[Problem]:
    try:
        named = [name for _, name, form, turn in Formatter().parse(text) if name is not None or form or turn]
    except ValueError:
        yield Problem("messages.yaml", where, "broken_placeholder", "unbalanced braces")
        return
    for name in named:
        if name not in allowed:
            yield Problem("messages.yaml", where, "unknown_placeholder", ", ".join(allowed), str(name))
