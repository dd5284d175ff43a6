"""How an answer to a resident stands in the log of a case: to the reporter, never to whom."""

from __future__ import annotations

from services.notify.residents.answers import PAGE_ONLY
from shaoyin.adapters.mongo import Document

REPORTER = "reporter"
PAGE = "progress_page"
"""Where everything can be read, for whoever left no way, and until a message has gone."""


def lines_of(answer: Document) -> list[dict[str, object]]:
    """One for each channel that was tried, as of an alert; one of the page where none was. `held` says why it waits."""
    common = {
        "alert_id": answer["_id"], "at": answer["at"], "kind": f"answer.{answer['kind']}",
        "level": "critical" if answer["urgent"] else "info", "post": None, "recipient": REPORTER, "read_at": None,
        "answered_at": None,
    }  # fmt: skip
    own: list[dict[str, object]] = [
        {**common, "channel": each["channel"], "state": each["state"], "attempts": each["attempts"], "held": None}
        for each in answer["deliveries"]
    ]
    if answer["state"] == PAGE_ONLY or not own:
        at_last = {"channel": PAGE, "state": answer["state"], "attempts": [], "held": answer["held"]}
        own.append({**common, **at_last})
    return own
