"""Telling residents put together: its store and its job, over the channels that are set up for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.notify.channels.in_app import InApp
from services.notify.channels.sender import Sender
from services.notify.deliveries import Deliveries
from services.notify.publish_deliveries import PublishDeliveries
from services.notify.residents.answers import Answers
from services.notify.residents.contacts import Contacts
from services.notify.residents.message import PROGRESS, RESULT
from services.notify.residents.send import Send
from services.notify.residents.tell import TellResidents
from services.notify.residents.telling import Outside
from services.notify.residents.to_tell import ToTell
from services.notify.residents.unreached import Unreached
from services.notify.ringing.quotas import Quotas
from shaoyin.adapters.clock import Clock, SystemClock
from shaoyin.adapters.jobs import Jobs
from shaoyin.adapters.mongo import Database
from shaoyin.domain.pack import Pack

KINDS = ("sms", "wechat")
"""What a resident can have left; every other channel is for staff."""
PAGE = "reports"


@dataclass(frozen=True)
class Residents:
    """Where no channel is set up for residents nothing is kept: then the progress page is all there is."""

    answers: Answers
    telling: TellResidents
    quotas: Quotas
    clock: Clock
    noticed: Callable[[str, int], None]

    @property
    def set_up(self) -> bool:
        outside = self.telling.outside
        return any(outside.by(kind, template) for kind in KINDS for template in (PROGRESS, RESULT))

    async def prepare(self) -> None:
        """The log is asked for answers whether any can be sent or not."""
        await self.answers.prepare()

    async def keep(self, new: Sequence[ToTell]) -> None:
        """Raises StoreDown; kept again, nothing is told twice."""
        if self.set_up:
            self.noticed("answers_kept", await self.answers.keep(new, self.clock.now()))

    async def run(self) -> None:
        await self.prepare()
        await self.quotas.prepare()
        await self.telling.run()

    def start(self, jobs: Jobs) -> None:
        if self.set_up:
            jobs.start("tell_residents", self.run)


def outside_of(senders: Mapping[str, Sender], public_url: str) -> Outside:
    """`public_url` is the product's own address, as residents reach it."""
    return Outside(senders, f"{public_url.rstrip('/')}/{PAGE}")


def residents_of(
    database: Database, outside: Outside, contacts: Contacts, packs: Mapping[str, Pack], clock: Clock,
    *, deliveries: Deliveries, publisher: PublishDeliveries, alert_key: bytes,
    noticed: Callable[[str, int], None],
) -> Residents:  # fmt: skip
    answers, quotas = Answers(database, SystemClock()), Quotas(database)
    sending = Send(answers, contacts, outside, quotas, packs, clock, noticed)
    unreached = Unreached(InApp(deliveries, clock), publisher, packs, alert_key)
    telling = TellResidents(answers, contacts, outside, sending, unreached, packs, clock, noticed)
    return Residents(answers, telling, quotas, clock, noticed)
