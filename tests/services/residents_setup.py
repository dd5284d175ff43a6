"""A street in which residents are told: intake and notify at work over one bus, and providers that a test scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.notify.channels.sender import Message, Quota, Said
from services.notify.residents import tell
from services.notify.residents.start import Residents
from shaoyin.adapters.bus import MemoryBus
from shaoyin.adapters.mongo import Document
from tests.services.intake_setup import Body, Routed, Town, a_drain, program, routed
from tests.services.intake_setup import town as a_town
from tests.services.notify_setup import Office, eventually, office

PHONE, OPENID = "13800138000", "oABC-def_0123456789abcdefghi"
TEMPLATES = {"answer_progress": "P" * 43, "answer_result": "R" * 43}
TAKEN = Said("accepted", "0")


@dataclass
class Provider:
    """Says what a test told it to, one after the other, and takes everything after that."""

    name: str
    says: list[Said | Exception] = field(default_factory=list)
    sent: list[tuple[Message, str]] = field(default_factory=list)
    limits: tuple[Quota, ...] = ()
    template_ids: Mapping[str, str] = field(default_factory=lambda: TEMPLATES)

    def quotas(self, address: str) -> Sequence[Quota]:
        return self.limits

    async def send(self, message: Message, address: str) -> Said:
        self.sent.append((message, address))
        said = self.says.pop(0) if self.says else TAKEN
        if isinstance(said, Exception):
            raise said
        return said

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def titles(self) -> list[str]:
        return [message.title for message, _ in self.sent]

    @property
    def addresses(self) -> list[str]:
        return [address for _, address in self.sent]


@dataclass
class Rememberer(Provider):
    """One that can be asked afterwards."""

    remembers: Callable[[str], Said | None] = lambda _message_id: None
    asked: list[str] = field(default_factory=list)

    async def receipt(self, message_id: str, address: str, sent_at: object) -> Said | None:
        self.asked.append(message_id)
        return self.remembers(message_id)


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """Between notify and intake; a test may cut it."""

    inner: httpx.ASGITransport
    cut: bool = False
    calls: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("no way", request=request)
        self.calls.append(request.url.path)
        return await self.inner.handle_async_request(request)


@dataclass
class Street:
    town: Town
    office: Office
    providers: dict[str, Provider]
    wire: Wire

    @property
    def sms(self) -> Provider:
        return self.providers["sms_aliyun"]

    @property
    def wechat(self) -> Provider:
        return self.providers["wechat"]

    @property
    def residents(self) -> Residents:
        return self.office.notify.residents

    async def reported(self, reporter: Body, **other: object) -> tuple[str, Routed]:
        """A report and its case; the news of it is not out yet."""
        headers = {"Accept-Language": str(other.pop("language", "zh-CN"))}
        receipt = await self.town.taken(a_drain(reporter=reporter, **other), headers)
        report = await self.town.travelled(receipt["report_id"])
        return receipt["query_code"], routed(report)

    async def news(self, *stories: Routed) -> None:
        """What happened is heard by both services; the answers that are due now have been tried."""
        messages = [each for story in stories for each in story.news]
        for story in stories:
            story.news.clear()
        await self.town.told(messages)
        await self.office.all_raised()
        await self.settled()

    async def settled(self) -> None:
        """Nothing is due any more."""

        async def nothing_due() -> bool:
            now = self.office.clock.now()
            waiting = {"$or": [{"next_at": {"$lte": now}}, {"claimed_until": {"$ne": None}}]}
            return await self.residents.answers.collection.count_documents(waiting) == 0

        await eventually(nothing_due)

    async def later(self, span: timedelta) -> None:
        self.town.clock.forward(span)
        await self.settled()

    async def answers(self, **where: object) -> list[Document]:
        return await self.residents.answers.collection.find(where).sort("stream_id").to_list()

    async def answer(self, kind: str) -> Document:
        found = await self.answers(kind=kind)
        assert len(found) == 1, found
        return found[0]

    async def consents_left(self) -> int:
        return await self.town.collection("consents").count_documents({"free": True})

    async def log(self, person: str, story: Routed) -> list[dict[str, object]]:
        answer = await self.office.get(person, f"/api/deliveries?case={story.open_case.case_id}&most=200")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, object]] = answer.json()["items"]
        return [each for each in items if each["recipient"] == "reporter"]


@asynccontextmanager
async def a_street(
    mongo_url: str, name: str, folder: Path, patch: pytest.MonkeyPatch, *providers: Provider
) -> AsyncIterator[Street]:
    patch.setattr(tell, "LOOK_EVERY", 0.02)
    bus = MemoryBus()
    found = {each.name: each for each in providers or (Provider("sms_aliyun"), Provider("wechat"))}
    async with a_town(mongo_url, folder, bus=bus, prefix=name) as town:
        wire = Wire(httpx.ASGITransport(program(town.intake)))
        to_intake = httpx.AsyncClient(transport=wire, base_url="http://intake.test")
        async with office(
            mongo_url, name, folder, bus=bus, clock=town.clock, senders=found, intake=to_intake
        ) as notify:
            yield Street(town, notify, found, wire)
