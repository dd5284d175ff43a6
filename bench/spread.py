"""How a measured time spreads: its percentiles, by the nearest rank."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(seconds: Sequence[float], share: float) -> float:
    """In the unit of what was measured; nothing measured is no figure, so it raises ValueError."""
    if not seconds:
        raise ValueError("nothing was measured")
    ordered = sorted(seconds)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
