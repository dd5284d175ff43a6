"""Every resident looks once more: the progress of each report is there, and says why it went where it went."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from tests.faults.ledger import Ledger, Receipt
from tests.faults.patient import Patient
from tests.faults.stage import Stage

AT_ONCE = 3


def unreadable(stage: Stage, ledger: Ledger, receipts: Sequence[Receipt]) -> list[str]:
    """A page without a decision, or with a request that waits for its answer, is none."""

    def looked(share: int) -> list[str]:
        with closing(Patient(ledger)) as patient:
            return [why for each in receipts[share::AT_ONCE] if (why := _seen(patient, stage, each)) is not None]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [why for found in pool.map(looked, range(AT_ONCE)) for why in found]


def _seen(patient: Patient, stage: Stage, receipt: Receipt) -> str | None:
    origins = [stage.parts["intake"].origin]
    answer = patient.ask("progress", lambda: origins, "GET", f"/api/reports/{receipt.query_code}")
    if answer.status_code != 200:
        return f"{receipt.report_id}: {answer.status_code}"
    told = answer.json()
    if told["why"] is None:
        return f"{receipt.report_id}: nobody has decided, {told['state']}"
    waiting = [each["request_id"] for each in told["requests"] if each["state"] == "pending"]
    return f"{receipt.report_id}: {waiting}" if waiting else None
