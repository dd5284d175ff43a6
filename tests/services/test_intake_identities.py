"""Who may open an identity, what of it, and the record of every look: added to, listed, never changed."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from services.intake.reads import Reads
from shaoyin.adapters.logs import JsonLines
from shaoyin.adapters.mongo import list_indexes
from shaoyin.adapters.packs_in_force import Packs
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.events import Party
from tests.domain.town import CENTRE, DUTY, MUNICIPAL, SECRETARY
from tests.services.intake_setup import GONE, Body, Routed, Town, a_case, a_drain, follow, given, problem
from tests.services.intake_setup import town as a_town
from tests.services.test_intake_merged import merged

NAME, PHONE = "欧阳晓明", "13800138000"
OPEN = a_drain(description=f"{NAME}家下水道堵了", reporter={"name": NAME, "phone": PHONE})
HIDDEN = {**OPEN, "reporter": {"name": NAME, "phone": PHONE, "secrecy": "confidential"}}
OFFICER, STRANGER = "p-ren-1", "p-nobody"
REASON: Body = {"reason": "回访"}


@pytest.fixture
async def town(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path) as found:
        yield found


async def read(town: Town, person: str, story: Routed | str, body: Body | None = None) -> httpx.Response:
    report_id = story if isinstance(story, str) else story.open_case.report_id
    return await town.http.post(
        f"/api/identities/{report_id}/reads", json=REASON if body is None else body, headers=await town.token(person)
    )


async def kept(town: Town) -> list[dict[str, object]]:
    return await town.collection("identity_reads").find().sort("_id").to_list()


async def a_handled_case(town: Town, body: Body = OPEN) -> tuple[str, Routed]:
    """The community's own duty post is its main handler."""
    code, story = await a_case(town, body)
    assert story.open_case.main is not None
    assert story.open_case.main.post == DUTY[1]
    return code, story


async def test_a_call_back_post_sees_name_and_phone_and_the_look_is_recorded_first(town: Town) -> None:
    """Mechanics 29."""
    _, story = await a_handled_case(town)

    answer = await read(town, CENTRE[0], story, {"reason": f"回访{NAME} {PHONE}"})

    assert answer.status_code == 200
    told = answer.json()
    assert (told["name"], told["phone"], told["report_id"]) == (NAME, PHONE, story.open_case.report_id)
    assert answer.headers["cache-control"] == "no-store"
    [record] = await kept(town)
    assert record.pop("forget_at") == town.clock.now() + timedelta(days=1095)
    assert record == {
        "_id": told["read_id"], "at": town.clock.now(), "report_id": story.open_case.report_id,
        "case_id": story.open_case.case_id, "number": "N1", "community": "wulibao", "area": "courtyard-51-b1",
        "person": CENTRE[0], "post": CENTRE[1], "reason": "回访【已隐去】 【已隐去】", "fields": ["name", "phone"],
    }  # fmt: skip


async def test_the_main_handler_sees_the_name_alone_and_only_of_an_open_reporter(town: Town) -> None:
    """Mechanics 29."""
    _, story = await a_handled_case(town)
    answer = await read(town, DUTY[0], story)
    assert answer.json().keys() == {"read_id", "report_id", "name"}
    assert answer.json()["name"] == NAME
    assert [each["fields"] for each in await kept(town)] == [["name"]]

    _, hidden = await a_handled_case(town, HIDDEN)
    assert problem(await read(town, DUTY[0], hidden))[:2] == (403, "not_permitted")
    assert (await read(town, CENTRE[0], hidden)).json()["phone"] == PHONE
    assert len(await kept(town)) == 2


async def test_who_calls_back_by_right_but_handles_it_sees_no_phone(town: Town) -> None:
    """Decision 1.14: nobody calls back on the own work, so the community learns no phone once it handles the case."""
    unsorted = a_drain(category=GONE, reporter={"name": NAME, "phone": PHONE})
    _, story = await a_case(town, unsorted)
    assert (await read(town, DUTY[0], story)).json()["phone"] == PHONE, "nobody handles it yet"

    _, handled = await a_handled_case(town)
    assert "phone" not in (await read(town, DUTY[0], handled)).json()


async def test_nobody_of_the_handlers_body_learns_whom_to_call(town: Town) -> None:
    """Decision 1.14: neither a post of the handler's organisation, nor where a pack allows that the same person."""
    _, story = await a_handled_case(town)
    head_of_triage = Party.of(story.pack.directory.posts["triage-lead"])
    story.happen(ev.CaseReassigned(at=story.now, main=head_of_triage, co=(), before=None, reason="x", deadlines=()))
    await follow(town, story)
    assert problem(await read(town, CENTRE[0], story))[:2] == (403, "not_permitted")
    assert (await read(town, DUTY[0], story)).json()["phone"] == PHONE, "another body, and no longer the handler"

    packs = town.intake.packs
    assert isinstance(packs, Packs)
    packs._packs = {**packs, "wulibao": replace(packs["wulibao"], own_work_by="person")}
    assert (await read(town, CENTRE[0], story)).json()["phone"] == PHONE
    _, own = await a_handled_case(town)
    assert "phone" not in (await read(town, DUTY[0], own)).json()


async def test_what_is_anonymous_is_not_read_even_before_it_is_erased(town: Town) -> None:
    """Decision 1.41."""
    _, story = await a_handled_case(town)
    raised = {"$set": {f"secrecies.{story.open_case.reporters[0].ref}": 2}}
    await town.collection("reports").update_one({"_id": story.open_case.report_id}, raised)

    assert problem(await read(town, CENTRE[0], story))[:2] == (404, "identity_not_kept")


async def test_raising_secrecy_closes_the_name_to_the_handler_and_keeps_the_earlier_look(town: Town) -> None:
    """Decision 1.41: open to confidential hides the name at once, earlier reads stay logged."""
    code, story = await a_handled_case(town)
    assert (await read(town, DUTY[0], story)).status_code == 200
    await town.asks(code, "secrecy", {"secrecy": "confidential"})
    story.hear(await town.next_request())
    await follow(town, story)

    assert problem(await read(town, DUTY[0], story))[:2] == (403, "not_permitted")
    assert (await read(town, CENTRE[0], story)).status_code == 200
    assert {each["post"] for each in await kept(town)} == {DUTY[1], CENTRE[1]}


async def test_nobody_else_sees_anything_and_nothing_is_recorded(town: Town) -> None:
    """Mechanics 26 and 29: 404 to whom the case is not visible, 403 to other staff of the area, 401 signed out."""
    _, story = await a_handled_case(town)
    report_id = story.open_case.report_id
    assert problem(await read(town, SECRETARY[0], story))[:2] == (403, "not_permitted")
    assert problem(await read(town, MUNICIPAL[0], story))[:2] == (403, "not_permitted")
    assert problem(await read(town, "p-yi-2", story))[:2] == (404, "not_found"), "the lead of another grid"
    assert problem(await read(town, STRANGER, story))[:2] == (404, "not_found")
    assert problem(await read(town, CENTRE[0], "rnothing"))[:2] == (404, "not_found")
    signed_out = await town.http.post(f"/api/identities/{report_id}/reads", json=REASON)
    assert problem(signed_out)[:2] == (401, "signed_out")
    assert await kept(town) == []


async def test_a_look_needs_its_reason(town: Town) -> None:
    _, story = await a_handled_case(town)
    wrong: list[tuple[Body, str, str]] = [
        ({}, "reason", "missing"),
        ({"reason": " "}, "reason", "too_short"),
        ({"reason": "x" * 401}, "reason", "too_long"),
        ({"reason": "x", "as": "duty"}, "as", "unknown_field"),
    ]
    for body, field, code in wrong:
        assert problem(await read(town, CENTRE[0], story, body)) == (422, "invalid_fields", [(field, code)]), body
    assert await kept(town) == []


async def test_what_is_not_kept_cannot_be_read(town: Town) -> None:
    """Decision 1.41: anonymous from the start, become anonymous, erased in time, or never given."""
    _, anonymous = await a_handled_case(town, {**OPEN, "reporter": {"name": NAME, "secrecy": "anonymous"}})
    _, unnamed = await a_handled_case(town, a_drain())
    _, scrubbed = await a_handled_case(town, a_drain(description=f"堵了，找 {PHONE}"))
    _, erased = await a_handled_case(town)
    await town.collection("vault").delete_many({"report_id": erased.open_case.report_id})
    _, hidden = await a_handled_case(town)
    ref = hidden.open_case.reporters[0].ref
    hidden.happen(ev.SecrecyRaised(at=hidden.now, reporter_ref=ref, secrecy="anonymous"))
    await follow(town, hidden)
    for story in (anonymous, unnamed, scrubbed, erased, hidden):
        assert problem(await read(town, CENTRE[0], story))[:2] == (404, "identity_not_kept")
    assert await kept(town) == []


async def test_a_name_without_a_phone_is_read_as_that(town: Town) -> None:
    _, story = await a_handled_case(town, a_drain(reporter={"name": NAME}))

    told = (await read(town, CENTRE[0], story)).json()

    assert (told["name"], told["phone"]) == (NAME, None)


async def test_what_cannot_be_recorded_is_not_shown(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _, story = await a_handled_case(town)

    async def refused(*_: object) -> str:
        raise RuntimeError("the record was refused")

    monkeypatch.setattr(town.intake.reads, "record", refused)
    answer = await read(town, CENTRE[0], story)

    assert answer.status_code == 500
    assert NAME not in answer.text
    assert PHONE not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff", "an error is answered as safely as all else"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")


async def test_of_a_merged_report_the_leads_handlers_and_area_count(town: Town) -> None:
    """Mechanics 29: judged by the header of the case that answers."""
    _, lead = await a_handled_case(town)
    unsorted = a_drain(category=GONE, reporter={"name": "李四", "phone": "13900139000"})
    _, story = await a_case(town, unsorted)
    merged(lead, story)
    await follow(town, lead)
    await follow(town, story)

    assert (await read(town, CENTRE[0], story)).json()["phone"] == "13900139000"
    assert (await read(town, DUTY[0], story)).json().keys() == {"read_id", "report_id", "name"}
    assert {each["case_id"] for each in await kept(town)} == {lead.open_case.case_id}


async def test_before_its_case_exists_a_report_is_called_back_by_its_place(town: Town) -> None:
    receipt = await town.taken(OPEN)

    assert (await read(town, CENTRE[0], receipt["report_id"])).json()["phone"] == PHONE


async def listed(town: Town, person: str, **asked: str) -> httpx.Response:
    return await town.http.get("/api/identities/reads", params=asked, headers=await town.token(person))


async def test_the_data_officer_lists_a_months_looks_and_nobody_else_does(town: Town) -> None:
    """Domain 6.2: the monthly list. A month is the community's own, from midnight to midnight."""
    _, story = await a_handled_case(town)
    midnight = datetime.fromisoformat("2026-09-30T23:59:59.999+08:00")
    await read(town, CENTRE[0], story, {"reason": "九月的第一次"})
    town.clock.forward(midnight - town.clock.now())
    await read(town, CENTRE[0], story, {"reason": "九月的最后一次"})
    town.clock.forward(timedelta(milliseconds=1))
    await read(town, DUTY[0], story, {"reason": "十月"})

    september, october = await listed(town, OFFICER, month="2026-09"), await listed(town, OFFICER, month="2026-10")

    assert [each["reason"] for each in september.json()["items"]] == ["九月的第一次", "九月的最后一次"]
    assert september.json()["next"] is None
    [last] = october.json()["items"]
    assert last == {
        "read_id": last["read_id"], "at": "2026-10-01T00:00:00+08:00", "report_id": story.open_case.report_id,
        "case_id": story.open_case.case_id, "number": "N1", "community": "wulibao", "area": "courtyard-51-b1",
        "person": DUTY[0], "post": DUTY[1], "reason": "十月", "fields": ["name"],
    }  # fmt: skip
    for said in (NAME, PHONE):
        assert said not in september.text + october.text
    for person in (CENTRE[0], DUTY[0], STRANGER):
        assert problem(await listed(town, person, month="2026-09"))[:2] == (403, "not_permitted")
    assert (await town.http.get("/api/identities/reads", params={"month": "2026-09"})).status_code == 401


async def test_a_month_that_is_none_is_refused_with_its_field(town: Town) -> None:
    wrong: list[tuple[dict[str, str], tuple[str, str]]] = [
        ({}, ("month", "missing")),
        ({"month": "2026-13"}, ("month", "wrong_value")),
        ({"month": "2026-9"}, ("month", "wrong_value")),
        ({"month": "2026-09", "who": "x"}, ("who", "unknown_field")),
    ]
    for asked, field in wrong:
        assert problem(await listed(town, OFFICER, **asked))[2] == [field], asked


async def test_a_long_month_is_listed_in_pages(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.intake.identities.PAGE", 2)
    _, story = await a_handled_case(town)
    for number in range(5):
        town.clock.forward(timedelta(minutes=1))
        await read(town, CENTRE[0], story, {"reason": str(number)})
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await listed(town, OFFICER, month="2026-09", after=after)).json()
        seen += [each["reason"] for each in page["items"]]
        after = page["next"]

    assert seen == ["0", "1", "2", "3", "4"]


async def test_the_record_is_only_added_to_and_expires_after_three_years(town: Town) -> None:
    """Domain 6.3."""
    indexes = await list_indexes(town.collection("identity_reads"))
    assert [each["expireAfterSeconds"] for each in indexes if "forget_at" in each["key"]] == [0]
    assert {name for name in vars(Reads) if not name.startswith("_")} == {"prepare", "record", "between"}


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """What the program logs, as a laptop writes it: frank, and without the last defence's scrubbing."""
    written = io.StringIO()
    lines = logging.StreamHandler(written)
    lines.setFormatter(JsonLines(frank=True))
    lines.addFilter(lambda record: not record.name.startswith("http"))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    driver, before = logging.getLogger("pymongo"), logging.getLogger("pymongo").level
    driver.setLevel(logging.INFO)
    yield written
    root.removeHandler(lines)
    root.setLevel(level)
    driver.setLevel(before)


async def test_neither_name_nor_phone_is_ever_written_to_the_log(town: Town, log_lines: io.StringIO) -> None:
    code, story = await a_handled_case(town)
    await read(town, CENTRE[0], story, {"reason": f"问 {NAME} {PHONE}"})
    await read(town, SECRETARY[0], story)
    await town.asks(code, "urge", {"text": f"{NAME} {PHONE}"})
    await town.asks(code, "secrecy", {"secrecy": "anonymous"})
    await given(town, story, DUTY, cmd.SignFor)
    await town.collection("vault").update_many({}, {"$set": {"sealed": b"broken"}})
    assert (await read(town, CENTRE[0], story)).status_code == 500

    said = log_lines.getvalue()

    assert "unexpected error" in said, "the log was listened to"
    for secret in (NAME, PHONE, code):
        assert secret not in said
