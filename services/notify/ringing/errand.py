"""One alert on its way outside, and the messages that a batch of them becomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from services.notify.addresses import is_personal
from services.notify.channels.sender import Message
from services.notify.preferences import Preference
from services.notify.ringing.log import Asking, asking_of, so_far
from services.notify.ringing.message import Links, digest_of, message_of
from services.notify.ringing.ways import address
from shaoyin.adapters.mongo import Document
from shaoyin.domain.pack import Pack
from shaoyin.domain.recipients import Level
from shaoyin.domain.ringing import Leg, Route, Turn, turn, useful_until


@dataclass(eq=False)
class Ringing:
    """A claimed alert. `message` is it alone, in words for its own person. `deliveries` is its log with what was tried
    under this claim; `open` legs are under way, and `waits` says until when those wait that could not be tried now.
    `is_over`: that it rings no more was written with its last try.
    """

    document: Document
    preference: Preference
    pack: Pack | None
    route: Route
    message: Message | None = None
    deliveries: Sequence[Document] = ()
    open: int = 0
    waits: list[datetime] = field(default_factory=list)
    held: str | None = None
    is_over: bool = False

    def __post_init__(self) -> None:
        self.deliveries = self.document["deliveries"]

    @property
    def alert_id(self) -> str:
        return str(self.document["_id"])

    @property
    def level(self) -> Level:
        level: Level = self.document["level"]
        return level

    @property
    def useful_until(self) -> datetime:
        return useful_until(self.document["raised_at"], self.level)

    @property
    def was_tried(self) -> bool:
        return bool(so_far(self.deliveries))

    def turn(self, now: datetime) -> Turn:
        return turn(self.route, so_far(self.deliveries), now, self.useful_until)

    def wait(self, until: datetime, why: str) -> None:
        self.waits.append(until)
        self.held = why


class Errand(NamedTuple):
    """One message by one leg to one address, for one alert or for several. `before` is what their last try was, where
    it may have gone out and its provider can say so.
    """

    leg: Leg
    address: str
    alerts: Sequence[Ringing]
    message: Message
    before: Asking | None = None

    @property
    def level(self) -> Level:
        return self.alerts[0].level


def errands(due: Sequence[tuple[Ringing, Sequence[Leg]]], packs: Mapping[str, Pack], links: Links) -> Iterator[Errand]:
    """Critical alerts each alone; the others of one address together, but for those that went together before and may
    have arrived. In the order in which they came.
    """
    for (leg, to, _, before), alerts in _together(due).items():
        message = alerts[0].message if len(alerts) == 1 and is_personal(leg.channel) else None
        yield Errand(leg, to, alerts, message or _message(alerts, leg.channel, packs, links), before)


class Question(NamedTuple):
    """What became of one message that a provider took, for the alerts in it."""

    leg: Leg
    address: str
    alerts: Sequence[Ringing]
    asking: Asking


def questions(due: Sequence[tuple[Ringing, Sequence[Leg]]]) -> Iterator[Question]:
    for (leg, to, _, asking), alerts in _together(due).items():
        if asking is not None:
            yield Question(leg, to, alerts, asking)


def _together(
    due: Iterable[tuple[Ringing, Sequence[Leg]]],
) -> Mapping[tuple[Leg, str, str | None, Asking | None], list[Ringing]]:
    found: dict[tuple[Leg, str, str | None, Asking | None], list[Ringing]] = {}
    for each, legs in due:
        for leg in legs:
            alone = each.alert_id if each.level == "critical" else None
            key = leg, address(leg, each.preference), alone, asking_of(each.deliveries, leg)
            found.setdefault(key, []).append(each)
    return found


def _message(alerts: Sequence[Ringing], channel: str, packs: Mapping[str, Pack], links: Links) -> Message:
    to = links if is_personal(channel) else links.shared
    if len(alerts) == 1:
        return message_of(alerts[0].document, alerts[0].pack, to)
    return digest_of([each.document for each in alerts], packs, to)
