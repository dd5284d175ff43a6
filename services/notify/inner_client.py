"""A client for another service of the product."""

from __future__ import annotations

from datetime import timedelta

import httpx

IN_FLIGHT_AT_MOST = 20
"""httpx slows down sharply with more on one client."""


def client_of(address: str, within: timedelta) -> httpx.AsyncClient:
    """Reads no proxy from the environment, and certificates, a megabyte of them, only where something could ask."""
    return httpx.AsyncClient(
        base_url=address, timeout=within.total_seconds(), limits=httpx.Limits(max_connections=IN_FLIGHT_AT_MOST),
        trust_env=False, verify=not address.startswith("http:"),
    )  # fmt: skip
