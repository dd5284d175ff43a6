"""Three services to shoot at, each a process of its own, with people, reports, cases and enrolments already there."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from deploy.local import Engines
from shaoyin.adapters.packs import load
from shaoyin.domain.pack import Pack
from tests.fuzz.moves import choose, sensible
from tests.running import ROOT, Program, environment

SERVICES = ("router", "intake", "notify")
REPORTS = 24
KEPT = 300
"""Ids of one kind: later ones take the place of earlier ones."""
PATIENCE = 240.0
"""Seconds; nothing takes so long where nobody else works on the machine."""


@dataclass(frozen=True, slots=True)
class Offer:
    about: str
    whistle: str | None
    token: str


@dataclass
class Scene:
    """Who can sign in, and the ids that are real, by the name that a path or a field has for them."""

    programs: Mapping[str, Program]
    prefix: str
    pack: Pack
    http: httpx.Client
    tokens: dict[str, str] = field(default_factory=dict)
    known: dict[str, list[str]] = field(default_factory=dict)
    readers: dict[str, list[str]] = field(default_factory=dict)
    offers: dict[str, dict[tuple[str, str | None], str]] = field(default_factory=dict)
    whistles: dict[str, list[str]] = field(default_factory=dict)
    rounds: int = 0

    def openapi(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = self._get(service, f"/api/{service}/openapi.json", None)
        return found

    def learn(self, told: object, token: str | None) -> None:
        """Every id that an answer names is worth another call, by whoever was told it; so is what it says he may do."""
        if isinstance(told, list):
            for each in told[:50]:
                self.learn(each, token)
        elif isinstance(told, dict):
            self._learn_offers(told, token)
            for name, value in told.items():
                if name in LEARNT and isinstance(value, str):
                    self._know(name, [value])
                    self._read_by(value, token)
                else:
                    self.learn(value, token)

    def _learn_offers(self, told: Mapping[str, Any], token: str | None) -> None:
        about = told.get("case_id") or told.get("registration_id")
        if token is None or about is None or not isinstance(told.get("may"), list):
            return
        self.whistles[about] = [each["whistle_id"] for each in told.get("whistles", ())]
        for each in (told, *told.get("whistles", ())):
            for command in each.get("may", ()):
                self.offers.setdefault(command, {})[about, each.get("whistle_id")] = token

    def _read_by(self, ident: str, token: str | None) -> None:
        if token is not None:
            readers = self.readers.setdefault(ident, [])
            if token not in readers:
                readers.append(token)

    def soon(self, chance: random.Random) -> str:
        """Some hours from now, by the product's own clock."""
        return (self._now() + timedelta(hours=chance.randrange(1, 72))).isoformat()

    def offer(self, command: str, chance: random.Random) -> Offer | None:
        """Somebody who was told that he may give this command, and to what; each offer is taken once."""
        there = self.offers.get(command)
        if not there:
            return None
        about, whistle = chance.choice(list(there))
        return Offer(about, whistle, there.pop((about, whistle)))

    def _know(self, name: str, ids: Iterable[str]) -> None:
        there = self.known.setdefault(name, [])
        there += [each for each in ids if each not in there]
        del there[:-KEPT]

    def begin(self) -> None:
        """Signs everybody in, reports, waits for the cases, and knows the pack's own names."""
        people = self._get("router", "/api/dev/people", None)
        for person in (each["person"] for each in people):
            answer = self._post("router", "/api/dev/sign-in", {"person": person})
            self.tokens[person] = f"Bearer {answer['token']}"
        areas, posts = list(self.pack.areas.areas), [each["post"] for one in people for each in one["posts"]]
        for name in ("area", "building"):
            self._know(name, areas)
        for name in ("post", "to_post", "main", "as", "responder", "handler", "verifier"):
            self._know(name, posts)
        self._know("person", self.tokens)
        self._know("community", [self.pack.name])
        self._know("pack", [self.pack.name])
        self._know("category", self.pack.categories)
        self._know("query_code", (self._report(number) for number in range(REPORTS)))
        self._wait_for_cases()
        self.look_around()

    def look_around(self) -> None:
        """What a few of the people find by now, and what they may do with it."""
        self.rounds += 1
        chance = random.Random(self.rounds)
        for token in chance.sample(sorted(self.tokens.values()), 6):
            for service, path in LISTS:
                self.learn(self._get(service, path, token), token)
        for name, path in (("case_id", "/api/cases"), ("registration_id", "/api/registrations")):
            there = [each for each in self.known.get(name, ()) if each in self.readers]
            for ident in chance.sample(there, min(len(there), 12)):
                token = chance.choice(self.readers[ident])
                answer = self.http.get(
                    f"{self.programs['router'].origin}{path}/{ident}", headers={"Authorization": token}
                )
                if answer.is_success:
                    self.learn(answer.json(), token)
        self._move_on(chance)

    def _move_on(self, chance: random.Random) -> None:
        now = self._now()
        for command in choose(self.offers, chance):
            offer = self.offer(command, chance)
            assert offer is not None
            kind = "registrations" if command == "confirm" else "cases"
            answer = self.http.post(
                f"{self.programs['router'].origin}/api/{kind}/{offer.about}/commands/{command}",
                json=sensible(command, now, offer.whistle), headers={"Authorization": offer.token},
            )  # fmt: skip
            assert answer.status_code < 500, answer.text
            if answer.is_success:
                self.learn(answer.json(), offer.token)

    def _now(self) -> datetime:
        return datetime.fromisoformat(self._get("router", "/api/dev/clock", None)["now"])

    def _report(self, number: int) -> str:
        """Every other one is a blocked drain, for which the rules blow whistles by themselves."""
        buildings = [name for name, each in self.pack.areas.areas.items() if each.kind == "building"]
        categories = sorted(self.pack.categories)
        drain = {"category": "WAT.sewer_blocked", "answers": {"inside_flat": False, "flooding_homes": False}}
        body = {
            "community": self.pack.name, "description": f"第{number}件：出了问题，电话 13800000000",
            "place": {"building": buildings[number % len(buildings)]},
            "reporter": {"name": "张三", "phone": f"1380000{number:04d}"},
            **(drain if number % 2 else {"category": categories[number * 7 % len(categories)]}),
        }  # fmt: skip
        told = self._post("intake", "/api/reports", body)
        self._know("report_id", [told["report_id"]])
        return str(told["query_code"])

    def _wait_for_cases(self) -> None:
        ends_at = time.monotonic() + PATIENCE
        for code in self.known["query_code"]:
            while self._get("intake", f"/api/reports/{code}", None)["timeline"] == []:
                assert time.monotonic() < ends_at, "the reports became no cases"
                time.sleep(0.05)

    def _get(self, service: str, path: str, token: str | None) -> Any:
        headers = {} if token is None else {"Authorization": token}
        answer = self.http.get(f"{self.programs[service].origin}{path}", headers=headers)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def _post(self, service: str, path: str, body: object) -> Any:
        answer = self.http.post(f"{self.programs[service].origin}{path}", json=body)
        assert answer.is_success, (path, answer.text)
        return answer.json()


LISTS = (
    ("router", "/api/cases?most=100"),
    ("router", "/api/registrations?most=100"),
    ("router", "/api/orders"),
    ("notify", "/api/inbox?most=50"),
)
LEARNT = frozenset({"case_id", "report_id", "query_code", "registration_id", "alert_id", "whistle_id", "number"})


def _wait_for(program: Program, http: httpx.Client) -> None:
    ends_at = time.monotonic() + PATIENCE
    while time.monotonic() < ends_at and program.process is not None and program.process.poll() is None:
        with suppress(httpx.TransportError):
            if http.get(f"{program.origin}/health/ready").status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"{program.module} is not ready:\n{program.log.read_text('utf-8', errors='replace')[-4000:]}")


@contextmanager
def scene(engines: Engines, folder: Path) -> Iterator[Scene]:
    """On databases and topics of their own."""
    prefix = f"t{uuid4().hex[:8]}"
    around = environment(engines.kafka_address, engines.mongo_url, prefix, folder)
    programs = {name: Program(f"services.{name}", dict(around), folder / f"{name}.log") for name in SERVICES}
    programs["notify"].environment["SHAOYIN_ROUTER_URL"] = programs["router"].origin
    programs["notify"].environment["SHAOYIN_INTAKE_URL"] = programs["intake"].origin
    pack = load(ROOT / "packs" / "wulibao").pack
    assert pack is not None
    try:
        with httpx.Client(timeout=30, trust_env=False) as http:
            for program in programs.values():
                program.start(wait=False)
                _wait_for(program, http)
            found = Scene(programs, prefix, pack, http)
            found.begin()
            yield found
    finally:
        for program in programs.values():
            program.stop()
