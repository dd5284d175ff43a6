"""Both endings of the story on real Kafka and MongoDB, over HTTP, the clock moved; then: who knows the reporter?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from pymongo import MongoClient

from deploy.local import Engines
from deploy.story import CENTRE, CREW_HEAD, DUTY, SECRETARY, Town, ending_in_silence, ending_with_an_answer, town
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.contracts.topics import TOPICS
from tests.engines import own_engines
from tests.running import Program, product

pytestmark = pytest.mark.engines
NAME, PHONE = "欧阳示例娜", "13900001234"


@pytest.fixture(scope="module")
def engines_of_the_story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Its own engines: the story reads every topic afterwards."""
    with own_engines(tmp_path_factory.mktemp("story-engines")) as engines:
        engines.start()
        yield engines


@pytest.fixture(scope="module")
def running(engines_of_the_story: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("story")
    engines = engines_of_the_story
    with product(engines.kafka_address, engines.mongo_url, f"t{uuid4().hex[:8]}", folder) as program:
        yield program


@pytest.fixture(scope="module")
def here(running: Program) -> Iterator[Town]:
    with town(running.origin) as told:
        yield told


def test_members_report_in_and_the_resident_is_answered(here: Town) -> None:
    code, case = ending_with_an_answer(here)

    assert case["state"] == "closed"
    assert case["outcome"] == "solved"
    progress = here.progress(code)
    assert "下水道已经疏通" in " ".join(reply["text"] for reply in progress["replies"])
    assert all("—" not in line["text"] and "{" not in line["text"] for line in progress["timeline"])
    assert here.progress(code, "en")["state_text"] != progress["state_text"]


def test_the_explanation_names_row_36_and_what_row_35_lacked(here: Town) -> None:
    here.next_working_morning()
    case = here.opened(
        here.report(description="堵了", category="WAT.sewer_blocked", place={"area": "courtyard-63"})["query_code"]
    )

    told = here.explanation(DUTY, case["case_id"])

    assert told["row"] == 36
    row_35 = next(each for each in told["rows"] if each["row"] == 35)
    assert row_35["lacking"] == [{"condition": "management is property_company", "seen": "none"}]


def test_silence_climbs_step_by_step_each_once_and_told_to_somebody(here: Town) -> None:
    _code, case = ending_in_silence(here)

    overdue = [each for each in case["timeline"] if each["event"] == "case.overdue"]
    assert len({(each["event"], each["text"], each["at"]) for each in overdue}) == len(overdue)
    name = case["case_id"]
    assert len(here.alerts(SECRETARY, name, "sign_overdue")) == 1
    assert len(here.alerts(CREW_HEAD, name, "whistle_overdue")) >= 1
    assert [each["event"] for each in case["timeline"]].count("case.marked_hard") == 1
    assert len(here.alerts(CENTRE, name, "result_overdue")) == 2
    grades = [each for each in case["timeline"] if each["event"] == "case.supervised"]
    assert len(grades) == 3


def test_an_old_version_a_missing_post_and_a_wrong_moment_are_told_apart(here: Town) -> None:
    here.next_working_morning()
    receipt = here.report(description="堵了", category="WAT.sewer_blocked", place={"building": "courtyard-63-b1"})
    name = here.opened(receipt["query_code"])["case_id"]
    url = f"/api/cases/{name}/commands"

    def asked(person: str, command: str, **headers: str) -> httpx.Response:
        return here.http.post(f"{url}/{command}", json={}, headers={**here._as(person), **headers})

    assert asked("p-geng-1", "sign_for").status_code == 404
    assert asked(CENTRE, "sign_for").status_code == 403
    assert asked(DUTY, "sign_for", **{"If-Match": '"1"'}).status_code == 412
    assert asked(DUTY, "start").json()["code"] == "not_now"
    first = asked(DUTY, "sign_for", **{"Idempotency-Key": "k1"})
    again = asked(DUTY, "sign_for", **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["version"] == again.json()["version"]
    assert asked(DUTY, "start", **{"Idempotency-Key": "k1"}).status_code == 422


def test_the_inbox_stream_resumes_where_it_was_cut(here: Town) -> None:
    known = {each["alert_id"] for each in here.inbox(DUTY)}
    first = min(streamed(here, 1, ""))
    again = streamed(here, 3, first)

    assert len(again) == 3
    assert {each.partition("-")[2] for each in again} <= known


def streamed(here: Town, many: int, last_id: str) -> list[str]:
    """The ids of the first messages of the duty post's stream, resumed after an id."""
    headers = {**here._as(DUTY), "Last-Event-ID": last_id or f"{0:013d}-{0:032x}"}
    found: list[str] = []
    with here.http.stream("GET", "/api/stream", headers=headers) as stream:
        assert stream.status_code == 200, stream.read()
        for line in stream.iter_lines():
            if line.startswith("id:"):
                found.append(line.removeprefix("id:").strip())
            if len(found) == many:
                break
    return found


def test_no_topic_log_or_metric_knows_the_reporter(here: Town, running: Program, engines_of_the_story: Engines) -> None:
    here.next_working_morning()
    receipt = here.report(
        description=f"我是{NAME},电话 139 0000 1234,下水道又堵了", category="WAT.sewer_blocked",
        place={"building": "courtyard-63-b2", "text": f"{NAME}家门口"},
        reporter={"name": NAME, "phone": PHONE, "secrecy": "open"},
    )  # fmt: skip
    case = here.opened(receipt["query_code"])
    here.command(DUTY, case["case_id"], "sign_for")
    here.command(
        DUTY, case["case_id"], "contact_reporter", outcome="message", at=here.now().isoformat(),
        note=f"打了 {PHONE}", message="明天上午来,电话13900001234",
    )  # fmt: skip
    here.pass_time(timedelta(hours=30))
    here.soon(
        "the message",
        lambda: any("明天上午" in each["text"] for each in here.progress(receipt["query_code"])["replies"]),
    )

    everything = "\n".join((
        asyncio.run(everything_on(engines_of_the_story.kafka_address)),
        running.log.read_text(errors="replace"),
        here.http.get("/metrics").text,
        everything_stored_but_in_the_vault(engines_of_the_story.mongo_url),
        str(here.inbox(DUTY)),
    ))  # fmt: skip

    assert case["case_id"] in everything
    for word in (NAME, PHONE, "139 0000 1234", receipt["query_code"]):
        assert word not in everything, word


async def everything_on(kafka: str) -> str:
    bus = KafkaBus(kafka)
    await bus.start()
    found: list[str] = []
    names = [name for topic in TOPICS for name in (topic.name, topic.dead_letters)]
    try:
        async with bus.reader(f"all-{uuid4().hex}", names) as reader:
            while batch := await reader.batch(1000, timedelta(seconds=4)):
                for message in batch:
                    found.append(message.key.decode(errors="replace") + message.value.decode(errors="replace"))
                    found += [f"{name}={value.decode(errors='replace')}" for name, value in message.headers]
    finally:
        await bus.stop()
    return "\n".join(found)


def everything_stored_but_in_the_vault(url: str) -> str:
    client: MongoClient[dict[str, object]] = MongoClient(url)
    try:
        return "\n".join(
            str(document)
            for base in client.list_database_names()
            if base not in ("admin", "config", "local")
            for name in client[base].list_collection_names()
            for document in client[base][name].find()
        )
    finally:
        client.close()


def test_the_pages_need_no_script(running: Program, tmp_path: Path) -> None:
    first = httpx.get(f"{running.origin}/c/wulibao").text
    second = httpx.get(f"{running.origin}/c/wulibao?category=WAT.sewer_blocked").text

    assert "WAT.sewer_blocked" in first
    assert "<form" in second
    assert "<script" not in first + second
