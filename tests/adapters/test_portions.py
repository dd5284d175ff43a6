"""A long list in portions is the same list."""

from __future__ import annotations

import pytest

from shaoyin.adapters.portions import portions


@pytest.mark.parametrize(("many", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_each_portion_is_full_but_the_last_and_their_order_is_kept(many: int, sizes: list[int]) -> None:
    found = list(portions(range(many), 3))

    assert [len(each) for each in found] == sizes
    assert [one for each in found for one in each] == list(range(many))
