"""Who has more open cases than he can have (row 73): looked up a few times a minute, and only where a limit is said."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from services.router.cases import CaseStore
from shaoyin.domain.pack import Pack

LOOK_EVERY = 5.0
"""Seconds. Between two looks, and between routers, the counts may lag (mechanics 5)."""


@dataclass(slots=True)
class Loads:
    _known: dict[str, tuple[float, str]] = field(default_factory=dict)

    async def overloaded(self, store: CaseStore, pack: Pack) -> str:
        """The ids of the posts at or above their limit, joined by commas; as a fact of the rules."""
        limits = {post.post_id: post.most_open for post in pack.directory.posts.values() if post.most_open is not None}
        if not limits:
            return ""
        until, known = self._known.get(pack.version, (0.0, ""))
        if time.monotonic() >= until:
            loads = await store.loads(list(limits))
            known = ",".join(sorted(post for post, most in limits.items() if loads.get(post, 0) >= most))
            self._known = {pack.version: (time.monotonic() + LOOK_EVERY, known)}
        return known

    def forget(self) -> None:
        """The next question looks anew."""
        self._known.clear()
