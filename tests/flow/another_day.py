"""The whole product on a clock that begins on a day of its own and stands still between the moves.

`python -m tests.flow.another_day`; SHAOYIN_TEST_DAY is the first instant. Everything else is `python -m services`: the
clock is moved by `POST /api/dev/clock`, so every instant of a story is exact and falls on the same weekday every year.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from unittest.mock import patch

import services.__main__ as product
from shaoyin.adapters import clock

DAY = "SHAOYIN_TEST_DAY"


class DayClock(clock.DevClock):
    def now(self) -> datetime:
        return datetime.fromisoformat(os.environ[DAY]).astimezone(UTC) + self._offset


def main() -> None:
    with patch.object(clock, "DevClock", DayClock):
        product.main()


if __name__ == "__main__":
    main()
