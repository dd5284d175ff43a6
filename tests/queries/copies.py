"""Documents as the product writes them, many times over, each with what is its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from pymongo import WriteConcern

from shaoyin.adapters.mongo import Collection

Ask = Callable[[], Awaitable[object]]
BATCH = 5_000


async def copied(
    collection: Collection, like: Mapping[str, object], many: int, own: Callable[[int], Mapping[str, object]]
) -> None:
    """What is None of its own is left out."""
    unconfirmed = collection.with_options(write_concern=WriteConcern(w=1, j=False))
    for first in range(0, many, BATCH):
        batch = [_copy(like, own(number)) for number in range(first, min(many, first + BATCH))]
        await unconfirmed.insert_many(batch, ordered=False)


def _copy(like: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    left_out = {name for name, value in own.items() if value is None}
    return {name: value for name, value in {**like, **own}.items() if name not in left_out}
