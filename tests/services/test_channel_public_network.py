"""Whoever gives an address leads the service neither inwards nor onto a connection that was verified for another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest

from services.notify.channels import calls, public_network
from services.notify.channels.calls import Answer, called
from services.notify.channels.public_network import IP, PublicNetwork, client_of_public
from services.notify.channels.sender import Said
from tests.fakes.tls import Tls, tls_running

LOOPBACK = "127.0.0.1"


def names_for(*ips: str) -> public_network.Resolve:
    async def resolve(_host: str, _port: int) -> Sequence[IP]:
        return [ip_address(ip) for ip in ips]

    return resolve


def open_to_loopback(tls: Tls, *ips: str) -> httpx.AsyncClient:
    network = PublicNetwork(names_for(*ips or (LOOPBACK,)), may=lambda ip: ip.is_loopback)
    return client_of_public(network, tls.trusted)


async def status_of(client: httpx.AsyncClient, url: str) -> int | str:
    answer = await called(client, client.build_request("POST", url, content=b"1"))
    return answer.status if isinstance(answer, Answer) else answer.code


async def test_a_name_on_the_same_address_gets_no_connection_that_was_verified_for_another(tmp_path: Path) -> None:
    async with tls_running(tmp_path, "right.example") as tls, open_to_loopback(tls) as client:
        right, wrong = (f"https://{name}.example:{tls.port}/" for name in ("right", "wrong"))
        said = [await status_of(client, url) for url in (right, wrong, right, wrong)]

    assert said == [201, "certificate", 201, "certificate"]
    assert tls.hosts == ["right.example", "right.example"]


async def test_one_name_keeps_its_connection(tmp_path: Path) -> None:
    async with tls_running(tmp_path, "right.example") as tls, open_to_loopback(tls) as client:
        assert [await status_of(client, f"https://right.example:{tls.port}/") for _ in range(3)] == [201] * 3

    assert tls.connections == 1


async def test_the_next_answer_is_tried_where_one_cannot_be_reached(tmp_path: Path) -> None:
    async with tls_running(tmp_path, "right.example") as tls, open_to_loopback(tls, "::1", LOOPBACK) as client:
        assert await status_of(client, f"https://right.example:{tls.port}/") == 201


@pytest.mark.parametrize("ips", [[LOOPBACK], ["8.8.8.8", LOOPBACK], ["8.8.8.8", "100.100.100.200"]])
async def test_one_inner_answer_among_public_ones_refuses_the_name(ips: list[str], tmp_path: Path) -> None:
    network = PublicNetwork(names_for(*ips))
    async with tls_running(tmp_path, "right.example") as tls, client_of_public(network, tls.trusted) as client:
        request = client.build_request("POST", f"https://right.example:{tls.port}/")
        assert await called(client, request) == Said("unknown_address", "address_not_public")

    assert tls.connections == 0


async def test_the_machines_own_resolver_is_asked_and_its_loopback_refused() -> None:
    async with client_of_public() as client:
        assert await status_of(client, "https://localhost/") == "address_not_public"


async def test_a_name_that_nobody_knows_may_be_known_later() -> None:
    async with client_of_public() as client:
        request = client.build_request("POST", "https://nobody.invalid/")
        assert await called(client, request) == Said("retry", "name_not_found")


async def test_resolving_and_calling_together_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_host: str, _port: int) -> Sequence[IP]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(calls, "WITHIN", timedelta(milliseconds=50))
    async with client_of_public(PublicNetwork(never)) as client:
        assert await status_of(client, "https://slow.example/") == "timeout"
