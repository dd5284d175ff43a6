"""What the product has answered, written down by those who asked: the one side of every comparison."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Receipt:
    report_id: str
    query_code: str

    @property
    def case_id(self) -> str:
        return f"c{self.report_id[1:]}"


@dataclass(frozen=True, slots=True)
class Given:
    """A staff command that was answered: 200, or the refusal."""

    case_id: str
    command: str
    key: str
    status: int


@dataclass
class Ledger:
    """`wrongs` are what nobody should ever be told; they are counted against the product at the end."""

    receipts: dict[str, Receipt] = field(default_factory=dict)
    commands: list[Given] = field(default_factory=list)
    requests: dict[str, Receipt] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    wrongs: list[str] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, who: str, status: str, seconds: float, headers: Mapping[str, str]) -> None:
        with self._alone:
            self.answers[f"{who} {status}"] += 1
            self.slowest[f"{who} {status}"] = max(seconds, self.slowest.get(f"{who} {status}", 0.0))
            if status in ("503", "429") and "retry-after" not in headers:
                self.wrongs.append(f"{who}: {status} without Retry-After")
            elif status.startswith("5") and status != "503":
                self.wrongs.append(f"{who}: {status}")

    def taken(self, key: str, receipt: Receipt) -> None:
        """A repeat of the key must be given the first answer again."""
        with self._alone:
            if self.receipts.setdefault(key, receipt) != receipt:
                self.wrongs.append(f"two receipts for one key: {self.receipts[key].report_id}, {receipt.report_id}")

    def commanded(self, given: Given) -> None:
        with self._alone:
            self.commands.append(given)

    def requested(self, request_id: str, receipt: Receipt) -> None:
        with self._alone:
            self.requests[request_id] = receipt

    def wrong(self, what: str) -> None:
        with self._alone:
            self.wrongs.append(what)

    def cases(self) -> list[Receipt]:
        with self._alone:
            return list(self.receipts.values())
