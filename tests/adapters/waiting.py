"""Waiting for what another task does, never for time to pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def becomes(true: Callable[[], object], within: float = 8.0) -> None:
    """Fails loudly where it never does."""
    end = asyncio.get_running_loop().time() + within
    while not true():
        assert asyncio.get_running_loop().time() < end, "it never happened"
        await asyncio.sleep(0.001)
