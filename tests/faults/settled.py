"""Waits until everything is through: nothing on its way, nothing unsent, nothing due, nobody behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from services.notify.ringing.pass_on import LOOK_EVERY
from shaoyin.domain.ringing import READ_WITHIN
from tests.faults.ledger import Ledger
from tests.faults.patient import Patient
from tests.faults.stage import Stage
from tests.faults.town import People

WITHIN = 180.0
STILL_FOR = 4.0
"""Seconds in which no alert came any more."""
AFTERWARDS = "PT2M"
"""What intake believes to be lost is published again by the product's clock, half a minute after it was told."""


def settled(stage: Stage, ledger: Ledger) -> list[str]:
    """What is still on its way when the patience is at its end."""
    with closing(Patient(ledger)) as patient:
        People(patient, stage.router_origins).pass_time(patient, AFTERWARDS)
    ends_at = time.monotonic() + WITHIN
    still_since, alerts = time.monotonic(), -1
    while time.monotonic() < ends_at:
        told = stage.database("notify")["alerts"].count_documents({})
        if told != alerts or any(on_the_way(stage, ledger)):
            still_since, alerts = time.monotonic(), told
        elif time.monotonic() - still_since > STILL_FOR:
            return []
        time.sleep(0.3)
    return list(on_the_way(stage, ledger))


def unread_too_long(now: datetime) -> dict[str, Any]:
    """Critical alerts that notify should have passed on by now, two of its looks later than their time."""
    before = now - READ_WITHIN - timedelta(seconds=2 * LOOK_EVERY)
    return {"unread": True, "level": "critical", "raised_at": {"$lte": before}, "passed_on_at": None}


def on_the_way(stage: Stage, ledger: Ledger) -> Iterator[str]:
    intake, router, notify = (stage.database(each) for each in ("intake", "router", "notify"))
    waiting = {"publish_at": {"$type": "date"}}
    for name in ("reports", "requests"):
        if left := intake[name].count_documents(waiting):
            yield f"{left} {name} are not home"
    if router["cases"].count_documents({}) < len(ledger.receipts):
        yield "reports are not opened"
    if left := router["cases"].count_documents({"unsent_from": {"$type": "int"}}):
        yield f"{left} cases have unsent news"
    if left := router["cases"].count_documents({"next_due_at": {"$lt": stage.now()}}):
        yield f"{left} cases have something due"
    if left := notify["alerts"].count_documents(unread_too_long(stage.now())):
        yield f"{left} critical alerts that nobody read are not passed on"
    if left := notify["alerts"].count_documents({"unpublished_at": {"$type": "date"}}):
        yield f"{left} deliveries are not published"
