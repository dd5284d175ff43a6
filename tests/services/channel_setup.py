"""A message, and the failures that every provider over HTTP can show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from services.notify.channels.sender import Message
from shaoyin.adapters.clock import SystemClock
from tests.fakes.provider import CUT, HALF, REDIRECT, answer

FAILURES = {
    "429": (answer(429), ("quota", "http_429", None)),
    "429 with Retry-After": (answer(429, retry_after="7"), ("quota", "http_429", timedelta(seconds=7))),
    "500": (answer(500), ("retry", "http_500", None)),
    "cut": (CUT, ("retry", "cut", None)),
    "half a body": (HALF, ("retry", "cut", None)),
    "302": (REDIRECT, ("refused", "http_302", None)),
}


def a_message(*, body: str = "城河街 12 号 2 单元下水道堵塞,请在 18:00 前到场。", minutes: int = 30) -> Message:
    until = SystemClock().now() + timedelta(minutes=minutes)
    return Message(
        message_id="alert-1", title="哨声 B-0001", body=body, short="B-0001 城河街 12 号 18:00 前到场",
        link="https://shaoyin.example/c/1", level="urgent", useful_until=until,
    )  # fmt: skip


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """As long as a call waits for its answer, in place of the ten seconds of everyday."""
    with patch("services.notify.channels.calls.WITHIN", timedelta(seconds=seconds)):
        yield
