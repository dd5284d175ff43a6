"""How often one caller may call: by device, by network and by token, in memory; 429 with `Retry-After` beyond (ADR 13).

A call of this machine itself comes from no network: it is limited by none, and by no token.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shaoyin.adapters.admission import HEALTH
from shaoyin.adapters.buckets import Buckets
from shaoyin.adapters.callers import Caller, Callers
from shaoyin.adapters.limits import Limits, Rate
from shaoyin.adapters.problem import Problem, answer, language_of
from shaoyin.adapters.refusals import Emergency, as_members
from shaoyin.adapters.words import problem_texts

DEVICE_HEADER = b"shaoyin-device"
DEVICE_COOKIE = "device"
WIDER = 10
"""A wide network may make so many times the wrong guesses of a narrow one."""
LIMITED = "limited"
"""In a page's state: the seconds to wait. The page tells it itself, and keeps what was typed."""
_DEVICE = re.compile(rb"[A-Za-z0-9_-]{16,64}")
_IN_COOKIE = re.compile(rb"(?:^|; ?)device=([A-Za-z0-9_-]{16,64})(?:;|$)")

Kind = Literal["report", "code", "public", "staff"]
"""A report; a call under a query code, which might be a guess; another call of residents; a call of staff."""


@dataclass(frozen=True, slots=True)
class Call:
    """What is called. A `page` shows its own refusal."""

    kind: Kind
    page: bool = False


STAFF = Call("staff")


def staff_alone(_method: str, path: str) -> Call | None:
    return None if path.endswith(HEALTH) else STAFF


Sorted = Callable[[str, str], Call | None]
"""By method and path; None is not limited."""


class RateLimits:
    """Buckets from the narrowest to the widest: one loud device is refused before it costs its network anything."""

    def __init__(
        self, app: ASGIApp, limits: Limits, sort: Sorted = staff_alone, emergency: Emergency | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._app, self._sort, self._now = app, sort, now
        self._emergency = emergency or {}
        self._texts = problem_texts()
        self._callers = Callers(limits.trusted_proxies)
        self._device, self._device_reports = _buckets(limits.limit_device), _buckets(limits.limit_device_reports)
        self._narrow, self._wide = _buckets(limits.limit_network), _buckets(limits.limit_wide_network)
        self._guesses = _buckets(limits.limit_guesses)
        self._wide_guesses = _buckets(limits.limit_guesses and limits.limit_guesses.times(WIDER))
        self._staff, self._staff_network = _buckets(limits.limit_staff), _buckets(limits.limit_staff_network)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = self._sort(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if call is None:
            await self._app(scope, receive, send)
            return
        caller, now = self._callers.of(scope), self._now()
        wait = self._wait(call, scope, caller, now)
        if wait > 0:
            await self._refuse(call, math.ceil(wait), scope, receive, send)
        elif call.kind == "code" and caller is not None:
            await self._app(scope, receive, self._counting(send, caller))
        else:
            await self._app(scope, receive, send)

    def _wait(self, call: Call, scope: Scope, caller: Caller | None, now: float) -> float:
        if call.kind == "staff":
            token = None if caller is None else _header(scope["headers"], b"authorization")
            return _first(now, (self._staff, token and hash(token)), (self._staff_network, caller and caller.narrow))
        device = device_of(scope["headers"])
        reports = self._device_reports if call.kind == "report" else None
        guessed = 0.0
        if call.kind == "code" and caller is not None and self._guesses and self._wide_guesses:
            guessed = max(self._guesses.wait(caller.narrow, now), self._wide_guesses.wait(caller.wide, now))
        return guessed or _first(
            now, (reports, device), (self._device, device), (self._narrow, caller and caller.narrow),
            (self._wide, caller and caller.wide),
        )  # fmt: skip

    def _counting(self, send: Send, caller: Caller) -> Send:
        """A code that nothing was found under was a guess, or a slip; both count."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 404:
                now = self._now()
                _first(now, (self._guesses, caller.narrow), (self._wide_guesses, caller.wide))
            await send(message)

        return counted

    async def _refuse(self, call: Call, seconds: int, scope: Scope, receive: Receive, send: Send) -> None:
        if call.page:
            scope.setdefault("state", {})[LIMITED] = seconds
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        problem = too_many(seconds)
        if call.kind != "staff":
            language = language_of(",".join(request.headers.getlist("accept-language")))
            problem.members |= as_members(self._emergency, language)
        await answer(problem, self._texts, request)(scope, receive, send)


def too_many(seconds: int) -> Problem:
    return Problem(429, "too_many", {"seconds": seconds}, headers={"Retry-After": str(seconds)})


def device_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The random word by which a device is told from others in its network: the header's, else the cookie's."""
    cookie: bytes | None = None
    for name, value in headers:
        if name == DEVICE_HEADER:
            return value if _DEVICE.fullmatch(value) else None
        if name == b"cookie":
            cookie = value
    found = None if cookie is None else _IN_COOKIE.search(cookie)
    return None if found is None else found[1]


def _header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes | None:
    for name, value in headers:
        if name == wanted:
            return value
    return None


def _buckets(rate: Rate | None) -> Buckets | None:
    return None if rate is None else Buckets(rate)


def _first(now: float, *asked: tuple[Buckets | None, object]) -> float:
    """Takes from one after the other, up to the first that is empty; a limit that is off, or has no key, has none."""
    for buckets, key in asked:
        if buckets is not None and key is not None and (wait := buckets.take(key, now)) > 0:
            return wait
    return 0.0
