"""What the chat providers have in common: JSON in and out, and counting what was sent in the last while."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.provider import Asked, answer


def said(http: int = 200, /, **body: object) -> bytes:
    return answer(http, json.dumps(body, ensure_ascii=False).encode(), content_type="application/json")


def path_and_query(asked: Asked) -> tuple[str, dict[str, str]]:
    parts = urlsplit(asked.target)
    return parts.path, dict(parse_qsl(parts.query))


@dataclass
class Window:
    """At most `most` within any `within`."""

    most: int
    within: timedelta
    taken: deque[datetime] = field(default_factory=deque)

    def has_room(self, now: datetime) -> bool:
        while self.taken and self.taken[0] <= now - self.within:
            self.taken.popleft()
        return len(self.taken) < self.most

    def take(self, now: datetime) -> bool:
        room = self.has_room(now)
        if room:
            self.taken.append(now)
        return room
