"""Whatever goes wrong is told the same way: problem+json, a stable code, words in the reader's language."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

import httpx
import pytest
from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ErrorType
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shaoyin.adapters.field_errors import FieldError, field_errors, in_our_codes
from shaoyin.adapters.problem import MOST_ERRORS, Problem, as_json, install, invalid, not_now
from shaoyin.adapters.words import LANGUAGES, Texts, language_of, problem_texts

TEXTS = problem_texts()
ADAPTERS = Path(__file__).parents[2] / "shaoyin" / "adapters"


class AwayError(Exception):
    pass


class Reporter(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    phone: str = Field(max_length=5, min_length=2)


class Report(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    description: str
    occurred_at: Annotated[AwareDatetime, Field(strict=False)] | None = None
    secrecy: Literal["open", "anonymous"] = "open"
    people: Annotated[int, Field(ge=1)] = 1
    photos: list[str] = Field([], max_length=2)
    reporter: Reporter | None = None
    area: str | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> "Report":
        if self.area == "":
            raise PydanticCustomError("place_missing", "no place")
        return self


def a_product() -> FastAPI:
    app = FastAPI()
    texts = problem_texts({"rule_of_ours": {"zh-CN": "还有 {open} 声哨", "en": "{open} whistles"}})
    install(app, texts, (AwayError,))

    @app.get("/raise/{what}")
    async def raise_(what: str) -> None:
        raise {
            "problem": Problem(403, "not_permitted", headers={"X-Why": "post"}, members={"allowed": ["urge"]}),
            "now": not_now("rule_of_ours", {"open": 2}, ["blow_whistle"]),
            "away": AwayError("mongodb://user:hidden@host"),
            "crash": RuntimeError("张三 13812345678 secret"),
            "cut": ClientDisconnect(),
            "teapot": HTTPException(418, "English words of a library"),
            "slow_down": HTTPException(429, headers={"Retry-After": "7"}),
            "bad_gateway": HTTPException(502, "upstream said no"),
            "not_modified": HTTPException(304, headers={"ETag": '"1"'}),
        }[what]

    @app.post("/reports")
    async def report(report: Report, limit: int = 1) -> None: ...

    return app


@pytest.fixture(scope="module")
def product() -> FastAPI:
    return a_product()


@pytest.fixture
async def caller(product: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=product, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://product") as client:
        yield client


async def told(caller: httpx.AsyncClient, what: str, **headers: str) -> httpx.Response:
    return await caller.get(f"/raise/{what}", headers=headers)


async def test_a_problem_has_the_members_of_the_rfc_and_its_own(caller: httpx.AsyncClient) -> None:
    answer = await told(caller, "problem")

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-why"] == "post"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "type": "urn:shaoyin:problem:not_permitted",
        "title": "没有权限",
        "status": 403,
        "code": "not_permitted",
        "detail": "您的岗位不能做这件事。",
        "allowed": ["urge"],
    }


async def test_it_is_told_in_the_language_the_reader_asks_for(caller: httpx.AsyncClient) -> None:
    chinese = await told(caller, "problem")
    english = await told(caller, "problem", **{"Accept-Language": "en-GB, zh;q=0.5"})

    assert (chinese.headers["content-language"], chinese.json()["title"]) == ("zh-CN", "没有权限")
    assert (english.headers["content-language"], english.json()["title"]) == ("en", "Not permitted")
    assert "Accept-Language" in english.headers["vary"]


async def test_a_rule_speaks_in_its_own_words_and_says_what_is_allowed(caller: httpx.AsyncClient) -> None:
    answer = await told(caller, "now")

    assert answer.status_code == 409
    body = answer.json()
    assert (body["code"], body["rule"], body["allowed"]) == ("not_now", "rule_of_ours", ["blow_whistle"])
    assert body["detail"] == "还有 2 声哨"


async def test_an_engine_that_is_away_is_a_503_that_says_when_to_come_back(caller: httpx.AsyncClient) -> None:
    answer = await told(caller, "away")

    assert (answer.status_code, answer.json()["code"]) == (503, "engine_away")
    assert int(answer.headers["retry-after"]) > 0
    assert "hidden" not in answer.text


async def test_a_crash_tells_an_id_and_nothing_of_what_happened(
    caller: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await told(caller, "crash")

    error_id = re.search("[0-9a-f]{12}", answer.json()["detail"])
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert not re.search("张三|138|secret|RuntimeError|Traceback", answer.text)
    assert error_id is not None
    assert answer.json()["instance"] == f"urn:shaoyin:error:{error_id[0]}"
    assert [getattr(record, "error_id", None) for record in caplog.records] == [error_id[0]]
    assert caplog.records[0].__dict__["route"] == "/raise/{what}"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/reports", 405, "method_not_allowed"),
        ("GET", "/raise/cut", 400, "body_cut_off"),
        ("GET", "/raise/teapot", 418, "bad_request"),
        ("GET", "/raise/slow_down", 429, "too_many"),
        ("GET", "/raise/bad_gateway", 500, "internal"),
    ],
)
async def test_what_the_libraries_refuse_looks_the_same(
    caller: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await caller.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert not re.search("English words|upstream", answer.text)


async def test_the_headers_of_a_refusal_are_kept(caller: httpx.AsyncClient) -> None:
    not_here = await caller.delete("/reports")
    too_fast = await told(caller, "slow_down")

    assert not_here.headers["allow"] == "POST"
    assert not_here.json()["detail"] == "这个地址不支持 DELETE，可以用 POST。"
    assert too_fast.headers["retry-after"] == "7"


async def test_not_modified_has_no_body(caller: httpx.AsyncClient) -> None:
    answer = await told(caller, "not_modified")

    assert (answer.status_code, answer.content) == (304, b"")


async def test_every_wrong_field_is_named_in_our_codes(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/reports?limit=x", json={"reporter": {"phone": "1"}, "colour": "red"})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_fields")
    assert {each["field"]: each["code"] for each in answer.json()["errors"]} == {
        "limit": "wrong_type",
        "description": "missing",
        "reporter.phone": "too_short",
        "colour": "unknown_field",
    }
    assert all(each["text"] for each in answer.json()["errors"])


async def test_what_is_no_json_is_a_400_and_not_a_field(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/reports", content=b"{", headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def wrong(**changed: object) -> list[tuple[str, str, str]]:
    with pytest.raises(ValidationError) as caught:
        Report.model_validate({"description": "a", **changed})
    return [(each.field, each.code, TEXTS.detail(each.code, "en", each.params)) for each in field_errors(caught.value)]


def test_pydantics_findings_become_few_codes_with_the_limit_in_words() -> None:
    assert wrong(description=7) == [("description", "wrong_type", "Wrong type: string is expected.")]
    assert wrong(secrecy="half") == [
        ("secrecy", "wrong_value", "This value is not possible: 'open' or 'anonymous' is expected.")
    ]
    assert wrong(people=0) == [("people", "wrong_value", "This value is not possible: ≥ 1 is expected.")]
    assert wrong(photos=["a", "b", "c"]) == [("photos", "too_long", "Too long: at most 2 items.")]
    assert wrong(photos=["a", 2]) == [("photos.1", "wrong_type", "Wrong type: string is expected.")]
    assert wrong(reporter={"phone": "1234567"}) == [("reporter.phone", "too_long", "Too long: at most 5 characters.")]
    assert wrong(reporter=[]) == [("reporter", "wrong_type", "Wrong type: object is expected.")]


def test_a_time_without_an_offset_is_told_apart_from_what_is_no_time() -> None:
    assert wrong(occurred_at=datetime(2026, 9, 30))[0][1] == "time_without_offset"  # noqa: DTZ001 - what is refused
    assert wrong(occurred_at="2026-09-30T18:00:00")[0][1] == "time_without_offset"
    assert wrong(occurred_at="yesterday")[0][1] == "not_a_time"


def test_a_models_own_finding_keeps_its_code() -> None:
    assert wrong(area="")[0][1] == "place_missing"


def test_names_that_only_pydantic_gives_are_left_out_of_a_field() -> None:
    class Asked(BaseModel):
        value: int | list[int]

    with pytest.raises(ValidationError) as caught:
        Asked.model_validate({"value": ["x"]})

    assert {each.field for each in field_errors(caught.value)} == {"value.int", "value.0"}


@pytest.mark.parametrize("found", get_args(ErrorType))
def test_every_finding_of_pydantic_has_a_code_with_words(found: str) -> None:
    (error,) = in_our_codes([{"type": found, "loc": ("a",), "ctx": {}}])

    assert error.code in TEXTS.codes()


def test_every_code_the_adapters_raise_has_words_in_both_languages() -> None:
    raised = {
        code
        for source in ADAPTERS.glob("*.py")
        for code in re.findall(r'(?:Problem\(\s*\d{3},\s*|FieldError\([^,()]+,\s*)"(\w+)"', source.read_text("utf-8"))
    }

    assert {"body_too_large", "signed_out", "invalid_header", "internal"} <= raised
    assert raised <= TEXTS.codes()


@pytest.mark.parametrize("code", sorted(TEXTS.codes()))
def test_every_code_has_words_that_differ_between_the_languages(code: str) -> None:
    words = [(TEXTS.title(code, language), TEXTS.detail(code, language, {})) for language in LANGUAGES]

    assert words[0] != words[1]
    assert all(title and detail for title, detail in words)
    assert re.search("[\u4e00-\u9fff]", words[0][1])
    assert not re.search("[\u4e00-\u9fff]", words[1][1])


def test_a_code_without_words_still_answers_and_a_pack_may_bring_them() -> None:
    texts = problem_texts()
    assert texts.detail("adjudication_only", "zh-CN", {}) == "没有办理（adjudication_only）。"

    texts.register({"adjudication_only": {"zh-CN": "只能由裁决岗办理。", "en": "Only the adjudicator may."}})

    assert texts.detail("adjudication_only", "en", {}) == "Only the adjudicator may."
    assert texts.title("adjudication_only", "en") == "Refused"


def test_a_piece_whose_name_is_not_known_is_left_out() -> None:
    texts = Texts({"a": {"zh-CN": "好[：{list}]，{gone}", "en": "well[: {list}], {gone}"}})

    assert texts.detail("a", "zh-CN", {"list": ["甲", "乙"]}) == "好：甲、乙，…"
    assert texts.detail("a", "en", {"list": None, "gone": "x"}) == "well, x"


def test_words_are_filled_in_by_name_and_nothing_else_is_evaluated() -> None:
    texts = Texts({"a": {"zh-CN": "{x}", "en": "{x.__class__} {x}"}})

    assert texts.detail("a", "en", {"x": "{x}"}) == "{x.__class__} {x}"
    assert len(texts.detail("a", "zh-CN", {"x": "长" * 5000})) <= 200


def test_a_thousand_wrong_fields_are_not_all_repeated() -> None:
    problem = invalid([FieldError("f" * 5000, "missing")] * 1000)

    body = as_json(problem, TEXTS, "en")

    assert body["detail"] == "1000 to correct; see errors."
    errors = body["errors"]
    assert isinstance(errors, list)
    assert len(errors) == MOST_ERRORS
    assert len(errors[0]["field"]) == 200


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("en", "en"),
        ("EN-us", "en"),
        ("zh-TW", "zh-CN"),
        ("zh-Hans-CN", "zh-CN"),
        ("fr", "zh-CN"),
        ("fr, en;q=0.1", "en"),
        ("en;q=0.8, zh;q=0.9", "zh-CN"),
        ("en, zh-CN", "en"),
        ("zh-CN, en", "zh-CN"),
        ("*", "zh-CN"),
        ("zh;q=0, *", "en"),
        ("en;q=0, *;q=0.5", "zh-CN"),
        ("en;q=0", "zh-CN"),
        ("en;q=high", "zh-CN"),
        ("zh;q=0.9, zh-CN;q=0.1, en;q=0.5", "en"),
        (",;,;q=,en", "en"),
        ("x," * 10000 + "en", "zh-CN"),
    ],
)
def test_the_wish_of_the_reader_is_weighed(asked: str | None, language: str) -> None:
    assert language_of(asked) == language
