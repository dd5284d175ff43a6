"""An event → the answers that go to its reporters, each with an id of its own: a repeat of the event is no new one."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import NamedTuple

from shaoyin.contracts.envelope import CaseNews
from shaoyin.domain.answer import Answer, answers_for


class ToTell(NamedTuple):
    """One answer to one reporter of one case. Who that is, nobody here knows."""

    answer_id: str
    event_id: str
    seq: int
    at: datetime
    case_id: str
    pack: str
    area: str | None
    category: str | None
    answer: Answer

    @property
    def useful_until(self) -> datetime:
        return self.answer.useful_until(self.at)


def to_tell(news: CaseNews, key: bytes) -> list[ToTell]:
    """`key` makes the ids, which lead nobody to a reporter."""
    header = news.header
    return [
        ToTell(
            answer_id(key, news.event_id, each), news.event_id, news.seq, news.event.at, header.case_id, header.pack,
            header.area, header.category, each,
        )
        for each in answers_for(news.event, header)
    ]  # fmt: skip


def answer_id(key: bytes, event_id: str, answer: Answer) -> str:
    made_of = "\0".join(("answer", event_id, answer.report_id, answer.reporter_ref))
    return f"w{hmac.digest(key, made_of.encode(), 'sha256').hex()[:24]}"
