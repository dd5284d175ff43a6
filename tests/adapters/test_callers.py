"""A caller is known by the network it calls from; what it says of itself counts only where a trusted proxy wrote it."""

from __future__ import annotations

import logging
from ipaddress import ip_network

import pytest
from starlette.types import Scope

from shaoyin.adapters.callers import Caller, Callers

PROXY = "172.30.238.5"
CALLERS = Callers([ip_network("172.30.238.0/24"), ip_network("127.0.0.1/32"), ip_network("fd00::/8")])


def scope(peer: str | None, *forwarded: str) -> Scope:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    return {"type": "http", "client": None if peer is None else (peer, 40000), "headers": headers}


def narrow(peer: str, *forwarded: str) -> str | None:
    caller = CALLERS.of(scope(peer, *forwarded))
    return None if caller is None else caller.narrow


def test_an_ipv4_address_stands_for_itself_and_an_ipv6_address_for_its_network() -> None:
    assert CALLERS.of(scope("203.0.113.7")) == Caller("203.0.113.7/32", "203.0.113.0/24")
    assert CALLERS.of(scope("2001:db8:1:2:3:4:5:6")) == Caller("2001:db8:1:2::/64", "2001:db8:1::/48")
    assert narrow("2001:db8:1:2::9") == narrow("2001:db8:1:2:ffff::1")
    assert narrow("::ffff:203.0.113.7") == "203.0.113.7/32"
    assert narrow("fe80::1%eth0") == "fe80::/64"


def test_what_a_stranger_says_of_himself_is_ignored() -> None:
    assert narrow("203.0.113.7", "198.51.100.1") == "203.0.113.7/32"
    assert narrow("203.0.113.7", "127.0.0.1") == "203.0.113.7/32"


@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        (("198.51.100.1",), "198.51.100.1/32"),
        (("9.9.9.9, 198.51.100.1",), "198.51.100.1/32"),
        (("9.9.9.9", "198.51.100.1, 172.30.238.9"), "198.51.100.1/32"),
        (("198.51.100.1:51234",), "198.51.100.1/32"),
        (("[2001:db8::1]:443",), "2001:db8::/64"),
        (("2001:db8::1",), "2001:db8::/64"),
        ((" , 198.51.100.1 ,",), "198.51.100.1/32"),
        (("198.51.100.1, <script>",), "unreadable"),
        ((", ".join(["9.9.9.9"] * 500 + ["198.51.100.1"]),), "198.51.100.1/32"),
    ],
)
def test_behind_a_trusted_proxy_the_nearest_stranger_is_the_caller(forwarded: tuple[str, ...], found: str) -> None:
    assert narrow(PROXY, *forwarded) == found


def test_this_machine_itself_is_no_network() -> None:
    assert narrow("127.0.0.1") is None
    assert CALLERS.of(scope(None)) is None
    assert Callers([]).of(scope("::1")) is None


def test_a_trusted_proxy_that_does_not_say_for_whom_it_calls_locks_nobody_out_and_is_reported_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    callers = Callers([ip_network("172.30.238.0/24")])

    with caplog.at_level(logging.WARNING):
        assert callers.of(scope(PROXY)) is None
        assert callers.of(scope(PROXY, "172.30.238.7")) is None

    assert len(caplog.records) == 1
