"""A steady, bounded load: residents report and ask, staff sign and work, and the clock goes on beside them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from random import Random
from uuid import UUID

from tests.faults.ledger import Given, Ledger, Receipt
from tests.faults.patient import GaveUpError, Patient
from tests.faults.stage import Stage, building
from tests.faults.town import People

CATEGORIES = (
    "LIG.lamp_out", "LIG.corridor_light", "SAN.dead_corner", "ROA.surface_broken", "WAT.sewer_blocked",
    "HAZ.facade_loose", "ROA.collapse",
)  # fmt: skip
WORK = ("sign_for", "start", "contact_reporter")
REPEATED = 0.1
"""Of the reports, how many are sent again under the same key; so of the commands."""
ASKING = 0.1
WORKED_ON = 0.6
"""The rest is left to silence, so that its clocks run out."""
STEP = "PT20M"
ENDS_WITHIN = 240.0


class Load:
    """Each of the threads waits for its answer before it goes on, so what is under way is bounded."""

    def __init__(self, stage: Stage, ledger: Ledger, seed: int) -> None:
        self._stage = stage
        self._ledger = ledger
        self._seed = seed
        self._ended = threading.Event()
        self._to_do: deque[Receipt] = deque()
        self._asking = Patient(ledger, self._ended)
        self._people = People(self._asking, stage.router_origins)

    def threads(self) -> list[threading.Thread]:
        acts: list[tuple[str, Callable[[Patient, Random], None], float]] = [
            ("resident", self._resident, 0.25), ("neighbour", self._resident, 0.25), ("staff", self._staff, 0.1),
            ("clock", self._clock, 4.0),
        ]  # fmt: skip
        return [
            threading.Thread(target=self._go_on, args=(act, pause, f"{self._seed}-{name}"), name=name, daemon=True)
            for name, act, pause in acts
        ]

    def end(self) -> None:
        self._ended.set()

    def close(self) -> None:
        self._asking.close()

    def _go_on(self, act: Callable[[Patient, Random], None], pause: float, seed: str) -> None:
        dice = Random(seed)
        with closing(Patient(self._ledger, self._ended)) as patient, suppress(GaveUpError):  # it is in the ledger
            while not self._ended.is_set():
                act(patient, dice)
                self._ended.wait(pause * dice.uniform(0.5, 1.5))

    def _resident(self, patient: Patient, dice: Random) -> None:
        body = {
            "community": "wulibao", "description": f"第{dice.randrange(10**6)}件事",
            "category": dice.choice(CATEGORIES), "place": {"building": building(dice.randrange(10**6))},
        }  # fmt: skip
        key = str(UUID(int=dice.getrandbits(128)))
        for _ in range(2 if dice.random() < REPEATED else 1):
            answer = patient.ask(
                "report", self._intake, "POST", "/api/reports", json=body, headers={"Idempotency-Key": key}
            )
            if answer.status_code != 202:
                self._ledger.wrong(f"report: {answer.status_code} {answer.text[:200]}")
                return
            told = answer.json()
            receipt = Receipt(told["report_id"], told["query_code"])
            self._ledger.taken(key, receipt)
        if dice.random() < WORKED_ON:
            self._to_do.append(receipt)
        if dice.random() < ASKING:
            self._ask_for_more(patient, dice)

    def _ask_for_more(self, patient: Patient, dice: Random) -> None:
        """Of a matter told earlier: a word more, or less of the name. What intake refuses at once asks for nothing."""
        known = self._ledger.cases()
        receipt = dice.choice(known)
        name, body = dice.choice(
            [("urge", {"text": "请快一点"}), ("secrecy", {"secrecy": "confidential"}), ("withdraw", {})]
        )
        key = str(UUID(int=dice.getrandbits(128)))
        answer = patient.ask(
            "request", self._intake, "POST", f"/api/reports/{receipt.query_code}/{name}", json=body,
            headers={"Idempotency-Key": key},
        )  # fmt: skip
        if answer.status_code == 202:
            self._ledger.requested(answer.json()["request_id"], receipt)
        elif answer.status_code != 409:
            self._ledger.wrong(f"request: {answer.status_code} {answer.text[:200]}")

    def _staff(self, patient: Patient, dice: Random) -> None:
        """Whoever has a case signs for it, starts, and tells the reporter; a case not opened yet is looked at later."""
        if not self._to_do:
            return
        receipt = self._to_do.popleft()
        person = self._people.handler(receipt.case_id)
        if person is None:
            if not self._people.waits_for_triage:
                self._to_do.append(receipt)
            return
        for command in WORK[: dice.randint(1, len(WORK))]:
            if not self._command(patient, dice, person, receipt.case_id, command):
                return

    def _command(self, patient: Patient, dice: Random, person: str, case_id: str, command: str) -> bool:
        key = str(UUID(int=dice.getrandbits(128)))
        fields: dict[str, object] = {}
        if command == "contact_reporter":
            fields = {"outcome": "reached", "at": self._people.now(), "note": "说明了安排"}
        status = 0
        for _ in range(2 if dice.random() < REPEATED else 1):
            before, status = status, self._people.command(patient, person, case_id, command, key, fields)
            if before and before != status:
                self._ledger.wrong(f"command: {command} was answered {before}, its repeat {status}")
        self._ledger.commanded(Given(case_id, command, key, status))
        return status == 200

    def _clock(self, patient: Patient, _dice: Random) -> None:
        """Sign clocks are an hour long; which of them run out while something is down is a matter of chance."""
        self._people.pass_time(patient, STEP)

    def _intake(self) -> list[str]:
        return [self._stage.parts["intake"].origin]


@contextmanager
def steady_load(stage: Stage, ledger: Ledger, seed: int) -> Iterator[None]:
    """At the end every question under way is still answered."""
    load = Load(stage, ledger, seed)
    threads = load.threads()
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        load.end()
        ends_at = time.monotonic() + ENDS_WITHIN
        for thread in threads:
            thread.join(max(0.0, ends_at - time.monotonic()))
            if thread.is_alive():
                ledger.wrong(f"{thread.name}: still waits for an answer")
        load.close()
