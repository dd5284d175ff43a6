"""Each service describes all its calls and how they are refused, limits among it; no reference leads outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from services.intake.program import program as intake
from services.notify.app import create as notify
from services.router.program import program as router
from shaoyin.adapters.described import PROBLEM
from shaoyin.adapters.settings import Settings

PROGRAMS = {"intake": intake, "router": router, "notify": notify}


@pytest.fixture(params=sorted(PROGRAMS))
def described(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    app: FastAPI = PROGRAMS[request.param](Settings.checked(env="test", local=tmp_path))
    return app.openapi()


def operations(described: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            yield f"{method.upper()} {path}", told


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def test_every_call_may_be_refused_for_coming_too_often_or_too_much_at_once(described: dict[str, Any]) -> None:
    for name, told in operations(described):
        for status in ("429", "503"):
            assert "Retry-After" in told["responses"][status]["headers"], (name, status)


def test_every_refusal_is_a_problem(described: dict[str, Any]) -> None:
    for name, told in operations(described):
        for status, answer in told["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == [PROBLEM], (name, status)


def test_who_sends_a_body_is_told_how_it_may_be_wrong(described: dict[str, Any]) -> None:
    for name, told in operations(described):
        if "requestBody" in told:
            assert {"400", "413", "415", "422"} <= set(told["responses"]), name


def test_no_reference_leads_to_nothing(described: dict[str, Any]) -> None:
    for reference in references(described["paths"]):
        where: Any = described
        for part in reference.removeprefix("#/").split("/"):
            where = where[part]
