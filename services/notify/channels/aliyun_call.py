"""A call to Aliyun's RPC interfaces, signed by its version 3 (ACS3-HMAC-SHA256).

What is asked goes as a form in the body, never in the URL, which proxies and logs keep.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import httpx

FORM = "application/x-www-form-urlencoded"
ALGORITHM = "ACS3-HMAC-SHA256"
KEY_ID = re.compile(r"[0-9A-Za-z]{16,32}")
SECRET = re.compile(r"[0-9A-Za-z]{30}")


@dataclass(frozen=True, slots=True)
class Keys:
    key_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    version: str


def signed_request(
    client: httpx.AsyncClient, keys: Keys, action: Action, form: Mapping[str, str], at: datetime
) -> httpx.Request:
    """Every call has a nonce of its own; Aliyun takes `at` within 15 minutes of its clock."""
    body = urlencode(form, quote_via=quote, safe="").encode()
    headers = {
        "content-type": FORM, "accept": "application/json", "x-acs-action": action.name,
        "x-acs-version": action.version, "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16), "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip
    request = client.build_request("POST", "/", content=body, headers=headers)
    request.headers["authorization"] = authorization(keys, "", dict(request.headers))
    return request


def authorization(keys: Keys, query: str, headers: Mapping[str, str]) -> str:
    """Of a POST to `/`. Signed are host, content-type and every x-acs- header."""
    signed = sorted(name for name in headers if name in ("host", "content-type") or name.startswith("x-acs-"))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in signed)
    canonical = "\n".join(["POST", "/", query, lines, ";".join(signed), headers["x-acs-content-sha256"]])
    told = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(keys.secret.encode(), told.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={keys.key_id},SignedHeaders={';'.join(signed)},Signature={signature}"
