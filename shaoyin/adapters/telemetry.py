"""What an operator can see: logs without a person in them, metrics, and whether each dependency is there."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from shaoyin.adapters.scrub import scrub

CHECKED_WITHIN = timedelta(seconds=2)
QUERY_CODE = re.compile(r"(/(?:api/)?reports/)[^/?\s\"]+")
Check = Callable[[], Awaitable[None]]
log = logging.getLogger("shaoyin.errors")


class AsJson(logging.Formatter):
    """One line of JSON; anything shaped like a phone or identity number, and every query code, is taken out."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_persons(record.getMessage()),
        }
        if record.exc_info:
            line["error"] = without_persons(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def without_persons(text: str) -> str:
    return scrub(QUERY_CODE.sub(r"\1***", text))


def log_to_stderr(level: int = logging.INFO) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    logging.getLogger("httpx").setLevel(logging.WARNING)


def tell_error(error: BaseException, **where: object) -> str:
    """Logs a fault of ours under an id that its caller is given; returns the id."""
    error_id = secrets.token_hex(6)
    log.error("fault %s at %s", error_id, where, exc_info=error)
    return error_id


class Metrics:
    """Counters and gauges of one service; names begin with `shaoyin_`, labels never name a person."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter("shaoyin_events", "what happened", ["service", "what"], registry=self.registry)
        self._levels = Gauge("shaoyin_levels", "what is so now", ["service", "what"], registry=self.registry)
        self._service = service

    def count(self, what: str, how_many: int = 1) -> None:
        self._events.labels(self._service, what).inc(how_many)

    def level(self, what: str, value: float) -> None:
        self._levels.labels(self._service, what).set(value)

    def text(self) -> bytes:
        return generate_latest(self.registry)


async def readiness(checks: Mapping[str, Check], optional: frozenset[str] = frozenset()) -> tuple[bool, dict[str, Any]]:
    """Asks every dependency at once, each for a short time; one that is `optional` is shown but stops nobody."""
    names = list(checks)
    found = await asyncio.gather(*(_ask(checks[name]) for name in names))
    seen = {name: {"ok": why is None, **({"why": why} if why else {})} for name, why in zip(names, found, strict=True)}
    ready = all(each["ok"] or name in optional for name, each in seen.items())
    return ready, {"ready": ready, "checks": seen}


async def _ask(check: Check) -> str | None:
    try:
        await asyncio.wait_for(check(), CHECKED_WITHIN.total_seconds())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer to the question
        return type(error).__name__
    return None
