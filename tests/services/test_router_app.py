"""What the router offers over HTTP, and what it must not offer in production."""

from __future__ import annotations

import pytest

from services.router.app import routes
from services.router.command_body import MODELS
from shaoyin.adapters.identity import DevIssuer
from shaoyin.adapters.settings import Settings
from shaoyin.domain.flow import BY_SYSTEM, COMMANDS


def paths(*, development_too: bool) -> set[str]:
    return {getattr(route, "path", "") for route in routes(development_too=development_too).routes}


def test_in_production_nobody_can_be_signed_in_and_no_clock_be_moved() -> None:
    ours, theirs = paths(development_too=False), paths(development_too=True)

    assert not [path for path in ours if path.startswith("/api/dev")]
    assert theirs - ours == {"/api/dev/people", "/api/dev/sign-in", "/api/dev/clock"}


def test_the_development_issuer_does_not_exist_in_production() -> None:
    with pytest.raises(ValueError, match="production"):
        DevIssuer(Settings(env="production"), None, None)  # type: ignore[arg-type]


def test_every_command_of_the_flow_is_given_over_http_but_those_of_the_system() -> None:
    opened_by_a_call_of_its_own = {"open_case"}

    assert set(COMMANDS) - set(MODELS) == BY_SYSTEM | opened_by_a_call_of_its_own
