"""What the stories ask of the town beside `deploy.story`: residents' wishes, staff's own cases, the clock on a day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
from pymongo import MongoClient

from deploy.story import DUTY, Json, Town
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.contracts.topics import TOPICS

STORED = ("admin", "config", "local")


def wish(here: Town, code: str, name: str, **body: Any) -> httpx.Response:
    """What a resident asks of the own report, by the query code alone."""
    return here.http.post(f"/api/reports/{code}/{name}", json=body)


def granted(here: Town, code: str, name: str, **body: Any) -> Json:
    """The wish as the progress shows it once it was answered; it was accepted."""
    answer = answered(here, code, name, **body)
    assert answer["state"] == "accepted", answer
    return answer


def answered(here: Town, code: str, name: str, **body: Any) -> Json:
    taken = wish(here, code, name, **body)
    assert taken.status_code == 202, taken.text
    request_id = taken.json()["request_id"]

    def asked() -> Json | None:
        found = [each for each in here.progress(code)["requests"] if each["request_id"] == request_id]
        return found[0] if found and found[0]["state"] != "pending" else None

    answer: Json = here.soon(f"the answer to {name}", asked)
    return answer


def in_state(here: Town, code: str, state: str) -> Json:
    """The progress once the reporter reads that state."""
    shown: Json = here.soon(f"the state {state}", partial(_shown, here, code, state))
    return shown


def _shown(here: Town, code: str, state: str) -> Json | None:
    shown = here.progress(code)
    return shown if shown["state"] == state else None


def replied(here: Town, code: str, words: str) -> list[str]:
    """All replies to this reporter, once one of them says so."""

    def found() -> list[str] | None:
        texts = [each["text"] for each in here.progress(code)["replies"]]
        return texts if any(words in each for each in texts) else None

    texts: list[str] = here.soon(f"the reply {words}", found)
    return texts


def reported(here: Town, person: str, **body: Any) -> str:
    """Reported through a door that needs a token; the query code is read out to the resident."""
    url, headers = "/api/reports", here._as(person)
    return str(here._ok(here.http.post(url, json={"community": "wulibao", **body}, headers=headers), 202)["query_code"])


def opened_by(here: Town, person: str, **body: Any) -> Json:
    """A case that nobody reported."""
    answer = here.http.post("/api/cases", json={"community": "wulibao", **body}, headers=here._as(person))
    return here._ok(answer, 201)


def at_triage(here: Town, code: str) -> Json:
    """The case of a report that somebody must look at first: it has no number yet, so triage finds it by its alert."""
    case_id = "c" + str(here.progress(code)["report_id"]).removeprefix("r")
    here.soon("the alert at triage", lambda: here.alerts(DUTY, case_id, "triage"))
    return here.case(DUTY, case_id)


def clocks(case: Json) -> dict[str, Json]:
    return {each["clock"]: each for each in case["clocks"]}


def events(case: Json) -> list[str]:
    return [each["event"] for each in case["timeline"]]


def told_dates(here: Town, person: str, case_id: str, clock: str) -> list[Json]:
    """Every date that one clock of a case was ever given, in order, with its arithmetic."""
    return [each for each in here.explanation(person, case_id)["clocks"] if each["clock"] == clock]


def on_day(here: Town, day: str, clock: str = "09:30") -> datetime:
    """Moves the clock to that minute in the town; it cannot go back."""
    wanted = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), here.pack.zone)
    assert wanted >= here.now(), f"the story is past {wanted} already"
    return here.pass_time(wanted - here.now())


def local(here: Town, said: str) -> str:
    """An instant of an answer as people there read it, to the minute."""
    return f"{datetime.fromisoformat(said).astimezone(here.pack.zone):%Y-%m-%d %H:%M}"


async def together(here: Town, *asked: Callable[[httpx.AsyncClient], Any]) -> list[httpx.Response]:
    """Asked at the same instant, each over a connection of its own."""
    async with httpx.AsyncClient(base_url=here.http.base_url, timeout=30) as http:
        await asyncio.gather(*(http.get("/health/live") for _ in asked))
        answers: list[httpx.Response] = await asyncio.gather(*(each(http) for each in asked))
        return answers


def everything(here: Town, kafka: str, mongo_url: str) -> str:
    """All that is on any topic and in any collection; what is sealed in the vault is not to be read there."""
    return asyncio.run(_on_every_topic(kafka)) + "\n" + _stored(mongo_url)


async def _on_every_topic(kafka: str) -> str:
    bus = KafkaBus(kafka)
    await bus.start()
    found: list[str] = []
    names = [name for topic in TOPICS for name in (topic.name, topic.dead_letters)]
    try:
        async with bus.reader(f"all-{uuid4().hex}", names) as reader:
            while batch := await reader.batch(1000, timedelta(seconds=2)):
                for message in batch:
                    found.append(message.key.decode(errors="replace") + message.value.decode(errors="replace"))
                    found += [f"{name}={value.decode(errors='replace')}" for name, value in message.headers]
    finally:
        await bus.stop()
    return "\n".join(found)


def _stored(url: str) -> str:
    client: MongoClient[dict[str, object]] = MongoClient(url)
    try:
        return "\n".join(
            str(document)
            for base in client.list_database_names()
            if base not in STORED
            for name in client[base].list_collection_names()
            for document in client[base][name].find()
        )
    finally:
        client.close()
