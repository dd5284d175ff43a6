"""Every error as RFC 9457 problem+json, with a stable code and words in the reader's language.

Raise `Problem` where a request cannot be met; `install` makes everything else that goes wrong look the same.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Literal, cast, get_args

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType
from ruamel.yaml import YAML
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from shaoyin.adapters.telemetry import tell_error

Language = Literal["zh-CN", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh-CN", "en")
MOST_ERRORS = 100
MOST_LETTERS = 200
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
_FIELD_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "timezone_aware": "time_without_offset",
    "too_long": "too_long",
    "string_too_long": "too_long",
    "bytes_too_long": "too_long",
    "url_too_long": "too_long",
    "too_short": "too_short",
    "string_too_short": "too_short",
    "bytes_too_short": "too_short",
}
_JSON_TYPES = {"string": "string", "int": "integer", "float": "number", "decimal": "number", "bool": "boolean"}
_JSON_TYPES |= {"list": "array", "tuple": "array", "set": "array", "dict": "object", "model": "object"}
PYDANTIC_CODES = frozenset(get_args(ErrorType))
_LIMITS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "expected": "{}", "multiple_of": "× {}"}
_FILLED = re.compile(r"\{(\w+)\}")
_PIECE = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `field` is dotted, `reporter.phone`, `photos.0`."""

    field: str
    code: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """Why a request cannot be met. `params` fill the words; `members` are added to the answer as they are."""

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


def field_errors(wrong: ValidationError) -> list[FieldError]:
    """pydantic's findings in our codes; a validator's own `PydanticCustomError` keeps its type as the code."""
    return _field_errors(cast("Sequence[Any]", wrong.errors(include_url=False, include_input=False)))


class Texts:
    """Words by code: `{title: {zh-CN, en}, detail: {zh-CN, en}}`, or one sentence `{zh-CN, en}` as the detail."""

    def __init__(self, *sources: Mapping[str, Mapping[str, Any]]) -> None:
        self._by_code: dict[str, Mapping[str, Any]] = {}
        for source in sources:
            self.register(source)

    def register(self, source: Mapping[str, Mapping[str, Any]]) -> None:
        """Adds a source; a code that is there already gets the newer words."""
        self._by_code.update(source)

    def codes(self) -> frozenset[str]:
        return frozenset(self._by_code)

    def title(self, code: str, language: Language) -> str:
        return str(self._words(code, "title")[language])

    def detail(self, code: str, language: Language, params: Mapping[str, object]) -> str:
        """The sentence, filled in. A code without words still answers: with the one sentence that says its code."""
        return _filled(str(self._words(code, "detail")[language]), {"code": code, **params}, language)

    def _words(self, code: str, part: Literal["title", "detail"]) -> Mapping[str, Any]:
        words: Mapping[str, Any] = self._by_code.get(code, {})
        if part == "detail" and "zh-CN" in words:
            return words
        found: Mapping[str, Any] = words.get(part) or self._by_code["refused"][part]
        return found


def problem_texts(*more: Mapping[str, Mapping[str, Any]]) -> Texts:
    """The words that come with the library, and `more`, for instance a pack's sentences for its refusals."""
    own = files("shaoyin.adapters").joinpath("texts", "problems.yaml").read_text("utf-8")
    return Texts(YAML(typ="safe").load(own), *more)


def language_of(accept_language: str | None) -> Language:
    """Of the two we speak, the one the reader likes best (RFC 9110, 12.5.4); Chinese where he has no wish we know."""
    ranges = [_range(part) for part in (accept_language or "")[:1000].split(",")]
    wishes = {language: _wish(language, ranges) for language in LANGUAGES}
    best = max(wishes.values())
    if best[0] <= 0:
        return "zh-CN"
    return next(language for language in LANGUAGES if wishes[language] == best)


def _range(part: str) -> tuple[str, float]:
    """`zh-CN;q=0.8`: the range and how much it is liked; a quality that cannot be read is none at all."""
    said, _, quality = part.strip().lower().partition(";")
    try:
        liked = float(quality.strip().removeprefix("q=")) if quality.strip() else 1.0
    except ValueError:
        liked = 0.0
    return said.strip(), min(max(liked, 0.0), 1.0)


def _wish(language: Language, ranges: Sequence[tuple[str, float]]) -> tuple[float, int]:
    """How much a language is liked: its most exact range decides; among equals the one named first."""
    tag, main = language.lower(), language.lower().partition("-")[0]
    for names in ({tag}, {main} | {said for said, _ in ranges if said.startswith(f"{main}-")}, {"*"}):
        found = [(liked, -place) for place, (said, liked) in enumerate(ranges) if said in names]
        if found:
            return max(found)
    return 0.0, 0


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
    """Every error of `app` becomes a problem; `away` are those that mean an engine is not there: 503, try again."""

    async def told(request: Request, error: Exception) -> Response:
        return answer(_problem_of(request, error), texts, request)

    async def nothing_to_say(request: Request, error: Exception) -> Response:
        status = cast("HTTPException", error).status_code
        return Response(status_code=status) if status in {204, 304} else await told(request, error)

    async def engine_away(request: Request, error: Exception) -> Response:
        return answer(Problem(503, "engine_away", headers={"Retry-After": RETRY_AFTER}), texts, request)

    for ours in (Problem, RequestValidationError, ClientDisconnect, Exception):
        app.add_exception_handler(ours, told)
    app.add_exception_handler(HTTPException, nothing_to_say)
    for error in away:
        app.add_exception_handler(error, engine_away)


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
    return invalid(_field_errors([{**each, "loc": _inside(each["loc"])} for each in found]))


def _of_status(request: Request, error: HTTPException) -> Problem:
    code = _BY_STATUS.get(error.status_code, "bad_request")
    headers = dict(error.headers or {})
    allowed = headers.get("Allow") or headers.get("allow")
    params = {"method": request.method, **({"allowed": allowed} if allowed else {})}
    return Problem(error.status_code, code, params, headers=headers)


def _internal(request: Request, error: Exception) -> Problem:
    route = getattr(request.scope.get("route"), "path", None)
    error_id = tell_error(error, method=request.method, route=route)
    return Problem(500, "internal", {"error_id": error_id}, members={"instance": f"urn:shaoyin:error:{error_id}"})


def _inside(loc: Sequence[int | str]) -> Sequence[int | str]:
    """FastAPI says first where the field was: body, query, path, header."""
    return loc[1:] if len(loc) > 1 else loc


def _field_errors(found: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    return [FieldError(_dotted(each["loc"]), _field_code(each["type"]), _field_params(each)) for each in found]


def _dotted(loc: Iterable[int | str]) -> str:
    """Without the names pydantic gives to branches of a union, which no caller has written."""
    return ".".join(str(part) for part in loc if not re.search(r"\w\[.*\]$|^function-", str(part)))


def _field_code(found: str) -> str:
    if found in _FIELD_CODES:
        return _FIELD_CODES[found]
    if re.match(r"(date|time)(time|_delta)?_", found):
        return "not_a_time"
    if found.endswith(("_type", "_parsing")) or found in {"int_from_float", "string_unicode", "is_instance_of"}:
        return "wrong_type"
    return "wrong_value" if found in PYDANTIC_CODES else found


def _field_params(found: Mapping[str, Any]) -> dict[str, object]:
    context = {key: value for key, value in (found.get("ctx") or {}).items() if not isinstance(value, Exception)}
    kind = str(found["type"])
    if kind in {"too_long", "too_short"}:
        return {"items": context.get("max_length", context.get("min_length"))}
    if kind.endswith(("too_long", "too_short")):
        return {"most": context.get("max_length"), "least": context.get("min_length")}
    if kind not in PYDANTIC_CODES:
        return context
    if expected := _JSON_TYPES.get(kind.split("_")[0], "") if _field_code(kind) == "wrong_type" else "":
        return {"expected": expected}
    known = [shown.format(context[key]) for key, shown in _LIMITS.items() if key in context]
    return {"expected": known[-1]} if known else {}


def _filled(sentence: str, params: Mapping[str, object], language: Language) -> str:
    """Filled by name only: no attribute, no index, no format of a value can be asked for."""
    known = {name: _shown(value, language) for name, value in params.items() if value is not None}
    kept = _PIECE.sub(
        lambda piece: piece[1] if all(name in known for name in _FILLED.findall(piece[1])) else "", sentence
    )
    return _FILLED.sub(lambda found: known.get(found[1], "…"), kept)


def _shown(value: object, language: Language) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ("、" if language == "zh-CN" else ", ").join(str(each) for each in value)[:MOST_LETTERS]
    return str(value)[:MOST_LETTERS]
