"""Calls that come while one is under way share the next: one round trip for many of them, and no timer.

An idle process asks at once, a busy one asks for more at a time: the busier, the cheaper each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """`ask_all` takes items by key and returns answers by key; what it raises, everybody who was in it gets.

    Of two items with one key the later waits for the next call, so that an answer is always to one's own item.
    """

    def __init__(self, ask_all: Callable[[Mapping[str, T]], Awaitable[Mapping[str, R]]], most: int = 200) -> None:
        self._ask_all = ask_all
        self._most = most
        self._waiting: deque[tuple[str, T, asyncio.Future[R | None]]] = deque()
        self._going: asyncio.Task[None] | None = None

    async def ask(self, key: str, item: T) -> R | None:
        """None where there is no answer for the key."""
        answered: asyncio.Future[R | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, item, answered))
        if self._going is None:
            self._going = asyncio.create_task(self._go())
        return await answered

    async def _go(self) -> None:
        try:
            while self._waiting:
                await self._one_call(self._taken())
        finally:
            self._going = None

    def _taken(self) -> dict[str, tuple[T, asyncio.Future[R | None]]]:
        """Whose caller has gone meanwhile is left out."""
        taken: dict[str, tuple[T, asyncio.Future[R | None]]] = {}
        again: list[tuple[str, T, asyncio.Future[R | None]]] = []
        while self._waiting and len(taken) < self._most:
            key, item, answered = self._waiting.popleft()
            if key in taken:
                again.append((key, item, answered))
            elif not answered.done():
                taken[key] = (item, answered)
        self._waiting.extendleft(reversed(again))
        return taken

    async def _one_call(self, taken: Mapping[str, tuple[T, asyncio.Future[R | None]]]) -> None:
        if not taken:
            return
        try:
            answers = await self._ask_all({key: item for key, (item, _) in taken.items()})
        except Exception as error:  # noqa: BLE001 - it belongs to those who asked: each of them raises it
            for _, answered in taken.values():
                if not answered.done():
                    answered.set_exception(error)
            return
        except asyncio.CancelledError:
            for _, answered in taken.values():
                answered.cancel()
            raise
        for key, (_, answered) in taken.items():
            if not answered.done():
                answered.set_result(answers.get(key))
