"""A long list taken a portion at a time, so that everything else on the event loop has its turn in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def portions(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """In their order, each of at most so many; none of nothing."""
    for begin in range(0, len(items), most):
        yield items[begin : begin + most]
