"""The keys of an issuer that a street has already (OIDC), fetched from where it publishes them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping

import httpx
import jwt

from shaoyin.adapters.identity import FITTING, Seen, claims_of, signed_out
from shaoyin.adapters.problem import Problem

FETCH_AGAIN_AFTER = 60.0
KEPT_FOR = 600.0
TRY_AGAIN_AFTER = 5.0
"""Seconds in which nobody else waits for an issuer that has just not answered."""
KEYS_AT_MOST = 1024 * 1024


class JwksKeys:
    """The configured issuer's keys (OIDC): fetched when first needed, again for an unknown key, once a minute."""

    def __init__(self, url: str, issuer: str, audience: str) -> None:
        self._url, self._issuer, self._audience = url, issuer, audience
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._asked_at = self._fetched_at = self._failed_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._seen = Seen()

    async def person(self, token: str) -> str:
        seen = None if self._old else self._seen.person(token)
        return await self._verified(token) if seen is None else seen

    async def _verified(self, token: str) -> str:
        try:
            kid = str(jwt.get_unverified_header(token).get("kid", ""))
        except jwt.PyJWTError as wrong:
            raise signed_out() from wrong
        async with self._fetching:
            await self._renewed(kid)
        key = self._keys.get(kid)
        fitting = FITTING.get((key and key.key_type) or "")
        if key is None or fitting is None:
            raise signed_out()
        return self._seen.keep(token, claims_of(token, key.key, fitting, self._issuer, self._audience))

    @property
    def _old(self) -> bool:
        return time.monotonic() - self._fetched_at > KEPT_FOR

    async def _renewed(self, kid: str) -> None:
        """Old keys are fetched again, so that one that was withdrawn ends; an unknown one at most once a minute."""
        now = time.monotonic()
        unknown = kid not in self._keys and now - self._asked_at > FETCH_AGAIN_AFTER
        if not self._old and not unknown:
            return
        if now - self._failed_at < TRY_AGAIN_AFTER:
            raise _issuer_away()
        try:
            self._keys = await self._fetched()
        except Problem:
            self._failed_at = time.monotonic()
            raise
        self._seen.forget()
        self._asked_at = self._fetched_at = now

    async def _fetched(self) -> Mapping[str, jwt.PyJWK]:
        try:
            async with httpx.AsyncClient(timeout=5) as client, client.stream("GET", self._url) as answer:
                answer.raise_for_status()
                told = json.loads(await _bounded(answer))
            found = jwt.PyJWKSet.from_dict(told if isinstance(told, dict) else {})
        except (httpx.HTTPError, jwt.PyJWTError, ValueError) as away:
            raise _issuer_away() from away
        return {str(key.key_id): key for key in found.keys}


def _issuer_away() -> Problem:
    return Problem(503, "engine_away", headers={"Retry-After": "5"})


async def _bounded(answer: httpx.Response) -> bytes:
    read = bytearray()
    async for piece in answer.aiter_bytes():
        read += piece
        if len(read) > KEYS_AT_MOST:
            raise ValueError("an issuer's keys are not that long")
    return bytes(read)
