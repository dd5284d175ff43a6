"""What is asked for while a call is under way goes along with the next one, and everybody gets his own answer."""

import asyncio
from collections.abc import Mapping

import pytest

from shaoyin.adapters.together import Together


class Store:
    """Answers with what it was asked, when it is told to; notes who was asked for together."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.go = asyncio.Event()
        self.broken = False

    async def ask_all(self, items: Mapping[str, int]) -> Mapping[str, int]:
        self.calls.append(list(items))
        await self.go.wait()
        if self.broken:
            raise ConnectionError
        return {key: item * 10 for key, item in items.items() if item}


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_whoever_comes_while_a_call_is_under_way_goes_along_with_the_next() -> None:
    store = Store()
    together = Together(store.ask_all)
    first = asyncio.create_task(together.ask("a", 1))
    await turn()
    others = [asyncio.create_task(together.ask(key, number)) for number, key in enumerate("bcd", 2)]
    await turn()
    store.go.set()

    assert [await first, *[await each for each in others]] == [10, 20, 30, 40]
    assert store.calls == [["a"], ["b", "c", "d"]]


async def test_two_items_of_one_key_are_never_in_the_same_call() -> None:
    store = Store()
    together = Together(store.ask_all)
    asked = [asyncio.create_task(together.ask("a", number)) for number in (1, 2, 3)]
    other = asyncio.create_task(together.ask("b", 4))
    store.go.set()

    assert [await each for each in (*asked, other)] == [10, 20, 30, 40]
    assert store.calls == [["a", "b"], ["a"], ["a"]]


async def test_nothing_is_answered_with_none() -> None:
    store = Store()
    store.go.set()

    assert await Together(store.ask_all).ask("a", 0) is None


async def test_a_call_takes_only_so_many() -> None:
    store = Store()
    store.go.set()
    together = Together(store.ask_all, most=2)

    await asyncio.gather(*(together.ask(key, 1) for key in "abcde"))

    assert store.calls == [["a", "b"], ["c", "d"], ["e"]]


async def test_a_failed_call_fails_all_that_were_in_it_and_not_the_next() -> None:
    store = Store()
    store.broken = True
    store.go.set()
    together = Together(store.ask_all)
    failed = await asyncio.gather(together.ask("a", 1), together.ask("b", 2), return_exceptions=True)
    store.broken = False

    assert [type(each) for each in failed] == [ConnectionError, ConnectionError]
    assert await together.ask("c", 3) == 30


async def test_whoever_has_gone_is_not_asked_for() -> None:
    store = Store()
    together = Together(store.ask_all)
    first = asyncio.create_task(together.ask("a", 1))
    await turn()
    gone = asyncio.create_task(together.ask("b", 2))
    await turn()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    store.go.set()

    assert await first == 10
    await turn()
    assert store.calls == [["a"]]
