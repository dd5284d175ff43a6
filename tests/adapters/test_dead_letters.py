"""What was laid aside is found with its reason, shown, sent again once, lost in no crash. In memory and on Kafka."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shaoyin.adapters.bus import Bus, BusDown, MemoryBus, Message, Received, TopicSpec
from shaoyin.adapters.bus_terms import LARGEST
from shaoyin.adapters.dead_letters import dead_letter, dead_letters, replay
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.contracts.topics import CASES, REPORTS
from shaoyin.dead_letters_command import Asked, done

SOON = timedelta(milliseconds=300)
HEADERS = (("ce_id", b"r1"), ("ce_type", b"report.received"), ("ce_specversion", b"1.0"))


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.engines)])
async def bus(request: pytest.FixtureRequest, topic_prefix: str) -> AsyncIterator[Bus]:
    made: Bus
    if request.param == "memory":
        made = MemoryBus()
    else:
        made = KafkaBus(request.getfixturevalue("kafka_address"), prefix=topic_prefix)
    await made.start()
    specs = [TopicSpec(topic.name, 2, timedelta(days=7)) for topic in (REPORTS, CASES)]
    await made.ensure_topics([*specs, *(TopicSpec(topic.dead_letters, 1, None) for topic in (REPORTS, CASES))])
    yield made
    await made.stop()


def a_message(ident: str = "r1", value: bytes = b'{"description": "\xe8\xb7\xaf\xe7\x81\xaf"}') -> Message:
    return Message(REPORTS.name, ident.encode(), value, (("ce_id", ident.encode()), *HEADERS[1:]))


async def lay_aside(bus: Bus, *messages: Message, reason: str = "unknown_community") -> None:
    await bus.send([dead_letter(each, REPORTS, "router", reason, "xincun") for each in messages])


async def arrived(bus: Bus) -> list[Received]:
    return [each async for batch in bus.kept(REPORTS.name) for each in batch]


async def told(bus: Bus, what: str, **asked: object) -> tuple[int, str]:
    said: list[str] = []
    code = await done(bus, Asked(what, **asked), said.append)  # type: ignore[arg-type]
    return code, "".join(said)


async def test_what_a_topic_holds_is_read_without_a_group_and_from_any_offset(bus: Bus) -> None:
    await bus.send([Message(REPORTS.name, str(number).encode(), b"v") for number in range(1200)])
    stretches = await bus.stretches(REPORTS.name)

    assert sum(each.end - each.first for each in stretches.values()) == len(await arrived(bus)) == 1200
    later = {number: each.end - 1 for number, each in stretches.items()}
    assert len([each async for batch in bus.kept(REPORTS.name, later) for each in batch]) == 2
    assert (await bus.stretches("nowhere"), await bus.missing()) == ({}, frozenset())


async def test_a_reader_that_has_its_place_is_known_to_have_joined(bus: Bus) -> None:
    async with bus.reader("router", [REPORTS.name]):
        assert bus.joined() == {"router"}
    assert bus.joined() == frozenset()


async def test_a_list_says_what_is_open_and_why_and_nothing_that_was_written(bus: Bus) -> None:
    await lay_aside(bus, a_message())

    code, said = await told(bus, "list")
    (line,) = [json.loads(each) for each in (await told(bus, "list", as_json=True))[1].splitlines()]

    assert code == 0
    for word in ("shaoyin.reports.v1.dlq: 1", "r1", "report.received", "unknown_community", "xincun", "router"):
        assert word in said
    assert "路灯" not in said + json.dumps(line, ensure_ascii=False)
    assert (line["offset"], line["state"], line["topic"]) == ("0", "open", REPORTS.name)


async def test_only_who_asks_to_be_shown_a_letter_sees_its_content(bus: Bus) -> None:
    await lay_aside(bus, a_message(), a_message("r2", b"\x1b[2J{"))

    assert "路灯" in (await told(bus, "show", topics=(REPORTS,), ids=("r1",)))[1]
    shown = json.loads((await told(bus, "show", topics=(REPORTS,), ids=("0",), as_json=True))[1])
    assert shown["headers"]["ce_id"] == "r1"
    assert "路灯" in shown["value"]
    assert "\x1b" not in (await told(bus, "show", ids=("r2",)))[1], "a terminal obeys no letter"


async def test_the_original_goes_back_to_its_topic_and_is_not_sent_a_second_time(bus: Bus) -> None:
    await lay_aside(bus, a_message(), a_message("r2"))

    first = await told(bus, "replay")
    again = await told(bus, "replay")

    assert (first[0], again[0]) == (0, 0)
    assert "2 sent again" in first[1]
    assert "none" in again[1]
    assert sorted((each.key, each.value, each.headers) for each in await arrived(bus)) == [
        (each.key, each.value, each.headers) for each in (a_message(), a_message("r2"))
    ]
    assert "none" in (await told(bus, "list"))[1]
    assert (await told(bus, "list", again=True))[1].count("replayed") == 2


async def test_one_is_chosen_by_its_id_or_by_its_reason_and_again_only_when_that_is_said(bus: Bus) -> None:
    await lay_aside(bus, a_message(), a_message("r2"))
    await lay_aside(bus, a_message("r3"), reason="not_json")

    assert "1 sent again" in (await told(bus, "replay", ids=("r2",)))[1]
    assert "1 sent again" in (await told(bus, "replay", reason="not_json"))[1]
    assert await told(bus, "replay", ids=("r2",)) == (1, "没有 / none\n")
    assert "1 sent again" in (await told(bus, "replay", ids=("r2",), again=True))[1]
    assert [each.ident for each in await dead_letters(bus, REPORTS) if each.outcome is None] == ["r1"]
    assert [each.key for each in await arrived(bus)].count(b"r2") == 2


async def test_two_readers_that_laid_the_same_message_aside_get_it_back_once(bus: Bus) -> None:
    for reader in ("intake", "notify"):
        await bus.send([dead_letter(a_message("c1:4"), CASES, reader, "unknown_type")])

    code, said = await told(bus, "replay")

    assert code == 0
    assert "1 sent again, 1 more were copies of these" in said
    assert len([each async for batch in bus.kept(CASES.name) for each in batch]) == 1
    assert "none" in (await told(bus, "list"))[1]


async def test_one_that_dies_again_is_open_again(bus: Bus) -> None:
    await lay_aside(bus, a_message())
    await told(bus, "replay")
    await lay_aside(bus, *[Message(REPORTS.name, each.key, each.value, each.headers) for each in await arrived(bus)])

    assert [(each.offset, each.outcome) for each in await dead_letters(bus, REPORTS)] == [(0, "replayed"), (2, None)]


async def test_a_letter_that_was_too_large_for_its_reason_says_so_and_is_not_sent(bus: Bus) -> None:
    large = a_message()
    large = a_message("r1", b"x" * (LARGEST - large.size))
    await lay_aside(bus, large)

    code, said = await told(bus, "replay")

    assert code == 1
    assert "too large" in said
    assert await arrived(bus) == []
    assert (await told(bus, "dismiss"))[0] == 0
    assert "none" in (await told(bus, "list"))[1], "whoever knows what became of it takes it off"


async def test_a_crash_between_sending_and_noting_sends_twice_and_loses_nothing(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lay_aside(bus, a_message())

    async def crash(*_: object) -> None:
        raise BusDown

    with monkeypatch.context() as crashing:
        crashing.setattr("shaoyin.adapters.dead_letters.note", crash)
        with pytest.raises(BusDown):
            await replay(bus, REPORTS, await dead_letters(bus, REPORTS))
    await told(bus, "replay")

    assert [each.key for each in await arrived(bus)] == [b"r1", b"r1"]
    assert "none" in (await told(bus, "list"))[1]


async def test_hundreds_go_back_in_several_batches(bus: Bus) -> None:
    await lay_aside(bus, *[a_message(f"r{number}") for number in range(450)])

    assert "450 sent again" in (await told(bus, "replay", topics=(REPORTS,)))[1]
    assert len({each.key for each in await arrived(bus)}) == 450
