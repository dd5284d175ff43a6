"""Who calls too often is told when to come back, whom to call meanwhile, and nobody else pays for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.intake.rates import EMERGENCY, rate_of
from shaoyin.adapters.limits import Limits, Rate
from shaoyin.adapters.rate_limits import LIMITED, RateLimits, device_of

PROXY = "10.9.8.7"
FEW = Limits(
    limit_device=Rate(3, 60), limit_device_reports=Rate(2, 600), limit_network=Rate(6, 60),
    limit_wide_network=Rate(10, 60), limit_guesses=Rate(2, 600), limit_staff=Rate(2, 60),
    limit_staff_network=Rate(5, 60), trusted_proxies="10.9.8.7",
)  # fmt: skip


@dataclass
class Service:
    """Something to call, and the time, which a test moves. A code that begins with A is somebody's."""

    limits: Limits = FEW
    now: float = 1000.0
    reached: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])
        self.app = RateLimits(app, self.limits, rate_of, EMERGENCY, now=lambda: self.now)

    async def _answer(self, request: Request) -> Response:
        self.reached.append(request.url.path)
        told = getattr(request.state, LIMITED, None)
        guessed = request.url.path.startswith(("/api/reports/", "/reports/")) and "/A" not in request.url.path
        return PlainTextResponse(str(told or ""), 429 if told else 404 if guessed else 200)

    async def call(
        self, method: str = "POST", path: str = "/api/reports", peer: str = "203.0.113.7", **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        transport = httpx.ASGITransport(self.app, client=(peer, 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://town") as http:
            return await http.request(method, path, headers=named)

    async def statuses(self, times: int, *given: str, **headers: str) -> list[int]:
        return [(await self.call(*given, **headers)).status_code for _ in range(times)]


def device(letter: str) -> str:
    return letter * 20


async def test_a_device_that_reports_too_often_is_told_when_to_come_back() -> None:
    service = Service()

    assert await service.statuses(3, shaoyin_device=device("a")) == [200, 200, 429]

    refused = await service.call(shaoyin_device=device("a"), accept_language="en")
    told: dict[str, Any] = refused.json()
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "300"
    assert (told["code"], told["detail"]) == ("too_many", "Too many requests. Please try again in 300 seconds.")
    service.now += 300
    assert await service.statuses(2, shaoyin_device=device("a")) == [200, 429]


async def test_every_refusal_of_a_resident_says_whom_to_call() -> None:
    service = Service()
    await service.statuses(3, shaoyin_device=device("a"))

    for language, ambulance in (("zh-CN", "急救"), ("en", "Ambulance")):
        refused = await service.call(shaoyin_device=device("a"), accept_language=language)
        assert refused.headers["content-language"] == language
        assert {"number": "120", "say": ambulance} in refused.json()["emergency"]
        assert {each["number"] for each in refused.json()["emergency"]} == {"110", "119", "120"}


async def test_another_device_in_the_same_network_is_not_locked_out() -> None:
    service = Service()
    assert (await service.statuses(4, shaoyin_device=device("a")))[-2:] == [429, 429]

    assert await service.statuses(2, shaoyin_device=device("b")) == [200, 200]
    assert await service.statuses(1) == [200]


async def test_a_new_device_for_every_call_does_not_help_beyond_the_network() -> None:
    service = Service()
    letters = "abcdefgh"

    found = [(await service.call(shaoyin_device=device(letter))).status_code for letter in letters]

    assert found == [200] * 6 + [429] * 2
    assert await service.statuses(1, "POST", "/api/reports", "198.51.100.1") == [200]


async def test_a_wide_network_has_a_ceiling_of_its_own() -> None:
    service = Service()

    found = [(await service.call(peer=f"203.0.113.{host}")).status_code for host in range(12)]

    assert found == [200] * 10 + [429] * 2


async def test_a_household_with_ipv6_is_one_network() -> None:
    service = Service()

    found = [(await service.call(peer=f"2001:db8:1:2::{host}")).status_code for host in range(1, 8)]

    assert found == [200] * 6 + [429]
    assert await service.statuses(1, "POST", "/api/reports", "2001:db8:1:3::1") == [200]


async def test_a_forged_header_gives_no_new_network_and_a_trusted_proxy_does() -> None:
    service = Service()
    forged = [(await service.call(x_forwarded_for=f"198.51.100.{each}")).status_code for each in range(7)]
    honest = [(await service.call(peer=PROXY, x_forwarded_for=f"192.0.{each}.1")).status_code for each in range(7)]

    assert forged == [200] * 6 + [429]
    assert honest == [200] * 7


async def test_wrong_codes_are_counted_apart_and_then_even_right_ones_wait() -> None:
    service = Service()
    assert await service.statuses(5, "GET", "/api/reports/AAAAAAAAAA") == [200] * 5
    service = Service()
    assert await service.statuses(2, "GET", "/api/reports/BBBBBBBBBB") == [404, 404]

    refused = await service.call("GET", "/api/reports/AAAAAAAAAA")

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "300")
    assert "/api/reports/AAAAAAAAAA" not in service.reached
    assert await service.statuses(1, "GET", "/reports/AAAAAAAAAA") == [429]
    assert await service.statuses(1, "POST", "/api/reports") == [200]
    assert await service.statuses(1, "GET", "/api/reports/AAAAAAAAAA", "198.51.100.1") == [200]
    service.now += 300
    assert await service.statuses(2, "GET", "/api/reports/BBBBBBBBBB") == [404, 429]


async def test_guesses_from_many_addresses_of_one_network_are_counted_together() -> None:
    service = Service(FEW.model_copy(update={"limit_wide_network": None}))

    found = [
        (await service.call("GET", "/api/reports/BBBBBBBBBB", f"203.0.113.{host}")).status_code for host in range(22)
    ]

    assert found == [404] * 20 + [429] * 2


async def test_staff_are_limited_by_token_and_an_office_by_its_network() -> None:
    service = Service()

    assert await service.statuses(3, "GET", "/api/cases", authorization="Bearer a") == [200, 200, 429]
    assert await service.statuses(3, "GET", "/api/cases", authorization="Bearer b") == [200, 200, 429]
    assert await service.statuses(2, "GET", "/api/cases") == [200, 429]
    assert "emergency" not in (await service.call("GET", "/api/cases")).json()


async def test_a_page_is_told_how_long_and_shows_it_itself() -> None:
    service = Service()
    await service.statuses(6)

    shown = await service.call("POST", "/c/wulibao")

    assert (shown.status_code, shown.text) == (429, "10")
    assert service.reached[-1] == "/c/wulibao"


@pytest.mark.parametrize("path", ["/health/live", "/api/intake/health/ready", "/metrics", "/intake.css"])
async def test_health_is_never_limited(path: str) -> None:
    assert await Service().statuses(30, "GET", path) == [200] * 30


async def test_this_machine_is_limited_by_no_network_and_no_token_but_a_device_on_it_is() -> None:
    service = Service()

    assert await service.statuses(30, "GET", "/api/cases", "127.0.0.1", authorization="Bearer a") == [200] * 30
    assert await service.statuses(30, "POST", "/api/reports", "127.0.0.1") == [200] * 30
    assert await service.statuses(3, "POST", "/api/reports", "127.0.0.1", shaoyin_device=device("a")) == [200, 200, 429]


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([(b"shaoyin-device", b"a" * 16)], b"a" * 16),
        ([(b"cookie", b"view=elder; device=" + b"b" * 32)], b"b" * 32),
        ([(b"cookie", b"device=" + b"b" * 32), (b"shaoyin-device", b"a" * 16)], b"a" * 16),
        ([(b"shaoyin-device", b"short")], None),
        ([(b"shaoyin-device", b"a" * 65)], None),
        ([(b"cookie", b"other=1")], None),
        ([(b"cookie", b"devices=1")], None),
        ([(b"cookie", b"device=\xff\xfe")], None),
        ([], None),
    ],
)
def test_a_device_is_known_by_its_header_or_its_cookie(headers: list[tuple[bytes, bytes]], found: bytes | None) -> None:
    assert device_of(headers) == found


def test_limits_are_said_as_calls_and_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAOYIN_LIMIT_NETWORK", "9000/60")
    monkeypatch.setenv("SHAOYIN_LIMIT_DEVICE", "off")
    monkeypatch.setenv("SHAOYIN_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::1")

    limits = Limits()

    assert (limits.limit_network, limits.limit_device) == (Rate(9000, 60), None)
    assert [str(each) for each in limits.trusted_proxies] == ["10.0.0.0/8", "2001:db8::1/128"]


@pytest.mark.parametrize("said", ["", "10", "0/60", "10/0", "many/60", "-1/60", "10/60/1"])
def test_a_limit_that_cannot_be_read_is_refused(said: str) -> None:
    with pytest.raises(ValidationError):
        Limits(limit_network=said)
