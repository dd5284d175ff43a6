"""Alerts that ring in a test: channels that say what they were told to say, and alerts put straight into inboxes."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from services.notify.channels.configured import Channels
from services.notify.channels.sender import Message, Quota, Said
from services.notify.preferences import Preference, Preferences
from services.notify.who_is_told import Telling
from shaoyin.adapters.bus import MemoryBus
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.mongo import Document
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import Level, Offer
from tests.domain.town import DUTY
from tests.services.notify_setup import Office, eventually, office

TAKEN = Said("accepted", "0")
AT_NIGHT = datetime.fromisoformat("2026-09-29T22:30:00+08:00")
BY_DAY = datetime.fromisoformat("2026-09-30T09:30:00+08:00")
PERSON, OTHER = "p-jia-1", "p-jia-3"
_numbers = itertools.count(1)


@dataclass
class Scripted:
    """Says what it is told to say, and then that it took everything. `sent` is what it was given, to whom.

    `takes`: seconds for each.
    """

    name: str
    says: deque[Said] = field(default_factory=deque)
    sent: list[tuple[str, Message]] = field(default_factory=list)
    limits: Sequence[Quota] = ()
    takes: float = 0.0
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def quotas(self, address: str) -> Sequence[Quota]:
        return self.limits

    async def send(self, message: Message, address: str) -> Said:
        self.begun.set()
        await asyncio.sleep(self.takes)
        self.sent.append((address, message))
        return self.says.popleft() if self.says else TAKEN

    async def close(self) -> None:
        return None

    @property
    def titles(self) -> list[str]:
        return [message.title for _, message in self.sent]


@dataclass
class Ringing:
    """One replica, with the channels wecom_app, mail and the robot of the duty post's unit."""

    office: Office
    app: Scripted
    mail: Scripted
    robot: Scripted

    @property
    def clock(self) -> FakeClock:
        return self.office.clock

    async def raised(self, *tellings: Telling) -> None:
        await self.office.notify.deliveries.keep(tellings, self.clock.now())

    async def document(self, alert_id: str) -> Document:
        found = await self.office.notify.deliveries.collection.find_one({"_id": alert_id})
        assert found is not None
        return found

    async def tries(self, alert_id: str) -> list[tuple[str, str, str]]:
        """Channel, outcome and code of every try outside the application, in the order of the log."""
        document = await self.document(alert_id)
        return [
            (each["channel"], attempt["outcome"], attempt["code"])
            for each in document["deliveries"] if each["channel"] != "in_app"
            for attempt in each["attempts"]
        ]  # fmt: skip

    async def ended(self, alert_id: str, how: str) -> None:
        async def so() -> bool:
            return (await self.document(alert_id)).get("rang") == how

        await eventually(so)

    async def held(self, alert_id: str, why: str) -> datetime:
        """Until when."""

        async def so() -> bool:
            return ((await self.document(alert_id)).get("held") or {}).get("code") == why

        await eventually(so)
        until: datetime = (await self.document(alert_id))["held"]["until"]
        return until


def a_telling(
    person: str = PERSON, level: Level = "urgent", kind: str = "new_case", post: str | None = DUTY[1]
) -> Telling:
    number = next(_numbers)
    return Telling(
        alert_id=f"a{number:024x}", event_id=f"e{number}", seq=1, at=BY_DAY, case_id=f"c{number}", number=f"N{number}",
        pack="wulibao", area="heping-b1", category="WAT.sewer_blocked", kind=kind, level=level, post=post,
        person=person, facts={}, offer=Offer("sign_for"), due_at=BY_DAY + timedelta(hours=4),
    )  # fmt: skip


def likes(person: str = PERSON, *channels: str, **more: object) -> Preference:
    addresses = {"wecom_app": f"{person}-id", "mail": f"{person}@example.org"}
    return replace(Preference(person, channels, addresses), **more)  # type: ignore[arg-type]


@asynccontextmanager
async def ringing(
    mongo_url: str, name: str, folder: Path, at: datetime = BY_DAY, *,
    limits: Mapping[str, Sequence[Quota]] | None = None, bus: MemoryBus | None = None,
    clock: FakeClock | None = None, preferences: Sequence[Preference] = (), packs: Mapping[str, Pack] | None = None,
) -> AsyncIterator[Ringing]:  # fmt: skip
    app, mail, robot = (
        Scripted(each, limits=(limits or {}).get(each, ())) for each in ("wecom_app", "mail", "wecom_robot")
    )
    channels = Channels({each.name: each for each in (app, mail, robot)}, {"south-committee": ["wecom_robot"]})
    clock = clock or FakeClock(at)
    async with office(mongo_url, name, folder, bus=bus, clock=clock, channels=channels, packs=packs) as found:
        kept = Preferences(found.notify.database)
        for each in preferences or (likes(PERSON), likes(OTHER)):
            await kept.keep(each)
        yield Ringing(found, app, mail, robot)


A_MINUTE = timedelta(minutes=1)
