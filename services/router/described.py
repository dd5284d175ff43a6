"""What the router's calls look like from outside, for OpenAPI: as the decorators of its routes take it."""

from __future__ import annotations

from typing import Any, TypedDict

from services.router import development, show_cases
from services.router.command_body import MODELS
from services.router.hand_in import HandedIn
from services.router.open_by_hand import ByHand
from services.router.registration_bodies import MODELS as REGISTRATION_MODELS
from services.router.registration_lists import Query
from services.router.simulate import Simulation
from shaoyin.adapters.described import (
    CALLS_OF_STAFF,
    COMMANDS_OF_STAFF,
    KEY,
    LANGUAGE,
    READS_OF_STAFF,
    VERSION,
    Described,
    body,
    in_query,
    parameters,
    problems,
    spelt_out,
)

WRITES = (400, 413, 415, 422)
Responses = dict[int | str, Described]


class Told(TypedDict, total=False):
    responses: Responses
    openapi_extra: dict[str, Any]


ALL: Responses = problems(*CALLS_OF_STAFF)
LIST_CASES: Told = {"responses": problems(422), "openapi_extra": parameters(*in_query(show_cases.Query))}
OPEN_CASE: Told = {
    "responses": problems(403, 409, *WRITES),
    "openapi_extra": body(spelt_out(ByHand)) | parameters(KEY, LANGUAGE),
}
READ: Told = {"responses": problems(*READS_OF_STAFF)}
COMMAND: Told = {
    "responses": problems(*COMMANDS_OF_STAFF),
    "openapi_extra": body({"oneOf": [spelt_out(model) for model in MODELS.values()]})
    | parameters(KEY, VERSION, LANGUAGE),
}
"""One of the commands' bodies; the name in the path says which."""
EXPLAIN_CASE: Told = {
    "responses": problems(422, *READS_OF_STAFF),
    "openapi_extra": parameters(*in_query(show_cases.ExplainQuery), LANGUAGE),
}
EXPLAIN: Told = {
    "responses": problems(*WRITES),
    "openapi_extra": body(spelt_out(show_cases.DryRun)) | parameters(LANGUAGE),
}
LIST_REGISTRATIONS: Told = {
    "responses": problems(422),
    "openapi_extra": parameters(*in_query(Query), LANGUAGE),
}
APPLY: Told = {
    "responses": problems(403, 409, *WRITES),
    "openapi_extra": body(spelt_out(REGISTRATION_MODELS["apply"])) | parameters(KEY, LANGUAGE),
}
REGISTRATION_COMMAND: Told = {
    "responses": problems(*COMMANDS_OF_STAFF),
    "openapi_extra": body(
        {"oneOf": [spelt_out(model) for name, model in REGISTRATION_MODELS.items() if name != "apply"]}
    )
    | parameters(KEY, VERSION, LANGUAGE),
}
READ_RULES: Told = {"responses": problems(*READS_OF_STAFF), "openapi_extra": parameters(LANGUAGE)}
READ_VERSION: Told = {"responses": problems(403, *READS_OF_STAFF)}
HAND_IN: Told = {
    "responses": problems(403, 404, 409, *WRITES),
    "openapi_extra": body(spelt_out(HandedIn)) | parameters(LANGUAGE),
}
"""A refused draft has its problems in `problems`: file, row, column, path, code, zh, en."""
SIMULATE: Told = {
    "responses": problems(403, 404, *WRITES),
    "openapi_extra": body(spelt_out(Simulation)) | parameters(LANGUAGE),
}
"""A draft with problems is refused as when it is handed in."""
APPROVE: Told = {"responses": problems(403, 404, 409, 422), "openapi_extra": parameters(LANGUAGE)}
SIGN_IN: Told = {"responses": problems(*WRITES), "openapi_extra": body(spelt_out(development.SignIn))}
ADVANCE: Told = {"responses": problems(*WRITES), "openapi_extra": body(spelt_out(development.Advance))}
