"""What a random command is made from: the case, the pack, the time and the dice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from shaoyin.domain.call import Whistle
from shaoyin.domain.case import Case
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack

SECRET = "⚿"
"""Every note that must stay at home begins with this sign, which no text of the pack has."""

_POSTS: dict[tuple[int, tuple[str, ...]], list[Post]] = {}
"""By the pack, which `town` keeps for ever, and the kinds of post."""


@dataclass(frozen=True)
class Scene:
    case: Case
    pack: Pack
    now: datetime
    rng: Random
    whistle_id: str = ""
    responder: str | None = None

    @property
    def whistle(self) -> Whistle | None:
        return self.case.whistles.get(self.whistle_id)

    def often(self, likely: float = 0.9) -> bool:
        return self.rng.random() < likely

    def text(self) -> str:
        """Rarely nothing at all, which some guards refuse."""
        return self.rng.choice(("好的", "已经处理", "请等一等")) if self.often(0.96) else " "

    def note(self) -> str:
        return f"{SECRET}{self.rng.randrange(10**6)}" if self.often(0.96) else ""

    def post(self, *kinds: str) -> str:
        """A post that somebody holds; of these kinds, mostly for this place; anybody's where nobody fits."""
        found = [each for each in self.posts(*kinds) if self.covers(each)] or self.posts(*kinds) or self.posts()
        return self.rng.choice(found).post_id

    def posts(self, *kinds: str) -> list[Post]:
        key = (id(self.pack), kinds)
        if key not in _POSTS:
            posts = self.pack.directory.posts.values()
            _POSTS[key] = [each for each in posts if each.filled and (not kinds or each.kind in kinds)]
        return _POSTS[key]

    def covers(self, post: Post) -> bool:
        return self.pack.areas.covers(post.area, self.case.area or self.pack.root)

    def soon(self, *hours: float) -> datetime:
        return self.now + timedelta(hours=self.rng.choice(hours))

    def due(self, clock: str) -> datetime:
        known = self.case.clocks.get(clock)
        return self.now if known is None else known.deadline.due_at
