"""The staff of the invented community over HTTP: who handles a case, a command in somebody's name, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from tests.faults.patient import Patient

DUTY = "p-jia-1"
"""The community's duty post: it reads every case of the community."""


class People:
    """`waits_for_triage` says of the case looked at last that nobody handles it yet."""

    def __init__(self, patient: Patient, origins: Callable[[], list[str]]) -> None:
        self._patient = patient
        self._origins = origins
        self._tokens: dict[str, str] = {}
        self.waits_for_triage = False

    def handler(self, case_id: str) -> str | None:
        """Who holds the post that handles the case; None where it is not opened yet, or nobody's."""
        answer = self._ask("case", "GET", f"/api/cases/{case_id}", DUTY)
        self.waits_for_triage = False
        if answer.status_code == 404:
            return None
        main = answer.json()["handlers"]["main"]
        self.waits_for_triage = main is None
        return None if main is None else self._holders.get(main["post"])

    def command(
        self, patient: Patient, person: str, case_id: str, command: str, key: str, fields: dict[str, object]
    ) -> int:
        """The status of the answer."""
        path, headers = f"/api/cases/{case_id}/commands/{command}", {**self._as(person), "Idempotency-Key": key}
        return patient.ask("command", self._origins, "POST", path, json=fields, headers=headers).status_code

    def now(self) -> str:
        answer: dict[str, str] = self._patient.ask("clock", self._origins, "GET", "/api/dev/clock").json()
        return answer["now"]

    def pass_time(self, patient: Patient, span: str) -> None:
        patient.ask("clock", self._origins, "POST", "/api/dev/clock", json={"advance": span})

    def _ask(self, who: str, method: str, path: str, person: str) -> Any:
        return self._patient.ask(who, self._origins, method, path, headers=self._as(person))

    @cached_property
    def _holders(self) -> dict[str, str]:
        people = self._patient.ask("people", self._origins, "GET", "/api/dev/people").json()
        return {post["post"]: each["person"] for each in people for post in each["posts"]}

    def _as(self, person: str) -> dict[str, str]:
        if person not in self._tokens:
            answer = self._patient.ask("sign-in", self._origins, "POST", "/api/dev/sign-in", json={"person": person})
            self._tokens[person] = answer.json()["token"]
        return {"Authorization": f"Bearer {self._tokens[person]}"}
