"""A long list in portions is the same list."""

from __future__ import annotations

import asyncio

import pytest

from shaoyin.adapters.portions import in_turns, portions


@pytest.mark.parametrize(("many", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_each_portion_is_full_but_the_last_and_their_order_is_kept(many: int, sizes: list[int]) -> None:
    found = list(portions(range(many), 3))

    assert [len(each) for each in found] == sizes
    assert [one for each in found for one in each] == list(range(many))


async def test_others_have_their_turn_between_so_many() -> None:
    heard: list[object] = []

    async def other() -> None:
        while True:
            heard.append("other")
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    async for each in in_turns(range(5), 2):
        heard.append(each)  # noqa: PERF401 - the other is heard in the same list
    beside.cancel()

    assert heard == [0, 1, "other", 2, 3, "other", 4]
