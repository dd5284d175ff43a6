"""Shoots requests drawn from a service's OpenAPI at it, valid and not, signed in and not, and looks at each answer."""

from __future__ import annotations

import copy
import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tests.fuzz.scene import Offer, Scene

WITHIN = 30.0
SIGNED_IN, STRANGER = 0.93, 0.97
"""Below the first a token of somebody; below the second none at all; else one that nobody gave."""
REAL = 0.85
"""How often an id in a path or a body is one that exists."""
VALID = 0.75
MOST_AT_ONCE = 40
"""Requests at one operation before the others have their turn: what one does lets others succeed."""
LOOK_EVERY = 80
"""Requests between two looks at what there is: a look is half as many, and they do not count."""
COMMAND = "{command}"
STREAM = "/api/stream"
LEFT_OUT = frozenset({"as", "answers", "opened_from", "evidence"})
"""Optional, and wrong in nearly everything that can be drawn for it."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt].*")
CHECKS: list[Any] = [
    schemathesis.checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance,
]  # fmt: skip


@dataclass
class Tally:
    """What was asked and what came of it."""

    service: str
    operations: Counter[str] = field(default_factory=Counter)
    succeeded: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[tuple[str, str], str] = field(default_factory=dict)
    why: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return sum(self.statuses.values())

    def lines(self) -> Iterator[str]:
        yield f"{self.service}: {self.requests} requests at {len(self.operations)} operations, "
        yield f"  of which {len(self.succeeded)} were reached with success"
        yield "  " + ", ".join(f"{status}: {times}" for status, times in sorted(self.statuses.items()))
        never = sorted(set(self.operations) - self.succeeded)
        for name in never:
            reasons = ", ".join(f"{why} ({times})" for why, times in self.why.get(name, Counter()).most_common(4))
            yield f"  never with success: {name}: {reasons}"
        for (operation, check), why in sorted(self.wrong.items()):
            yield f"  WRONG {operation} ({check}): {why}"


@dataclass
class Shooter:
    """One service under fire. The same seed draws the same requests, as far as the answers allow."""

    scene: Scene
    service: str
    number: int = 1

    def __post_init__(self) -> None:
        self._chance = random.Random(self.number)
        self._drawings = itertools.count(self.number * 100_000)
        self._tally = Tally(self.service)
        self._looked_at = 0
        self._session = requests.Session()
        self._session.trust_env = False
        self._origin = self.scene.programs[self.service].origin

    def shoot(self, wanted: int) -> Tally:
        """As many requests as are wanted, shared out among the operations; at least one for each."""
        schema = schemathesis.openapi.from_dict(_one_for_each_command(self.scene.openapi(self.service)))
        operations: list[Any] = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        while self._tally.requests < wanted:
            left = wanted - self._tally.requests
            share = max(left // len(operations), 1)
            for operation in operations[: max(left, 1)]:
                self._shoot_at(operation, min(share, MOST_AT_ONCE, wanted - self._tally.requests))
                if self._tally.requests - self._looked_at >= LOOK_EVERY:
                    self._looked_at = self._tally.requests
                    self.scene.look_around()
        return self._tally

    def _shoot_at(self, operation: Any, times: int) -> None:
        valid = max(round(times * VALID), 1)
        for mode, share in ((GenerationMode.POSITIVE, valid), (GenerationMode.NEGATIVE, times - valid)):
            if share > 0:
                _drawn(operation.as_strategy(mode), share, next(self._drawings), self._one)

    def _one(self, case: Any) -> None:
        _fill_in(case, self._chance, self.scene)
        name = f"{case.method} {case.path}"
        self._tally.operations[name] += 1
        streamed = case.path == STREAM
        given_ = case.as_transport_kwargs(base_url=self._origin)
        try:
            with self._session.request(**given_, timeout=WITHIN, stream=streamed) as answer:
                self._hear(name, case, answer)
        except requests.Timeout:
            self._tally.statuses[0] += 1
            self._tally.wrong.setdefault((name, "no answer"), f"not within {WITHIN:.0f} s: {case.as_curl_command()}")

    def _hear(self, name: str, case: Any, answer: requests.Response) -> None:
        self._tally.statuses[answer.status_code] += 1
        if answer.ok:
            self._tally.succeeded.add(name)
        if case.path == STREAM and answer.ok:
            return  # it does not end
        if answer.ok and answer.headers.get("content-type", "").startswith("application/json"):
            self.scene.learn(answer.json(), case.headers.get("Authorization"))
        if not answer.ok:
            self._tally.why.setdefault(name, Counter())[_reason(answer)] += 1
        self._look_at(name, case, answer)

    def _look_at(self, name: str, case: Any, answer: requests.Response) -> None:
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as failed:
            for each in getattr(failed, "exceptions", [failed]):
                told = " ".join(f"{each.title}: {each.message} {answer.text} {case.as_curl_command()}".split())[:1500]
                self._tally.wrong.setdefault(
                    (name, str(each.title)), f"{answer.status_code} {told}{self._fault(answer)}"
                )
        if answer.status_code in (429, 503) and "retry-after" not in answer.headers:
            self._tally.wrong.setdefault((name, "no Retry-After"), answer.text[:300])

    def _fault(self, answer: requests.Response) -> str:
        """What the service's log says of it."""
        if answer.status_code != 500:
            return ""
        error_id = answer.json()["instance"].rpartition(":")[2]
        log = self.scene.programs[self.service].log.read_text("utf-8", errors="replace")
        found = next((line for line in log.splitlines() if error_id in line), "nothing")
        return f"\n    the log: {found[-1500:]}"


def _reason(answer: requests.Response) -> str:
    """The rule, or the fields with their codes."""
    told = answer.json()
    fields = "+".join(f"{each['field']} {each['code']}" for each in told.get("errors", ())[:3])
    return f"{answer.status_code} {told.get('rule') or fields or told['code']}"


def _drawn(cases: st.SearchStrategy[Any], times: int, number: int, shoot: Callable[[Any], None]) -> None:
    """Draws so many cases, or fewer where there are no more to draw; nothing is kept from run to run."""

    @seed(number)
    @settings(
        max_examples=times, database=None, deadline=None, phases=[Phase.generate], verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases)
    def each(case: Any) -> None:
        shoot(case)

    with suppress(Unsatisfiable):  # nothing can be wrong about a call that takes nothing
        each()


def _fill_in(case: Any, chance: random.Random, scene: Scene) -> None:
    """A token, ids that exist, and names of the pack, most of the time; what was drawn stays the rest of the time."""
    offer = scene.offer(case.path.rpartition("/")[2], chance) if chance.random() < REAL else None
    if case.path_parameters:
        case.path_parameters = {
            name: offer.about if offer and name.endswith("_id") else _real(name, value, chance, scene)
            for name, value in dict(case.path_parameters).items()
        }
    if isinstance(case.query, dict) and "month" in case.query and chance.random() < REAL:
        case.query = {**case.query, "month": "2026-11"}
    if isinstance(case.body, dict) and isinstance(case.body.get("advance"), str):
        case.body = {**case.body, "advance": f"PT{chance.randrange(60)}M"}  # years would leave nothing open to act on
    if isinstance(case.body, dict):
        case.body = _filled(case.body, chance, scene)
        here = scene.whistles.get(str((case.path_parameters or {}).get("case_id")), [])
        whistle = offer.whistle if offer and offer.whistle else chance.choice(here) if here else None
        if whistle is not None and "whistle_id" in case.body and chance.random() < REAL:
            case.body = {**case.body, "whistle_id": whistle}
    case.headers = _signed(case, offer, chance, scene)


def _signed(case: Any, offer: Offer | None, chance: random.Random, scene: Scene) -> dict[str, str]:
    stale = {"authorization", "if-match"} if chance.random() < REAL else {"authorization"}
    headers = {name: value for name, value in dict(case.headers or {}).items() if name.lower() not in stale}
    if offer is not None:
        return {**headers, "Authorization": offer.token}
    drawn = chance.random()
    ids = [str(each) for each in (case.path_parameters or {}).values()]
    readers = [token for ident in ids for token in scene.readers.get(ident, ())] or sorted(scene.tokens.values())
    if drawn < SIGNED_IN:
        headers["Authorization"] = chance.choice(readers)
    elif drawn > STRANGER:
        headers["Authorization"] = chance.choice(["Bearer x.y.z", "Basic eDp5", "Bearer"])
    return headers


def _filled(body: Mapping[str, Any], chance: random.Random, scene: Scene) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for name, value in body.items():
        if name in LEFT_OUT and chance.random() < REAL:
            continue
        inner = isinstance(value, dict)
        filled[name] = _filled(value, chance, scene) if inner else _real(name, value, chance, scene)
    return filled


def _real(name: str, value: object, chance: random.Random, scene: Scene) -> object:
    if isinstance(value, str) and _INSTANT.fullmatch(value) and chance.random() < REAL:
        return scene.soon(chance)
    there = scene.known.get(name)
    return chance.choice(there) if there and isinstance(value, str) and chance.random() < REAL else value


def _one_for_each_command(described: dict[str, Any]) -> dict[str, Any]:
    """Where the name of a command is part of the path, an operation for each command, with that command's own body."""
    paths: dict[str, Any] = {}
    for path, methods in described["paths"].items():
        if COMMAND not in path:
            paths[path] = methods
            continue
        for body in methods["post"]["requestBody"]["content"]["application/json"]["schema"]["oneOf"]:
            command = str(body["title"]).removesuffix("_body")
            one = copy.deepcopy(methods["post"])
            one["operationId"] = f"{one.get('operationId', path)}_{command}"
            one["requestBody"]["content"]["application/json"]["schema"] = body
            one["parameters"] = [each for each in one["parameters"] if each["name"] != "command"]
            paths[path.replace(COMMAND, command)] = {"post": one}
    return {**described, "paths": paths}
