"""An identity is kept as long as was promised and no day longer; whoever becomes anonymous is erased at once."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.intake.tidy import Tidy
from shaoyin.adapters.mongo import list_indexes
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.events import Event
from tests.domain.town import CENTRE, DUTY
from tests.services.intake_setup import (
    GONE,
    Body,
    Routed,
    Town,
    a_case,
    a_drain,
    follow,
    given,
    heard,
    routed,
    with_a_result,
)
from tests.services.intake_setup import town as a_town
from tests.services.test_intake_merged import merged

NAME, PHONE = "欧阳晓明", "13800138000"
OPEN = a_drain(category=GONE, description=f"{NAME}说下水道堵了", reporter={"name": NAME, "phone": PHONE})
HIDDEN = {**OPEN, "reporter": {"name": NAME, "phone": PHONE, "secrecy": "confidential"}}
KEPT = {"open": timedelta(days=180), "confidential": timedelta(days=90)}


@pytest.fixture
async def town(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path) as found:
        yield found


async def entries(town: Town) -> dict[str, datetime | None]:
    """What the vault holds: by report, when it is erased."""
    return {each["report_id"]: each.get("erase_at") async for each in town.collection("vault").find()}


async def erase_at(town: Town, story: Routed) -> datetime | None:
    found = await entries(town)
    assert story.open_case.report_id in found, "it is gone already"
    return found[story.open_case.report_id]


async def ended(town: Town, how: str, body: Body = OPEN) -> Routed:
    """A case that came to each of its ends, an hour after it was reported."""
    _, story = await a_case(town, body)
    story.now += timedelta(hours=1)
    case = story.open_case
    ref, at = case.reporters[0].ref, story.now
    ends: dict[str, Event] = {
        "not_accepted": ev.CaseNotAccepted(at=at, ground="not_ours"),
        "withdrawn": ev.CaseWithdrawn(at=at, reporter_ref=ref),
        "transferred_out": ev.CaseTransferredOut(at=at, receiver="x", receipt_number="1", how_to_follow="y"),
        "diverted": ev.EmergencyDiverted(at=at, numbers=("119",), danger="fire"),
        "closed": ev.CaseClosed(at=at, outcome="solved", deadlines=()),
        "detached": ev.ReporterDetached(at=at, reporter_ref=ref),
    }
    story.happen(ends[how])
    await follow(town, story)
    return story


ENDS = ("not_accepted", "withdrawn", "transferred_out", "diverted", "closed", "detached")


async def test_every_end_has_its_day_zero_and_an_open_matter_has_none(town: Town) -> None:
    """Decision 1.41. From the terminal instant: 180 days where the reporter is open, 90 where confidential."""
    _, story = await a_case(town, OPEN)
    assert await erase_at(town, story) is None
    for how in ENDS:
        for secrecy, body in (("open", OPEN), ("confidential", HIDDEN)):
            story = await ended(town, how, body)
            assert await erase_at(town, story) == story.now + KEPT[secrecy], (how, secrecy)


async def test_the_days_come_from_the_pack(town: Town) -> None:
    retention = town.intake.packs["wulibao"].retention

    assert (str(retention.identity_open), str(retention.identity_confidential)) == ("180 d", "90 d")
    assert str(retention.reads) == "1095 d"


async def test_later_news_of_an_ended_matter_does_not_move_its_day(town: Town) -> None:
    """Decision 1.41. A later rating is stored and moves nothing."""
    story = await ended(town, "closed")
    day = await erase_at(town, story)
    story.now += timedelta(days=3)
    ref = story.open_case.reporters[0].ref
    story.happen(ev.CaseRated(at=story.now, reporter_ref=ref, solved="solved", answered=False))
    await follow(town, story)

    assert await erase_at(town, story) == day


async def test_reopening_stops_the_count_and_the_next_end_begins_it_anew(town: Town) -> None:
    """Decision 1.41."""
    receipt = await town.taken(a_drain(category="SAN.exposed_waste", reporter={"name": NAME}))
    code, story = receipt["query_code"], await with_a_result(town, receipt["report_id"])
    story.rated_elsewhere("solved")
    await follow(town, story)
    assert await erase_at(town, story) == story.now + KEPT["open"]
    await town.asks(code, "reopen", {"reason": "又来了"})

    await heard(town, story)
    assert await erase_at(town, story) is None

    story.now += timedelta(days=2)
    story.happen(ev.CaseClosed(at=story.now, outcome="solved", deadlines=()))
    await follow(town, story)
    assert await erase_at(town, story) == story.now + KEPT["open"]


async def test_a_disputed_refusal_is_open_again(town: Town) -> None:
    """Decision 1.41."""
    code, story = await a_case(town, OPEN)
    await given(town, story, DUTY, cmd.Refuse, ground="x", public_reply="x", where_instead="y")
    assert await erase_at(town, story) is not None
    await town.asks(code, "dispute", {"text": "不对"})

    await heard(town, story)

    assert await erase_at(town, story) is None


async def test_the_end_and_the_reopening_may_come_in_any_order_and_twice(town: Town) -> None:
    for seed in range(5):
        _, story = await a_case(town, OPEN)
        story.happen(ev.CaseClosed(at=story.now, outcome="solved", deadlines=()))
        story.now += timedelta(days=1)
        owner = story.open_case.owner
        story.happen(ev.CaseReopened(at=story.now, reason="x", to="accepted", deadlines=(), owner=owner))
        story.now += timedelta(days=1)
        story.happen(ev.CaseClosed(at=story.now, outcome="solved", deadlines=()))
        news = story.news * 2
        random.Random(seed).shuffle(news)
        for each in news:
            await town.told([each])
        assert await erase_at(town, story) == story.now + KEPT["open"], seed


async def two(town: Town) -> tuple[Routed, Routed]:
    _, lead = await a_case(town, {**OPEN, "reporter": {"name": "李四", "phone": "13900139000"}})
    _, story = await a_case(town, OPEN)
    merged(lead, story)
    await follow(town, lead)
    await follow(town, story)
    return lead, story


async def test_a_merged_reports_day_is_the_leads(town: Town) -> None:
    """Decision 1.41."""
    lead, story = await two(town)
    assert await erase_at(town, story) is None
    lead.now += timedelta(days=30)
    lead.happen(ev.CaseClosed(at=lead.now, outcome="solved", deadlines=()))
    await follow(town, lead)
    assert await erase_at(town, story) == await erase_at(town, lead) == lead.now + KEPT["open"]

    owner = lead.open_case.owner
    lead.happen(ev.CaseReopened(at=lead.now, reason="x", to="accepted", deadlines=(), owner=owner))
    await follow(town, lead)
    assert await erase_at(town, story) is None


async def test_as_long_as_the_lead_is_not_heard_of_nothing_is_counted(town: Town) -> None:
    """Decision 1.41: the day of a merged report is the lead's, not that of the merger."""
    _, story = await a_case(town, OPEN)
    story.happen(ev.CaseMerged(at=story.now, lead="cunheard"))
    await follow(town, story)

    assert await erase_at(town, story) is None


async def test_the_end_of_a_lead_that_comes_before_the_merger_is_heard_of_counts_too(town: Town) -> None:
    """Decision 1.41."""
    _, lead = await a_case(town, {**OPEN, "reporter": {"name": "李四", "phone": "13900139000"}})
    _, story = await a_case(town, OPEN)
    merged(lead, story)
    lead.now += timedelta(days=1)
    lead.happen(ev.CaseClosed(at=lead.now, outcome="solved", deadlines=()))
    for news in (lead.news[-1], *story.news, *lead.news):
        await town.told([news])

    assert await erase_at(town, story) == lead.now + KEPT["open"]


async def test_what_is_due_is_erased_by_the_store_and_by_the_products_clock(town: Town) -> None:
    story, other = await ended(town, "closed"), (await a_case(town, OPEN))[1]
    indexes = await list_indexes(town.collection("vault"))
    assert [each["expireAfterSeconds"] for each in indexes if "erase_at" in each["key"]] == [0]
    vault = town.intake.vault
    due = story.now + KEPT["open"]
    assert await vault.erase_due(due - timedelta(milliseconds=1)) == 0

    town.clock.forward(due - town.clock.now())
    tidy = Tidy(town.client[town.settings.database("intake")], vault, town.intake.reports, town.clock)
    assert await tidy.erase_due() == 1

    assert await entries(town) == {other.open_case.report_id: None}


async def traces(town: Town) -> str:
    """Every document of every collection, as it lies there."""
    kept = []
    for name in await town.client[town.settings.database("intake")].list_collection_names():
        kept += [repr(each) async for each in town.collection(name).find()]
    return "\n".join(kept)


async def test_whoever_asks_to_be_anonymous_is_erased_from_the_vault_at_once(town: Town) -> None:
    """Decision 1.41."""
    key = {"Idempotency-Key": "k1"}
    receipt = await town.taken(OPEN, key)
    report_id = receipt["report_id"]
    story = routed(await town.travelled(report_id))
    await follow(town, story)
    before = (await town.intake.reports.by_id([report_id]))[report_id]
    assert list(await entries(town)) == [report_id]
    assert await town.collection("recognised").count_documents({}) == 1

    await town.asks(receipt["query_code"], "secrecy", {"secrecy": "anonymous"})
    assert list(await entries(town)) == [report_id], "asked is not yet so"
    await heard(town, story)

    assert await town.collection("vault").find().to_list() == []
    assert await town.collection("recognised").count_documents({}) == 0
    after = (await town.intake.reports.by_id([report_id]))[report_id]
    assert not {"vault", "body", "sealed_code"} & set(after)
    assert repr(before["body"]) not in await traces(town), "a hash that the phone went into"
    progress = await town.progress(receipt["query_code"])
    assert progress["secrecy"] == "anonymous"
    assert progress["state"] == story.open_case.state, "it goes on, by the code"


async def test_a_word_on_secrecy_that_is_heard_twice_or_late_erases_nobody_else(town: Town) -> None:
    """Decision 1.41."""
    code, mine = await a_case(town, OPEN)
    _, other = await a_case(town, {**OPEN, "reporter": {"name": "李四", "phone": "13900139000"}})
    ref = mine.open_case.reporters[0].ref
    opening = routed(await town.travelled(mine.open_case.report_id)).news
    mine.happen(ev.SecrecyRaised(at=mine.now, reporter_ref=ref, secrecy="anonymous"))
    mine.give(DUTY, cmd.AskInfo, question="哪里？")
    for each in [*reversed(mine.news), *mine.news, *opening]:
        await town.told([each])

    assert list(await entries(town)) == [other.open_case.report_id]
    assert (await town.progress(code))["secrecy"] == "anonymous", "an older header does not lower it"


async def test_a_merged_reporter_becomes_anonymous_by_a_word_on_the_lead(town: Town) -> None:
    """Decision 1.34: each reporter keeps his own secrecy."""
    lead, story = await two(town)
    ref = story.open_case.reporters[0].ref
    lead.happen(ev.SecrecyRaised(at=lead.now, reporter_ref=ref, secrecy="anonymous"))
    await follow(town, lead)

    assert list(await entries(town)) == [lead.open_case.report_id]


async def test_a_category_that_masks_makes_every_reporter_confidential_and_shortens_the_days(town: Town) -> None:
    """Row 17, by the acceptance of a person."""
    code, story = await a_case(town, OPEN)
    assert (await town.progress(code))["secrecy"] == "open"

    await given(
        town, story, CENTRE, cmd.Accept, category="CON.conduct", area="courtyard-51-b1", urgency="normal", number="N7"
    )

    assert (await town.progress(code))["secrecy"] == "confidential"
    story.happen(ev.CaseNotAccepted(at=story.now, ground="x"))
    await follow(town, story)
    assert await erase_at(town, story) == story.now + KEPT["confidential"]


async def test_a_matter_reclassified_into_a_masking_category_hides_the_name(town: Town) -> None:
    """Row a11."""
    code, story = await a_case(town, a_drain(reporter={"name": NAME}))
    assert (await town.progress(code))["secrecy"] == "open"
    story.happen(
        ev.CaseReclassified(
            at=story.now,
            category="DIS.neighbour",
            reason="是邻里纠纷",
            answers={},
            deadlines=(),
            secrecy="confidential",
        )
    )
    await follow(town, story)

    assert (await town.progress(code))["secrecy"] == "confidential"


async def test_two_processes_that_hear_of_the_lead_and_of_the_merged_case_at_once_agree(
    town: Town, mongo_url: str, tmp_path: Path
) -> None:
    """One learns that the lead ended while the other learns of the merger."""
    async with a_town(mongo_url, tmp_path, prefix=town.settings.database_prefix, bus=town.bus) as other:
        for _ in range(5):
            _, lead = await a_case(town, {**OPEN, "reporter": {"name": "李四", "phone": "13900139000"}})
            _, story = await a_case(town, OPEN)
            merged(lead, story)
            lead.happen(ev.CaseClosed(at=lead.now, outcome="solved", deadlines=()))
            await town.bus.send([*lead.news, *story.news])
            await other.told([])
            assert await erase_at(town, story) == lead.now + KEPT["open"]


async def test_the_hour_of_the_day_is_kept_in_utc(town: Town) -> None:
    story = await ended(town, "closed")
    day = await erase_at(town, story)

    assert day is not None
    assert day.tzinfo is not None
    assert day.astimezone(UTC) == day
