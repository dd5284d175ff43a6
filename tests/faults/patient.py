"""A client as it should be: what was not answered for good is asked again, under the same key, until it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from tests.faults.ledger import Ledger

LATER = {"429", "503"}
LONGEST_PAUSE = 2.0
GIVES_UP_AFTER = 180.0
"""Seconds after the load has ended; by then everything runs again."""


class GaveUpError(AssertionError):
    """Somebody was never answered."""


def _over() -> threading.Event:
    over = threading.Event()
    over.set()
    return over


@dataclass
class Patient:
    """`origins` are asked one after the other, as behind a balancer; `ended` says that nothing new is asked."""

    ledger: Ledger
    ended: threading.Event = field(default_factory=_over)
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def ask(
        self, who: str, origins: Callable[[], list[str]], method: str, path: str, *,
        json: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        """The first answer that a repeat would not change. Raises GaveUpError."""
        gives_up_at: float | None = None
        tries = 0
        while True:
            there = origins()
            answer = self._once(who, method, f"{there[tries % len(there)]}{path}", json, headers)
            if answer is not None and str(answer.status_code) not in LATER and answer.status_code < 500:
                return answer
            if self.ended.is_set():
                gives_up_at = gives_up_at or time.monotonic() + GIVES_UP_AFTER
                if time.monotonic() > gives_up_at:
                    self.ledger.wrong(f"{who}: never answered")
                    raise GaveUpError(who)
            tries += 1
            time.sleep(_pause(answer))

    def close(self) -> None:
        self.http.close()

    def _once(
        self, who: str, method: str, url: str, json: Mapping[str, object] | None, headers: Mapping[str, str] | None
    ) -> httpx.Response | None:
        began = time.monotonic()
        try:
            answer = self.http.request(method, url, json=json, headers=headers)
        except httpx.TransportError as cut:
            self.ledger.answered(who, type(cut).__name__, time.monotonic() - began, {})
            return None
        self.ledger.answered(who, str(answer.status_code), time.monotonic() - began, answer.headers)
        return answer


def _pause(answer: httpx.Response | None) -> float:
    """What it was told, within reason: the campaign has little time."""
    if answer is None:
        return 0.3
    told = answer.headers.get("retry-after", "1")
    return min(float(told) if told.isdigit() else 1.0, LONGEST_PAUSE)
