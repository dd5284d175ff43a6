"""Every topic on one page: who writes it, who reads it, its key, what is in it and how long it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

KEPT = timedelta(days=7)
"""MongoDB holds the truth; Kafka only carries the news, so a week is enough to catch up after any outage."""


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    key: str
    holds: str
    kept: timedelta | None = KEPT
    compacted: bool = False
    """Only the last message of a key has to be there."""

    @property
    def dead_letters(self) -> str:
        return f"{self.name}.dlq"


REPORTS = Topic(
    "shaoyin.reports.v1", ("intake",), ("router",), "report id", "a report, or a reporter's request about its case"
)
CASES = Topic(
    "shaoyin.cases.v1", ("router",), ("intake", "notify"), "case id", "what happened to a case, with its header"
)
DELIVERIES = Topic(
    "shaoyin.deliveries.v1", ("notify",), (), "case id, or registration id",
    "that somebody was told, by which channel, with what outcome",
)  # fmt: skip
REPLAYS = Topic("shaoyin.replays.v1", ("intake", "notify"), ("router",), "reader", "a reader asks for what it missed")
MEMBERS = Topic(
    "shaoyin.members.v1", ("router",), ("notify",), "registration id",
    "what happened to an enrolment, with its public facts; no name, nothing said in private",
)  # fmt: skip
PACKS = Topic(
    "shaoyin.packs.v1", ("router",), ("intake", "notify"), "pack", "the version of a pack that is in force, whole",
    kept=None, compacted=True,
)  # fmt: skip

TOPICS = (REPORTS, CASES, DELIVERIES, REPLAYS, MEMBERS, PACKS)
