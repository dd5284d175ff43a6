"""Requests are read strictly, within their limits and with one meaning; every answer is safe to show."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import Message

from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.problem import Problem, install
from shaoyin.adapters.web import (
    BODY_AT_MOST,
    DEPTH_AT_MOST,
    KEY_AT_MOST,
    SECURITY,
    Answer,
    Health,
    SafeAnswers,
    add_health,
    idempotency_key,
    if_match,
    json_body,
    language,
    media_type,
    parse_json,
    read_body,
)
from shaoyin.adapters.words import problem_texts


def asked(body: Sequence[bytes] = (), /, **headers: str) -> Request:
    """A request whose body comes in pieces, as a server hands it on."""
    pieces: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in body]
    return _request([*pieces, {"type": "http.request", "body": b""}], headers)


def cut_off(begun: bytes) -> Request:
    return _request([{"type": "http.request", "body": begun, "more_body": True}, {"type": "http.disconnect"}], {})


def _request(messages: Sequence[Message], headers: Mapping[str, str]) -> Request:
    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    taken = iter(messages)

    async def receive() -> Message:
        return next(taken)

    return Request({"type": "http", "method": "POST", "headers": raw}, receive)


def refusal(body: bytes) -> tuple[int, str, dict[str, object]]:
    with pytest.raises(Problem) as caught:
        parse_json(body)
    return caught.value.status, caught.value.code, caught.value.params


async def test_a_body_is_read_whole_however_it_is_cut() -> None:
    assert await read_body(asked([b"ab", b"", b"c"])) == b"abc"
    assert await read_body(asked([b"x" * 8]), most=8) == b"x" * 8
    assert await read_body(asked()) == b""


async def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read() -> None:
    request = asked([b"never read"], content_length=str(BODY_AT_MOST + 1))

    with pytest.raises(Problem) as caught:
        await read_body(request)

    assert (caught.value.status, caught.value.code, caught.value.params) == (
        413,
        "body_too_large",
        {"most": BODY_AT_MOST},
    )
    assert (await request.receive())["body"] == b"never read"


@pytest.mark.parametrize("told", [{}, {"content_length": "3"}, {"content_length": "-1"}, {"content_length": "many"}])
async def test_a_body_that_lies_about_its_length_is_refused_while_it_comes_in(told: dict[str, str]) -> None:
    request = asked([b"12345", b"67890", b"never read"], **told)

    with pytest.raises(Problem, match="body_too_large"):
        await read_body(request, most=8)

    assert (await request.receive())["body"] == b"never read"


async def test_a_body_that_is_cut_off_is_not_taken_for_whole() -> None:
    with pytest.raises(ClientDisconnect):
        await read_body(cut_off(b'{"a":'))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("multipart/form-data; boundary=x", "multipart/form-data"),
        ("", ""),
    ],
)
def test_the_media_type_is_read_without_its_parameters(said: str, kind: str) -> None:
    assert media_type(asked(content_type=said)) == kind


async def test_a_json_object_is_taken_and_anything_else_is_refused_with_its_own_status() -> None:
    kind = {"content_type": "application/json; charset=utf-8"}

    assert await json_body(asked([b'{"a": ', b"1}"], **kind)) == {"a": 1}
    for request, status, code in (
        (asked([b"{}"], content_type="text/plain"), 415, "unsupported_media_type"),
        (asked([b"{}"]), 415, "unsupported_media_type"),
        (asked([b"[1]"], **kind), 422, "invalid_fields"),
        (asked([b"null"], **kind), 422, "invalid_fields"),
        (asked([b""], **kind), 400, "invalid_json"),
    ):
        with pytest.raises(Problem) as caught:
            await json_body(request)
        assert (caught.value.status, caught.value.code) == (status, code)


def test_a_mistake_in_the_json_is_pointed_at() -> None:
    assert refusal(b'{"a": 1,\n  b}') == (400, "invalid_json", {"line": 2, "column": 3})
    assert refusal(b"") == (400, "invalid_json", {"line": 1, "column": 1})


def test_bytes_that_are_no_utf8_are_pointed_at() -> None:
    assert refusal(b'{"a": "\xff"}') == (400, "invalid_utf8", {"position": 8})
    assert refusal("井盖".encode("gbk"))[1] == "invalid_utf8"
    assert refusal("{}".encode("utf-16"))[1] == "invalid_utf8"


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 2}', b'[{"a": 1, "a": 1}]', b'{"b": {"a": 1, "\\u0061": 2}}'])
def test_a_name_said_twice_has_no_meaning(body: bytes) -> None:
    assert refusal(body) == (400, "duplicate_key", {"key": "a"})


@pytest.mark.parametrize("body", [b"NaN", b'{"a": Infinity}', b"[-Infinity]"])
def test_what_is_no_number_in_json_is_no_number_here(body: bytes) -> None:
    assert refusal(body)[:2] == (400, "invalid_json")


@pytest.mark.parametrize(("opened", "closed"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_has_an_end(opened: bytes, closed: bytes) -> None:
    def nested(levels: int) -> bytes:
        return opened * levels + b"1" + closed * levels

    assert parse_json(nested(DEPTH_AT_MOST - 1))
    assert refusal(nested(DEPTH_AT_MOST))[1] == "too_deep"
    assert refusal(nested(100_000))[1] == "too_deep"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_whatever_is_json_comes_back_as_it_was(value: object) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789.eE+-untrfals\\ ', max_size=60).map(str.encode))
def test_whatever_comes_in_is_read_or_refused_with_a_400(body: bytes) -> None:
    status = 400
    try:
        parse_json(body)
    except Problem as problem:
        status = problem.status
    assert status == 400


@pytest.mark.parametrize(
    ("said", "version"),
    [(None, None), ('"17"', 17), ("17", 17), (' "17" ', 17), ('W/"17"', 17), ('"0"', 0)],
)
def test_the_version_the_caller_saw_is_read_in_every_spelling(said: str | None, version: int | None) -> None:
    assert if_match(asked() if said is None else asked(if_match=said)) == version


@pytest.mark.parametrize("said", ["", "*", '"a"', "-1", '"1", "2"', "1.0", '"9999999999999"', "17 18"])
def test_what_is_no_version_is_a_400_that_names_the_header(said: str) -> None:
    with pytest.raises(Problem) as caught:
        if_match(asked(if_match=said))

    assert (caught.value.status, caught.value.code) == (400, "invalid_header")
    assert caught.value.params == {"header": "If-Match"}


@pytest.mark.parametrize("key", ["a", "8e03978e-40d5-43dd-bc93-6894a57f9324", "!~", "x" * KEY_AT_MOST])
def test_an_idempotency_key_is_taken_as_it_is(key: str) -> None:
    assert idempotency_key(asked(idempotency_key=key)) == key
    assert idempotency_key(asked()) is None


@pytest.mark.parametrize("key", ["", "a b", "a\tb", "a\n", "键", "é", "x" * (KEY_AT_MOST + 1)])
def test_an_idempotency_key_that_is_empty_long_or_invisible_is_refused(key: str) -> None:
    with pytest.raises(Problem) as caught:
        idempotency_key(asked(idempotency_key=key))

    assert (caught.value.status, caught.value.params) == (400, {"header": "Idempotency-Key"})


def test_the_reader_is_answered_in_the_language_he_asks_for() -> None:
    assert language(asked()) == "zh-CN"
    assert language(asked(accept_language="en-US,en;q=0.9")) == "en"


@dataclass(frozen=True)
class Shown:
    at: datetime
    areas: tuple[str, ...]


class GoneError(Exception):
    pass


def a_service() -> FastAPI:
    app = FastAPI()
    install(app, problem_texts())
    app.add_middleware(SafeAnswers)
    metrics = Metrics("intake")
    metrics.count("reports_taken")

    async def fine() -> None:
        return None

    async def gone() -> None:
        raise GoneError

    add_health(
        app,
        "/api/intake",
        Health(lambda _: {"mongo": fine, "kafka": gone}, lambda _: [metrics], frozenset({"kafka"})),
    )
    add_health(app, "", Health(lambda _: {"intake.mongo": gone}, lambda _: [metrics, metrics]))

    @app.get("/own-policy")
    async def own_policy() -> PlainTextResponse:
        return PlainTextResponse("ok", headers={"Content-Security-Policy": "default-src 'none'"})

    @app.get("/answer")
    async def answer() -> Answer:
        return Answer(Shown(datetime(2026, 9, 30, 10, tzinfo=UTC), ("五里堡", "庭院51")))

    return app


@pytest.fixture
async def caller() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=a_service())
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


@pytest.mark.parametrize("path", ["/health/live", "/nowhere", "/answer", "/metrics"])
async def test_every_answer_carries_the_security_headers(caller: httpx.AsyncClient, path: str) -> None:
    answer = await caller.get(path)

    assert {name: answer.headers[name] for name in SECURITY} == SECURITY


def test_the_policy_allows_no_inline_script_no_frame_and_no_foreign_source() -> None:
    policy = dict(part.strip().split(" ", 1) for part in SECURITY["Content-Security-Policy"].split(";"))

    assert policy["script-src"] == policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in SECURITY["Content-Security-Policy"]


async def test_an_answer_may_bring_a_stricter_policy(caller: httpx.AsyncClient) -> None:
    answer = await caller.get("/own-policy")

    assert answer.headers.get_list("Content-Security-Policy") == ["default-src 'none'"]


async def test_times_tuples_and_dataclasses_are_answered_as_json(caller: httpx.AsyncClient) -> None:
    answer = await caller.get("/answer")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"at": "2026-09-30T10:00:00Z", "areas": ["五里堡", "庭院51"]}


async def test_a_service_lives_and_is_ready_although_what_is_optional_is_away(caller: httpx.AsyncClient) -> None:
    live = await caller.get("/api/intake/health/live")
    ready = await caller.get("/api/intake/health/ready")

    assert (live.status_code, live.json()) == (200, {"live": True})
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert ready.json()["checks"] == {"mongo": {"ok": True}, "kafka": {"ok": False, "why": "GoneError"}}
    assert ready.headers["cache-control"] == "no-store"


async def test_the_origin_is_not_ready_while_a_part_is_not_and_lives_all_the_same(caller: httpx.AsyncClient) -> None:
    ready = await caller.get("/health/ready")

    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert (await caller.get("/health/live")).status_code == 200


async def test_metrics_are_plain_text_for_prometheus(caller: httpx.AsyncClient) -> None:
    answer = await caller.get("/api/intake/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'shaoyin_events_total{service="intake",what="reports_taken"} 1.0' in answer.text


async def test_what_is_no_request_goes_through_untouched() -> None:
    seen: list[str] = []

    async def app(scope: object, receive: object, send: object) -> None:
        assert isinstance(scope, dict)
        seen.append(scope["type"])

    async def nothing() -> Message:
        await asyncio.Event().wait()
        return {}

    async def send(message: Message) -> None:
        seen.append("sent")

    await SafeAnswers(app)({"type": "lifespan"}, nothing, send)

    assert seen == ["lifespan"]


async def test_a_request_that_a_graceful_stop_breaks_off_is_told_to_come_back() -> None:
    app = FastAPI()
    install(app, problem_texts())
    begun = asyncio.Event()

    @app.get("/slow")
    async def slow() -> None:
        begun.set()
        await asyncio.Event().wait()

    app.add_middleware(SafeAnswers)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://here") as http:
        asking = asyncio.create_task(http.get("/slow"))
        await begun.wait()
        asking.cancel()
        answer = await asking

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("text", ["9223372036854775808", "-9223372036854775809", "9" * 5000, "1e999", r'"\ud800"'])
def test_what_the_store_could_not_keep_is_no_json_here(text: str) -> None:
    with pytest.raises(Problem) as wrong:
        parse_json(text.encode())

    assert wrong.value.status == 400
