"""An operator sees numbers, what is there and what went wrong, and never a person."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shaoyin.adapters.logs import JsonLines, LastDefence, log_to_stderr, tell_error
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.scrub import HIDDEN
from shaoyin.adapters.telemetry import readiness

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    yield from _written(frank=False)


@pytest.fixture
def frank_lines() -> Iterator[Lines]:
    yield from _written(frank=True)


def _written(*, frank: bool) -> Iterator[Lines]:
    """What goes to standard error, with the run's own logging put back afterwards."""
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    before = (root.handlers[:], root.level, logging.raiseExceptions, access.disabled)
    stream = io.StringIO()
    log_to_stderr(frank=frank, stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], logging.raiseExceptions, access.disabled = before[0], before[2], before[3]
    root.setLevel(before[1])


def test_a_line_is_one_json_object_with_an_instant_and_its_facts(lines: Lines) -> None:
    logging.getLogger("services.router").warning("%s cases\nwaited", 3, extra={"topic": "cases", "lag": 7})

    (line,) = lines()
    assert line["at"].endswith("Z")
    assert (line["level"], line["logger"], line["message"]) == ("warning", "services.router", "3 cases\nwaited")
    assert (line["topic"], line["lag"]) == ("cases", 7)


def test_phones_and_identity_cards_are_hidden_wherever_they_hide(lines: Lines) -> None:
    logging.getLogger("any").info(
        "call %s or +86 138-1234-5678", "13812345678", extra={"a": ["41010319900101123X"], "b": {"c": 13812345678}}
    )

    (line,) = lines()
    assert line["message"] == f"call {HIDDEN} or {HIDDEN}"
    assert (line["a"], line["b"]) == ([HIDDEN], {"c": HIDDEN})


def test_a_case_number_stays_readable(lines: Lines) -> None:
    logging.getLogger("any").info("case 4101030000002026093000017 closed", extra={"offset": 1790000000000})

    (line,) = lines()
    assert line["message"] == "case 4101030000002026093000017 closed"
    assert line["offset"] == 1790000000000


@pytest.mark.parametrize("path", ["/api/reports/K7QD-2M9X", "/reports/K7QD-2M9X", "/api/reports/K7QD-2M9X/rating?x=1"])
def test_the_query_code_of_a_path_is_masked(lines: Lines, path: str) -> None:
    logging.getLogger("any").info("GET %s 200", path)

    assert "K7QD" not in lines()[0]["message"]
    assert "reports/***" in lines()[0]["message"]


def test_a_broken_log_call_neither_stops_the_work_nor_prints_its_arguments(
    lines: Lines, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("any").info("%d of %d", "13812345678", None)

    assert lines()[0]["message"] == "%d of %d"
    assert "138" not in capfd.readouterr().err


def test_an_error_is_told_with_its_place_and_cause(lines: Lines) -> None:
    error_id = _fail(StoreDown("AutoReconnect"), cause=ConnectionError("127.0.0.1:27017 refused"))

    (line,) = lines()
    assert line["error_id"] == error_id
    assert line["route"] == "/api/cases"
    assert line["error"]["type"] == "shaoyin.adapters.mongo.StoreDown"
    assert line["error"]["text"] == "AutoReconnect"
    assert line["error"]["frames"][-1].endswith("_fail")
    assert line["error"]["cause"]["text"] == "127.0.0.1:27017 refused"


def test_an_error_that_quotes_what_somebody_sent_is_told_without_its_words_in_production(lines: Lines) -> None:
    _fail(ValueError("张三住在五里堡"))
    _fail(_a_validation_error())
    _fail(KeyError("张三"))

    assert "张三" not in json.dumps(lines(), ensure_ascii=False)
    assert [line["error"]["type"] for line in lines()] == [
        "builtins.ValueError",
        "pydantic_core._pydantic_core.ValidationError",
        "builtins.KeyError",
    ]


def test_in_development_an_error_is_told_in_full_but_for_phones(frank_lines: Lines) -> None:
    _fail(ValueError("no such area: 13812345678"))

    assert frank_lines()[0]["error"]["text"] == f"no such area: {HIDDEN}"


def test_an_error_is_told_once_although_the_server_tells_it_again(lines: Lines) -> None:
    error = RuntimeError("ours")
    tell_error(error)

    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=RuntimeError("not told"))

    assert [line["error"]["text"] for line in lines()] == ["ours", "not told"]


def test_libraries_that_write_addresses_are_quiet(lines: Lines) -> None:
    for name in ("httpx", "pymongo", "aiokafka", "uvicorn.access"):
        logging.getLogger(name).info("GET https://provider/send?key=secret")

    assert lines() == []


def test_the_last_defence_serves_any_handler() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(LastDefence())
    handler.setFormatter(JsonLines())

    handler.handle(logging.makeLogRecord({"msg": "call %s", "args": ("13812345678",)}))

    assert HIDDEN in json.loads(stream.getvalue())["message"]


def test_counters_and_levels_are_exposed_for_the_service() -> None:
    metrics = Metrics("intake")
    metrics.count("reports_taken")
    metrics.count("reports_taken", 4)
    metrics.level("lag", 7)

    text = metrics.text().decode()

    assert 'shaoyin_events_total{service="intake",what="reports_taken"} 5.0' in text
    assert 'shaoyin_levels{service="intake",what="lag"} 7.0' in text


def test_two_services_in_one_process_keep_their_own_numbers() -> None:
    intake, notify = Metrics("intake"), Metrics("notify")
    intake.count("reports_taken")

    assert b"reports_taken" in intake.text()
    assert b"reports_taken" not in notify.text()


async def fine() -> None:
    return None


async def broken() -> None:
    raise StoreDown("mongodb://user:hidden@host")


async def hanging() -> None:
    await asyncio.Event().wait()


async def test_a_service_is_ready_when_all_it_needs_is_there() -> None:
    assert await readiness({"mongodb": fine, "kafka": fine}) == (
        True,
        {"ready": True, "checks": {"mongodb": {"ok": True}, "kafka": {"ok": True}}},
    )


async def test_what_is_missing_is_named_by_its_kind_and_leaks_no_address() -> None:
    is_ready, seen = await readiness({"mongodb": broken, "kafka": fine})

    assert not is_ready
    assert seen == {"ready": False, "checks": {"mongodb": {"ok": False, "why": "StoreDown"}, "kafka": {"ok": True}}}


async def test_what_is_optional_is_shown_and_stops_nobody() -> None:
    is_ready, seen = await readiness({"mongodb": fine, "kafka": broken}, frozenset({"kafka"}))

    assert is_ready
    assert seen["checks"]["kafka"] == {"ok": False, "why": "StoreDown"}


async def test_a_check_that_hangs_is_cut_off_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shaoyin.adapters.telemetry.CHECKED_WITHIN", timedelta(milliseconds=50))

    async with asyncio.timeout(5):
        is_ready, seen = await readiness({"slow": hanging, "slower": hanging, "mongodb": fine})

    assert not is_ready
    assert seen["checks"] == {
        "slow": {"ok": False, "why": "TimeoutError"},
        "slower": {"ok": False, "why": "TimeoutError"},
        "mongodb": {"ok": True},
    }


def _fail(error: Exception, cause: Exception | None = None) -> str:
    try:
        raise error from cause
    except type(error) as raised:
        return tell_error(raised, route="/api/cases")


def _a_validation_error() -> ValidationError:
    class Report(BaseModel):
        people: int

    with pytest.raises(ValidationError) as caught:
        Report.model_validate({"people": "张三"})
    return caught.value
