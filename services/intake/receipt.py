"""What a resident is given for a report: the code to follow it by and, where there is danger, whom to call now."""

from __future__ import annotations

from datetime import datetime

from shaoyin.domain.frozen import dataclass
from shaoyin.domain.report import Shown


@dataclass(frozen=True, slots=True)
class Receipt:
    report_id: str
    query_code: str
    received_at: datetime
    emergency: tuple[Shown, ...] = ()

    @property
    def status_url(self) -> str:
        return f"/api/reports/{self.query_code}"

    def as_json(self) -> dict[str, object]:
        """api.md, Receipt; `emergency` only where a number was shown."""
        emergency = [{"number": shown.number, "say": shown.say} for shown in self.emergency]
        return {
            "report_id": self.report_id,
            "query_code": self.query_code,
            "status_url": self.status_url,
            "received_at": self.received_at,
            **({"emergency": emergency} if emergency else {}),
        }
