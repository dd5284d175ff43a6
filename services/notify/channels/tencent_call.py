"""A call to Tencent Cloud's interfaces (API 3.0), signed by TC3-HMAC-SHA256. What is asked goes as JSON in the body."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import orjson

JSON = "application/json; charset=utf-8"
ALGORITHM = "TC3-HMAC-SHA256"
SECRET_ID = re.compile(r"AKID[0-9A-Za-z]{32}")
SECRET_KEY = re.compile(r"[0-9A-Za-z]{32}")


@dataclass(frozen=True, slots=True)
class Keys:
    secret_id: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Interface:
    """`service` is part of the signature, `region` is not."""

    client: httpx.AsyncClient
    keys: Keys
    service: str
    version: str
    region: str

    def request(self, action: str, told: Mapping[str, object], at: datetime) -> httpx.Request:
        """`at` within five minutes of Tencent's clock."""
        body = orjson.dumps(told)
        headers = {
            "content-type": JSON, "x-tc-action": action, "x-tc-version": self.version, "x-tc-region": self.region,
            "x-tc-timestamp": str(int(at.timestamp())),
        }  # fmt: skip
        request = self.client.build_request("POST", "/", content=body, headers=headers)
        host = request.headers["host"]
        request.headers["authorization"] = authorization(self.keys, self.service, host, body, at)
        return request


def authorization(keys: Keys, service: str, host: str, body: bytes, at: datetime) -> str:
    """Of a POST of JSON to `/`; content type, host and body are signed."""
    canonical = f"POST\n/\n\ncontent-type:{JSON}\nhost:{host}\n\ncontent-type;host\n{hashlib.sha256(body).hexdigest()}"
    day = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    told = f"{ALGORITHM}\n{int(at.timestamp())}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{keys.secret_key}".encode()
    for each in (day, service, "tc3_request"):
        key = hmac.digest(key, each.encode(), "sha256")
    signature = hmac.digest(key, told.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={keys.secret_id}/{scope}, SignedHeaders=content-type;host, Signature={signature}"
