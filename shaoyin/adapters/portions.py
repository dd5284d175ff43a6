"""A long list taken a portion at a time, so that everything else on the event loop has its turn in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def portions(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """In their order, each of at most so many; none of nothing."""
    for begin in range(0, len(items), most):
        yield items[begin : begin + most]


async def in_turns(items: Iterable[T], most: int) -> AsyncIterator[T]:
    """One after another; after so many, whatever else waits for the loop has its turn."""
    for number, each in enumerate(items, 1):
        yield each
        if number % most == 0:
            await asyncio.sleep(0)
