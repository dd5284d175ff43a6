"""Token buckets by key, in memory and bounded: how long a caller has to wait before it may call again."""

from __future__ import annotations

from collections.abc import Hashable

from shaoyin.adapters.limits import Rate

KEYS_AT_MOST = 50_000


class Buckets:
    """One number a key: the instant at which its bucket is full again (the generic cell rate algorithm, ITU-T I.371).

    The key that was seen least lately is forgotten first; it then has a full bucket, which it nearly always had anyway.
    """

    def __init__(self, rate: Rate, keys_at_most: int = KEYS_AT_MOST) -> None:
        self._each = rate.seconds / rate.calls
        self._ahead = rate.seconds - self._each
        self._keys_at_most = keys_at_most
        self._full_at: dict[Hashable, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def wait(self, key: Hashable, now: float) -> float:
        """Seconds until a call would be let through; 0 for at once. Takes nothing."""
        return max(self._full_at.get(key, now) - now - self._ahead, 0.0)

    def take(self, key: Hashable, now: float) -> float:
        """0 where the call is let through, and is then counted; else the seconds to wait."""
        full_at = max(self._full_at.get(key, now), now)
        early = full_at - now - self._ahead
        if early > 1e-9:
            return early
        self._full_at.pop(key, None)
        self._full_at[key] = full_at + self._each
        if len(self._full_at) > self._keys_at_most:
            del self._full_at[next(iter(self._full_at))]
        return 0.0
