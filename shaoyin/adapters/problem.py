"""Every error as RFC 9457 problem+json, with a stable code and words in the reader's language.

Raise `Problem` where a request cannot be met; `install` makes everything else that goes wrong look the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from shaoyin.adapters.field_errors import FieldError as FieldError
from shaoyin.adapters.field_errors import field_errors as field_errors
from shaoyin.adapters.field_errors import in_our_codes
from shaoyin.adapters.logs import tell_error
from shaoyin.adapters.words import LANGUAGES as LANGUAGES
from shaoyin.adapters.words import MOST_LETTERS
from shaoyin.adapters.words import Language as Language
from shaoyin.adapters.words import Texts as Texts
from shaoyin.adapters.words import language_of as language_of
from shaoyin.adapters.words import problem_texts as problem_texts

MOST_ERRORS = 100
RETRY_AFTER = "5"

_BY_STATUS = {
    401: "signed_out",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "too_many",
    503: "engine_away",
}


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """Why a request cannot be met. `params` fill the words, `members` are added to the answer as they are; with
    `rule` the detail is that rule's own sentence.
    """

    def __init__(
        self,
        status: int,
        code: str,
        params: Mapping[str, object] | None = None,
        errors: Sequence[FieldError] = (),
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.rule = status, code, rule
        self.params, self.errors = dict(params or {}), tuple(errors)
        self.headers, self.members = dict(headers or {}), dict(members or {})


def not_now(rule: str, params: Mapping[str, object], allowed: Sequence[str]) -> Problem:
    """409: a rule forbids it now, in the rule's own words, with the commands that are allowed (mechanics 27)."""
    return Problem(409, "not_now", params, members={"rule": rule, "allowed": list(allowed)}, rule=rule)


def invalid(errors: Sequence[FieldError]) -> Problem:
    """422, naming every field."""
    return Problem(422, "invalid_fields", {"count": len(errors)}, errors)


def as_json(problem: Problem, texts: Texts, language: Language) -> dict[str, object]:
    """RFC 9457's members, `code`, and `errors` with the words for each field."""
    errors = [
        {"field": each.field[:MOST_LETTERS], "code": each.code, "text": texts.detail(each.code, language, each.params)}
        for each in problem.errors[:MOST_ERRORS]
    ]
    return {
        "type": f"urn:shaoyin:problem:{problem.code}",
        "title": texts.title(problem.code, language),
        "status": problem.status,
        "code": problem.code,
        "detail": texts.detail(problem.rule or problem.code, language, problem.params),
        **({"errors": errors} if errors else {}),
        **problem.members,
    }


def answer(problem: Problem, texts: Texts, request: Request) -> Response:
    language = language_of(",".join(request.headers.getlist("accept-language")))
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store", **problem.headers}
    return JSONResponse(
        as_json(problem, texts, language), problem.status, headers=headers, media_type="application/problem+json"
    )


def install(app: Starlette, texts: Texts, away: Iterable[type[Exception]] = ()) -> None:
    """Every error of `app` becomes a problem. `away`: the errors that mean an engine is not there, 503, try again."""
    not_there = tuple(away)

    async def told(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code in {204, 304}:
            return Response(status_code=error.status_code, headers=error.headers)
        if isinstance(error, not_there):
            return answer(Problem(503, "engine_away", headers={"Retry-After": RETRY_AFTER}), texts, request)
        return answer(_problem_of(request, error), texts, request)

    for kind in (Problem, HTTPException, RequestValidationError, ClientDisconnect, *not_there, Exception):
        app.add_exception_handler(kind, told)


def _problem_of(request: Request, error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _of_validation(error)
        case ClientDisconnect():
            return Problem(400, "body_cut_off")
        case HTTPException() if error.status_code < 500 or error.status_code in _BY_STATUS:
            return _of_status(request, error)
        case _:
            return _internal(request, error)


def _of_validation(error: RequestValidationError) -> Problem:
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        return Problem(400, "invalid_json")
    return invalid(in_our_codes({**each, "loc": _inside(each["loc"])} for each in found))


def _inside(loc: Sequence[int | str]) -> Sequence[int | str]:
    """FastAPI says first where the field was: body, query, path, header."""
    return loc[1:] if len(loc) > 1 else loc


def _of_status(request: Request, error: HTTPException) -> Problem:
    code = _BY_STATUS.get(error.status_code, "bad_request")
    headers = dict(error.headers or {})
    allowed = next((value for name, value in headers.items() if name.lower() == "allow"), None)
    return Problem(error.status_code, code, {"method": request.method, "allowed": allowed}, headers=headers)


def _internal(request: Request, error: Exception) -> Problem:
    route = cast("str | None", getattr(request.scope.get("route"), "path", None))
    error_id = tell_error(error, method=request.method, route=route)
    return Problem(500, "internal", {"error_id": error_id}, members={"instance": f"urn:shaoyin:error:{error_id}"})
