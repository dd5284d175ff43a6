"""Lays aside what the router could neither read nor decide: counted, told in the log, and always small enough."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from services.router.desk import Desk
from shaoyin.adapters.bus import Message
from shaoyin.adapters.dead_letters import fitting

READER = "router"
log = logging.getLogger(__name__)


async def bury(desk: Desk, dead: Sequence[Message]) -> None:
    """Raises BusDown."""
    if dead:
        await desk.bus.send([fitting(each) for each in dead])
        desk.noticed("dead_letters", len(dead))
        desk.buried(dead)
        log.warning("%d messages became dead letters", len(dead))
