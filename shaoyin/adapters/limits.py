"""How much a process takes on: connections, requests, bodies, seconds, and how often one caller may call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

OFF = "off"
_RATE = re.compile(r"(\d{1,9})/(\d{1,6})", re.ASCII)
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls at once, and as many again in so many seconds."""

    calls: int
    seconds: int

    def times(self, more: int) -> Rate:
        return Rate(self.calls * more, self.seconds)


def _rate(said: object) -> object:
    """`120/60` is 120 calls in 60 seconds; `off` is no limit."""
    if not isinstance(said, str):
        return said
    if said.strip().lower() == OFF:
        return None
    found = _RATE.fullmatch(said.strip())
    if found is None or 0 in (int(found[1]), int(found[2])):
        raise ValueError("must be calls/seconds, for instance 120/60, or off")
    return Rate(int(found[1]), int(found[2]))


def _networks(said: object) -> object:
    """Addresses and networks, with commas between them."""
    if not isinstance(said, str):
        return said
    return tuple(ip_network(each.strip()) for each in said.split(",") if each.strip())


RateSaid = Annotated[Rate | None, NoDecode, BeforeValidator(_rate)]


class Limits(BaseSettings):
    """The part of the settings that says so. Numbers are of one process: each counts for itself (ADR 13)."""

    model_config = SettingsConfigDict(env_prefix="SHAOYIN_", frozen=True, env_ignore_empty=True)

    connections_at_most: int = Field(2000, ge=10, le=100_000)
    requests_at_most: int = Field(1000, ge=1, le=100_000)
    bodies_at_most: int = Field(64 * 1024 * 1024, ge=1024 * 1024)
    streams_at_most: int = Field(500, ge=1, le=100_000)
    streams_of_one_at_most: int = Field(6, ge=1, le=1000)
    header_within: float = Field(10, gt=0, le=600)
    body_within: float = Field(30, gt=0, le=3600)
    write_within: float = Field(30, gt=0, le=3600)
    keep_alive_within: int = Field(30, ge=1, le=3600)

    limit_device: RateSaid = Rate(120, 60)
    limit_device_reports: RateSaid = Rate(20, 600)
    limit_network: RateSaid = Rate(1200, 60)
    limit_wide_network: RateSaid = Rate(6000, 60)
    limit_guesses: RateSaid = Rate(60, 600)
    limit_staff: RateSaid = Rate(600, 60)
    limit_staff_network: RateSaid = Rate(6000, 60)
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)] = (
        IPv4Network("127.0.0.1/32"),
        IPv6Network("::1/128"),
    )
