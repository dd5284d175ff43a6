"""The other services are called over TLS that is verified, or over plain HTTP without a thought of certificates."""

import ssl
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.notify.inner_client import client_of
from tests.fakes.tls import tls_running

WITHIN = timedelta(seconds=5)


async def test_a_service_whose_certificate_nobody_trusts_is_not_called(tmp_path: Path) -> None:
    async with tls_running(tmp_path, "localhost") as tls, client_of(f"https://localhost:{tls.port}", WITHIN) as client:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get("/")

    assert tls.hosts == []


async def test_certificates_are_read_only_for_an_address_of_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *_, **said: read.append(said))

    async with client_of("http://127.0.0.1:8000", WITHIN):
        assert read == []
    async with client_of("https://127.0.0.1:8000", WITHIN):
        assert len(read) == 1
