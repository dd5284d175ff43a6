"""Who listens in this process: one bounded queue for each open stream, and a bound on how many there may be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import Problem

WAITING_AT_MOST = 200
OF_ONE_AT_MOST = 6
"""A browser opens no more connections to one origin either."""
IN_ALL_AT_MOST = 500


class Listener:
    """One open stream. Whoever reads too slowly is cut, and resumes by the last id he has (mechanics 36)."""

    def __init__(self, person: str) -> None:
        self.person = person
        self._waiting: asyncio.Queue[Document | None] = asyncio.Queue(WAITING_AT_MOST)
        self._cut = False

    @property
    def cut_off(self) -> bool:
        return self._cut

    def hear(self, document: Document) -> None:
        try:
            self._waiting.put_nowait(document)
        except asyncio.QueueFull:
            self.cut()

    def cut(self) -> None:
        """Ends the stream now; what still waits is sent again when it is resumed."""
        self._cut = True
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    async def next(self, within: float) -> Document | None:
        """None when nothing came within so many seconds, or the stream was cut."""
        try:
            async with asyncio.timeout(within):
                return await self._waiting.get()
        except TimeoutError:
            return None


class Listeners:
    """`some` is set while anybody listens; `live` while the store's changes are being followed."""

    def __init__(self, of_one_at_most: int = OF_ONE_AT_MOST, in_all_at_most: int = IN_ALL_AT_MOST) -> None:
        self._of_one_at_most = of_one_at_most
        self._in_all_at_most = in_all_at_most
        self._by_person: dict[str, set[Listener]] = {}
        self.some = asyncio.Event()
        self.live = asyncio.Event()

    def __len__(self) -> int:
        return sum(map(len, self._by_person.values()))

    def join(self, person: str) -> Listener:
        """Raises Problem 429 where this person, or everybody together, has too many streams open."""
        mine = self._by_person.get(person, set())
        if len(mine) >= self._of_one_at_most or len(self) >= self._in_all_at_most:
            raise Problem(429, "too_many", headers={"Retry-After": "30"})
        listener = Listener(person)
        self._by_person.setdefault(person, set()).add(listener)
        self.some.set()
        return listener

    def leave(self, listener: Listener) -> None:
        mine = self._by_person.get(listener.person, set())
        mine.discard(listener)
        if not mine:
            self._by_person.pop(listener.person, None)
        if not self._by_person:
            self.some.clear()

    def hear(self, document: Document) -> None:
        for listener in self._by_person.get(document["person"], ()):
            listener.hear(document)

    async def until_live(self, within: float) -> bool:
        """Whether the store's changes are being followed, after so many seconds at most."""
        try:
            async with asyncio.timeout(within):
                return await self.live.wait()
        except TimeoutError:
            return False

    def cut_all(self) -> None:
        """What they missed they get when they resume."""
        self.live.clear()
        for listener in self._everybody():
            listener.cut()

    def _everybody(self) -> Iterable[Listener]:
        return [listener for mine in self._by_person.values() for listener in mine]
