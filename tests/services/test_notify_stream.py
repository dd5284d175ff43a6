"""The inbox as it happens: live, resumed after a break, from every replica, and never without end or bound."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from services.notify.follow_alerts import FollowAlerts
from services.notify.listeners import Listener, Listeners
from services.notify.notify import Notify
from shaoyin.adapters.identity import TICKET_FOR
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import Problem
from tests.services.notify_setup import Office, a_story, app_of, eventually, office, served

PERSON = "p-jia-1"


@pytest.fixture
async def here(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(mongo_url, mongo_name, tmp_path) as found:
        yield found


@dataclass
class Heard:
    """What a listening browser has got so far."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    comments: int = 0
    ids: list[str] = field(default_factory=list)
    alerts: list[dict[str, object]] = field(default_factory=list)
    ended: bool = False

    @property
    def cases(self) -> list[object]:
        return [alert["case_id"] for alert in self.alerts]

    async def has(self, how_many: int) -> None:
        async def enough() -> bool:
            return len(self.alerts) >= how_many

        await eventually(enough)

    def take(self, line: str) -> None:
        if line.startswith(":"):
            self.comments += 1
        elif line.startswith("id: "):
            self.ids.append(line.removeprefix("id: "))
        elif line.startswith("data: "):
            self.alerts.append(json.loads(line.removeprefix("data: ")))


@asynccontextmanager
async def listening(here: Office, url: str, query: str = "", **headers: str) -> AsyncIterator[Heard]:
    """Opens the stream and reads on in the background; entered when it is live."""
    heard = Heard()
    signed = {} if "ticket=" in query else await here.as_person(PERSON)

    async def listen() -> None:
        async with (
            httpx.AsyncClient(trust_env=False, timeout=20) as client,
            client.stream("GET", f"{url}/api/stream{query}", headers={**signed, **headers}) as answer,
        ):
            heard.status, heard.headers = answer.status_code, dict(answer.headers)
            async for line in answer.aiter_lines():
                heard.take(line)
        heard.ended = True

    task = asyncio.create_task(listen())

    async def opened() -> bool:
        return task.done() or (heard.status != 0 and (heard.status != 200 or here.notify.listeners.live.is_set()))

    await eventually(opened)
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_an_alert_appears_on_the_open_stream_at_once(here: Office) -> None:
    async with served(here.app) as url, listening(here, url) as heard:
        await a_story().send(here.bus)
        await heard.has(1)

        (alert,) = await here.inbox(PERSON)
        assert heard.alerts == [alert]
        assert heard.ids == [f"1789349400000-{alert['alert_id']}"]
        assert heard.headers["content-type"].startswith("text/event-stream")
        assert heard.headers["cache-control"] == "no-store"


async def test_others_alerts_are_not_on_it(here: Office) -> None:
    async with served(here.app) as url, listening(here, url) as heard:
        await a_story(1).send(here.bus)
        await a_story(2).send(here.bus)
        await heard.has(2)

        assert {alert["kind"] for alert in heard.alerts} == {"new_case"}


async def test_an_alert_that_another_replica_raised_appears_too(
    here: Office, mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    await here.notify.jobs.stop()
    async with office(mongo_url, mongo_name, tmp_path, bus=here.bus) as listener:
        await listener.notify.jobs.stop()
        following = FollowAlerts(listener.notify.deliveries, listener.notify.listeners)
        task = asyncio.create_task(following.run())
        async with (
            office(mongo_url, mongo_name, tmp_path, bus=here.bus) as raiser,
            served(listener.app) as url,
            listening(listener, url) as heard,
        ):
            await a_story().send(raiser.bus)
            await heard.has(1)
        task.cancel()
        await asyncio.wait([task])


async def test_who_was_away_resumes_after_the_last_alert_he_has(here: Office) -> None:
    for number in (1, 2, 3):
        await a_story(number).send(here.bus)
        await here.all_raised()
        here.clock.forward(timedelta(seconds=11))
    ids = [f"{1789349400000 + 11_000 * number}-" for number in range(3)]

    async with served(here.app) as url, listening(here, url, **{"last-event-id": f"{ids[1]}a"}) as heard:
        await heard.has(2)
        await a_story(4).send(here.bus)
        await heard.has(3)

    assert heard.cases == ["c2", "c3", "c4"]


async def test_the_last_ten_seconds_are_sent_again_since_clocks_differ(here: Office) -> None:
    await a_story(1).send(here.bus)
    await here.all_raised()
    here.clock.forward(timedelta(seconds=9))
    last = f"{1789349400000 + 9_000}-a"

    async with served(here.app) as url, listening(here, url, f"?last_event_id={last}") as heard:
        await heard.has(1)

    assert heard.cases == ["c1"]


async def test_a_long_absence_is_caught_up_page_by_page(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.stream.PAGE", 5)
    for number in range(1, 13):
        await a_story(number).send(here.bus)
    await here.all_raised()

    async with served(here.app) as url, listening(here, url, "?last_event_id=0000000000000-") as heard:
        await heard.has(12)

    assert len(set(heard.cases)) == 12
    assert heard.ids == sorted(heard.ids)


async def test_an_id_that_we_never_gave_is_refused(here: Office) -> None:
    for wrong in ("yesterday", '{"$gt":1}', "12-a"):
        headers = {**await here.as_person(PERSON), "last-event-id": wrong}
        answer = await here.http.get("/api/stream", headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_header")


async def test_a_browser_opens_the_stream_with_a_ticket(here: Office) -> None:
    given = await here.post(PERSON, "/api/stream/tickets")
    assert given.status_code == 201
    assert set(given.json()) == {"ticket", "expires_at"}

    async with served(here.app) as url, listening(here, url, f"?ticket={given.json()['ticket']}") as heard:
        assert heard.status == 200
        await a_story().send(here.bus)
        await heard.has(1)


async def test_an_expired_or_forged_ticket_opens_nothing(here: Office) -> None:
    late = replace(here.notify, real=Ahead(here.notify, TICKET_FOR + timedelta(seconds=1)))
    ticket = (await here.post(PERSON, "/api/stream/tickets")).json()["ticket"]

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app_of(late)), base_url="http://notify.test"
    ) as http:
        expired = await http.get(f"/api/stream?ticket={ticket}")
    forged = await here.http.get(f"/api/stream?ticket={ticket[:-3]}AAA")

    assert [(each.status_code, each.json()["code"]) for each in (expired, forged)] == [(401, "signed_out")] * 2


class Ahead:
    """The real clock, some time later."""

    def __init__(self, notify: Notify, by: timedelta) -> None:
        self._real, self._by = notify.real, by

    def now(self) -> datetime:
        return self._real.now() + self._by


async def test_a_quiet_stream_is_kept_open_by_heartbeats(here: Office) -> None:
    streams = replace(here.notify.streams, heartbeat=0.05)
    quick = replace(here.notify, streams=streams)

    async with served(app_of(quick)) as url, listening(here, url) as heard:

        async def beating() -> bool:
            return heard.comments >= 3

        await eventually(beating)
        assert heard.alerts == []


async def test_a_stream_ends_after_its_time_so_that_its_listener_signs_in_again(here: Office) -> None:
    streams = replace(here.notify.streams, heartbeat=0.05, lasts=0.6)
    short = replace(here.notify, streams=streams)

    async with served(app_of(short)) as url, listening(here, url) as heard:

        async def ended() -> bool:
            return heard.ended

        await eventually(ended)


async def test_a_closed_stream_makes_room_for_the_next(here: Office) -> None:
    async with served(here.app) as url:
        async with listening(here, url):
            assert len(here.notify.listeners) == 1

        async def gone() -> bool:
            return len(here.notify.listeners) == 0

        await eventually(gone)


async def test_one_person_cannot_open_streams_without_end(here: Office) -> None:
    for _ in range(6):
        here.notify.listeners.join(PERSON)

    answer = await here.get(PERSON, "/api/stream")

    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert answer.headers["retry-after"] == "30"


def test_all_together_cannot_either() -> None:
    listeners = Listeners(in_all_at_most=3)
    joined = [listeners.join(f"p-{number}") for number in range(3)]

    with pytest.raises(Problem):
        listeners.join("p-4")

    listeners.leave(joined[0])
    listeners.join("p-4")


async def test_whoever_reads_too_slowly_is_cut_and_the_others_go_on() -> None:
    listeners = Listeners()
    slow, other = listeners.join(PERSON), listeners.join(PERSON)
    for number in range(201):
        listeners.hear({"_id": str(number), "person": PERSON})
        if number % 2:
            await other.next(0)
            await other.next(0)

    assert slow.cut_off
    assert await slow.next(0) is None
    assert not other.cut_off


async def test_while_the_store_is_away_streams_end_and_come_back(here: Office) -> None:
    async with served(here.app) as url, listening(here, url) as heard:
        here.notify.listeners.cut_all()

        async def ended() -> bool:
            return heard.ended

        await eventually(ended)


async def test_a_store_that_goes_away_in_the_middle_ends_the_stream_without_a_fault(here: Office) -> None:
    class Away:
        async def since(self, person: str, stream_id: str, most: int) -> list[object]:
            raise StoreDown("gone")

    streams = replace(here.notify.streams, inbox=Away())  # type: ignore[arg-type]  # only what a stream asks of it
    here.notify.listeners.live.set()
    began = time.monotonic()

    pieces = [piece async for piece in streams._events(Listener(PERSON), "0000000000000-", "en")]

    assert pieces == [b"retry: 2000\n\n"]
    assert time.monotonic() - began < 5
