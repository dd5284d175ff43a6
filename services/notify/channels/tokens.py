"""A token that a provider lends for a while: kept, fetched once for all who wait, and anew where it ends early."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notify.channels.codes import NO_CODE, number_in
from services.notify.channels.sender import Said
from shaoyin.adapters.clock import Clock

AT_MOST = 512
A_DAY = 86_400
"""Seconds; a token that claims to last longer is asked for anew all the same."""
EARLIER = timedelta(minutes=5)
"""A token is not used in its last minutes."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    until: datetime


class KeptToken:
    """`fetch` gives the provider's answer, with `access_token` and `expires_in`, or why there is none."""

    def __init__(self, fetch: Callable[[], Awaitable[Mapping[str, object] | Said]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: _Token | None = None
        self._fetching = asyncio.Lock()

    async def used(self, send: Callable[[str], Awaitable[Said]], over: frozenset[int]) -> Said:
        """A token may end before its time, which the numbers `over` say: then another is fetched, once."""
        token = await self._valid()
        if isinstance(token, Said):
            return token
        said = await send(token)
        if said.code not in {str(code) for code in over}:
            return said
        fresh = await self._valid(over=token)
        return fresh if isinstance(fresh, Said) else await send(fresh)

    async def _valid(self, over: str | None = None) -> str | Said:
        """One that is kept, or a new one. Never the kept one that is `over`."""
        async with self._fetching:
            kept = self._kept
            if kept is not None and kept.text != over and self._clock.now() < kept.until:
                return kept.text
            body = await self._fetch()
            fetched = body if isinstance(body, Said) else self._token_in(body)
            self._kept = None if isinstance(fetched, Said) else fetched
            return fetched if isinstance(fetched, Said) else fetched.text

    def _token_in(self, body: Mapping[str, object]) -> _Token | Said:
        text, lasts = body.get("access_token"), number_in(body, "expires_in")
        if not isinstance(text, str) or not 0 < len(text) <= AT_MOST or lasts is None:
            return NO_CODE
        kept = timedelta(seconds=min(max(lasts, 0), A_DAY)) - EARLIER
        return _Token(text, self._clock.now() + max(kept, timedelta()))
