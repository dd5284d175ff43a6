"""What a story's clocks show, what its reporters were told, and a call that stands in the way of its end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.events import Event
from shaoyin.domain.given import ByReporter
from tests.domain.town import GRID_LEAD, MUNICIPAL, REPORTER, Story, at

SYSTEM: tuple[str, str | None] = (None, None)  # type: ignore[assignment]  # nobody gives it
FIFTEEN_DAYS_ON = at("2026-09-30 00:00")
"""Fifteen days after Monday 14 September: the 29th, a working Tuesday, is the last of them."""


def due(story: Story, clock: str) -> datetime:
    return story.open_case.clocks[clock].deadline.due_at


def running(story: Story) -> set[str]:
    """The clocks that run now; met, stopped and paused ones do not."""
    return {name for name, clock in story.open_case.clocks.items() if clock.runs}


def met_at(story: Story, clock: str) -> datetime | None:
    return story.open_case.clocks[clock].met_at


def stopped_at(story: Story, clock: str) -> datetime | None:
    return story.open_case.clocks[clock].stopped_at


def words(events: Iterable[Event]) -> list[tuple[str, str | None]]:
    """The key of each word that went out, and the one reporter it went to; None is everybody."""
    return [(reply.key, reply.to) for event in events for reply in event.replies]


def said(events: Iterable[Event]) -> str:
    """The free words in them."""
    return " ".join(reply.words or "" for event in events for reply in event.replies)


def owner(story: Story) -> str | None:
    return story.open_case.owner.post


def called_out(story: Story, name: str = "e1") -> Story:
    """The municipal centre was called to an emergency and has not come yet."""
    story.give(
        GRID_LEAD, cmd.BlowEmergencyWhistle, whistle_id=name, type="emergency_whistle", tier="member", task="先围挡",
        responders=("municipal-duty",), place="51号院",
    )  # fmt: skip
    return story


def on_site(story: Story, name: str = "e1") -> Story:
    """The same, and its people are there."""
    called_out(story, name)
    story.give(MUNICIPAL, cmd.Arrive, whistle_id=name, arrived_at=story.now, where="site")
    return story


def no(events: Iterable[Event]) -> list[str]:
    """The codes with which a reporter's own request was refused."""
    return [event.code for event in events if isinstance(event, ev.RequestRefused)]


def heard(story: Story, kind: type[ByReporter], requested_at: datetime, **fields: object) -> list[Event]:
    """A request of the reporter's that the router hears only now."""
    fields = {"reporter_ref": REPORTER, "request_id": f"q-{requested_at:%H%M}", **fields}
    return story._keep(kind(at=story.now, requested_at=requested_at, **fields))  # type: ignore[arg-type]
