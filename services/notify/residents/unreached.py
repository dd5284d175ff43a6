"""A result that no way took is for a person to tell: the desk that answers for the place hears of it, once an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.notify.channels.channel import Channel
from services.notify.publish_deliveries import PublishDeliveries, said_of
from services.notify.who_is_told import Reached, Telling, alert_id, known_area
from shaoyin.adapters.mongo import Document
from shaoyin.domain.duty import on_duty
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack

KIND = "reporter_unreached"


@dataclass(frozen=True)
class Unreached:
    """`alert_key` makes the ids of alerts: several reporters of one result are one alert."""

    in_app: Channel
    publisher: PublishDeliveries
    packs: Mapping[str, Pack]
    alert_key: bytes

    async def tell(self, answer: Document, now: datetime) -> None:
        """Whoever is on duty at the desk by now. Raises StoreDown; told again, nobody is told twice."""
        pack = self.packs.get(answer["pack"])
        if pack is None:
            return
        desk = pack.triage_post(known_area(answer["area"], pack))
        tellings = [self._telling(answer, desk, person) for person in on_duty(desk, now, pack)]
        tried = await self.in_app.deliver(tellings)
        await self.publisher.say(
            [said_of(telling, each, self.in_app.name) for telling, each in zip(tellings, tried, strict=True)]
        )

    def _telling(self, answer: Document, desk: Post, person: str) -> Telling:
        reached = Reached(desk.post_id, person)
        return Telling(
            alert_id=alert_id(self.alert_key, answer["event_id"], reached, KIND), event_id=answer["event_id"],
            seq=answer["seq"], at=answer["at"], case_id=answer["case_id"], number=answer["number"],
            pack=answer["pack"], area=answer["area"], category=answer["category"], kind=KIND, level="act",
            post=desk.post_id, person=person, facts={},
        )  # fmt: skip
