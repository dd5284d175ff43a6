"""How notify, and nobody else, learns by which ways a reporter may be told: recorded, and no more than was allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.intake.rates import rate_of
from services.intake.tidy import Tidy
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from tests.deploy.proxy import way_of
from tests.domain.town import DUTY
from tests.services.intake_setup import GONE, Body, Routed, Town, a_case, a_drain, follow, problem
from tests.services.intake_setup import town as a_town
from tests.services.test_intake_merged import merged, reported

PHONE, OPENID, TEMPLATE = "138 0013 8000", "oABC-def_0123456789abcdefghi", "tmpl_progress_0123456789-abcdefghijklmnopqr"
BY_PHONE: Body = {"name": "欧阳晓明", "phone": PHONE}
BY_WECHAT: Body = {"wechat": {"openid": OPENID, "templates": [TEMPLATE]}}
BOTH: Body = {**BY_PHONE, **BY_WECHAT}
SMS = {"kind": "sms", "number": "13800138000"}


@pytest.fixture
async def town(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path) as found:
        yield found


def token(town: Town) -> dict[str, str]:
    secret = town.settings.service_token
    assert secret is not None
    return {"Authorization": f"Bearer {secret.get_secret_value()}"}


async def called(town: Town, path: str, body: Body, headers: Mapping[str, str] | None = None) -> httpx.Response:
    return await town.http.post(f"/api/intake/contacts/{path}", json=body, headers=headers or token(town))


async def told(town: Town, report_id: str, ref: str | None, message: str = "w1", **other: object) -> dict[str, Any]:
    body: Body = {"reporter_ref": ref, "event": "c1:2", "message": message, "template": TEMPLATE, **other}
    answer = await called(town, report_id, body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def of(town: Town, story: Routed, message: str = "w1") -> dict[str, Any]:
    return await told(town, story.open_case.report_id, story.open_case.reporters[0].ref, message)


async def kinds(town: Town, story: Routed, message: str = "w1") -> list[str]:
    return [way["kind"] for way in (await of(town, story, message))["ways"]]


async def take(town: Town, whose: str, message: str, *, give_back: bool = False) -> bool:
    answer = await called(town, "r1/consents", {"whose": whose, "message": message, "give_back": give_back})
    assert answer.status_code == 200, answer.text
    taken: bool = answer.json()["taken"]
    return taken


async def whose(town: Town, story: Routed, message: str = "w1") -> str:
    ways = (await of(town, story, message))["ways"]
    found: str = next(way["whose"] for way in ways if way["kind"] == "wechat")
    return found


async def reads(town: Town) -> list[dict[str, Any]]:
    return await town.collection("identity_reads").find().sort("_id").to_list()


async def test_the_ways_that_a_reporter_left_are_told_and_the_look_is_recorded(town: Town) -> None:
    """Mechanics 29."""
    _, story = await a_case(town, a_drain(reporter=BOTH))

    found = await of(town, story)

    wechat = {"kind": "wechat", "openid": OPENID, "template": TEMPLATE, "whose": found["ways"][1].get("whose")}
    assert found == {"ways": [SMS, wechat], "language": "zh-CN", "secrecy": "open"}
    [record] = await reads(town)
    assert (record["person"], record["post"], record["reason"]) == ("notify", "notify", "c1:2")
    assert (record["report_id"], record["number"]) == (story.open_case.report_id, "N1")
    assert record["fields"] == ["phone", "openid"]
    assert "13800138000" not in repr(record)


async def test_the_way_that_was_chosen_comes_first_and_who_refused_has_none(town: Town) -> None:
    for answer_by, expected in (("wechat", ["wechat", "sms"]), ("sms", ["sms", "wechat"]), ("page", [])):
        _, story = await a_case(town, a_drain(reporter={**BOTH, "answer_by": answer_by}))
        assert await kinds(town, story) == expected, answer_by


async def test_the_language_is_the_one_the_report_was_made_in(town: Town) -> None:
    receipt = await town.taken(a_drain(reporter=BY_PHONE), {"Accept-Language": "en"})
    ref = (await town.travelled(receipt["report_id"])).reporter_ref

    assert (await told(town, receipt["report_id"], ref))["language"] == "en"


@pytest.mark.parametrize(
    "reporter",
    [
        {}, {"name": "欧阳"}, {"phone": "0371-6666 1234"}, {"phone": "12345"}, {**BY_PHONE, "secrecy": "anonymous"},
        {"wechat": {"openid": OPENID}},
    ],
)  # fmt: skip
async def test_who_left_no_way_is_not_told_and_no_look_is_recorded(town: Town, reporter: Body) -> None:
    """A landline takes no short message; of an anonymous reporter nothing is kept; a WeChat id needs its consent."""
    _, story = await a_case(town, a_drain(reporter=reporter))

    assert (await of(town, story))["ways"] == []
    assert await reads(town) == []


async def test_a_confidential_reporter_is_told_by_the_way_that_was_left(town: Town) -> None:
    _, story = await a_case(town, a_drain(reporter={**BY_PHONE, "secrecy": "confidential"}))

    found = await of(town, story)

    assert (found["ways"], found["secrecy"]) == ([SMS], "confidential")


async def test_in_a_sensitive_matter_only_who_asked_for_it_is_told(town: Town) -> None:
    """A lock screen is seen by whoever lives in the same flat."""
    told_of = a_drain(category="DIS.domestic_violence", reporter=BY_PHONE)
    _, unasked = await a_case(town, told_of)
    _, asked = await a_case(town, {**told_of, "reporter": {**BY_PHONE, "answer_by": "sms"}})

    assert await kinds(town, unasked) == []
    assert await kinds(town, asked) == ["sms"]


async def test_who_became_anonymous_or_left_is_told_nothing_any_more(town: Town) -> None:
    _, hidden = await a_case(town, a_drain(reporter=BOTH))
    ref = hidden.open_case.reporters[0].ref
    hidden.happen(ev.SecrecyRaised(at=hidden.now, reporter_ref=ref, secrecy="anonymous"))
    await follow(town, hidden)
    _, left = await a_case(town, a_drain(reporter={"phone": "13800138001"}))
    gone = left.open_case.reporters[0].ref
    left.happen(ev.ReporterDetached(at=left.now, reporter_ref=gone, reason=None, origin="discovered"))
    await follow(town, left)

    assert (await told(town, hidden.open_case.report_id, ref))["ways"] == []
    assert (await told(town, left.open_case.report_id, gone))["ways"] == []
    assert await town.collection("consents").count_documents({}) == 0, "a hash of who it was is erased with the name"


async def test_each_of_three_merged_reporters_is_found_by_his_own_report_and_by_the_lead(town: Town) -> None:
    _, lead = await a_case(town, a_drain(reporter={"phone": "13800138000"}))
    stories = []
    for number in ("13800138001", "13800138002"):
        _, story = await a_case(town, a_drain(category=GONE, reporter={"phone": number}))
        merged(lead, story)
        await follow(town, lead)
        await follow(town, story)
        stories.append(story)

    for story, number in zip((lead, *stories), ("13800138000", "13800138001", "13800138002"), strict=True):
        ref = story.open_case.reporters[0].ref
        for report_id in (story.open_case.report_id, lead.open_case.report_id):
            assert (await told(town, report_id, ref))["ways"] == [{"kind": "sms", "number": number}]


async def test_of_a_split_off_case_the_reporter_of_the_first_one_is_told(town: Town) -> None:
    """Decisions 1.33: the same reporters; the new case has no report of its own here."""
    _, story = await a_case(town, a_drain(reporter=BY_PHONE))
    ref = story.open_case.reporters[0].ref

    assert (await told(town, f"{story.open_case.report_id}-7", ref))["ways"] == [SMS]
    assert (await told(town, "r-unknown", ref))["ways"] == []
    assert (await told(town, story.open_case.report_id, "p-somebody-else"))["ways"] == []


async def test_one_consent_is_one_message_and_a_repeat_of_a_message_takes_none_again(town: Town) -> None:
    """Domain 6.9."""
    _, story = await a_case(town, a_drain(reporter=BY_WECHAT))
    mine = await whose(town, story)

    assert [await take(town, mine, message) for message in ("w1", "w1", "w2")] == [True, True, False]
    assert await kinds(town, story, "w1") == ["wechat"], "the message that has it may be tried again"
    assert await kinds(town, story, "w2") == []
    assert await take(town, mine, "w1", give_back=True) is False
    assert await take(town, mine, "w2") is True


async def test_two_at_once_never_take_the_same_consent(town: Town) -> None:
    for _ in range(3):
        _, story = await a_case(town, a_drain(reporter=BY_WECHAT))
    mine = await whose(town, story)

    taken = await asyncio.gather(*(take(town, mine, f"w{number}") for number in range(20)))
    again = await asyncio.gather(*(take(town, mine, "w-same") for _ in range(8)))

    assert sum(taken) == 3
    assert not any(again)


async def test_a_repeat_of_a_report_gives_no_second_consent(town: Town) -> None:
    for _ in range(3):
        await town.taken(a_drain(reporter=BY_WECHAT), {"Idempotency-Key": "one-tap"})

    [consent] = await town.collection("consents").find().to_list()
    assert OPENID not in repr(consent)
    assert TEMPLATE not in repr(consent)


async def test_a_consent_goes_with_an_identity_that_belongs_to_no_report(town: Town) -> None:
    await town.taken(a_drain(reporter=BY_WECHAT))
    await town.collection("reports").delete_many({})
    await town.collection("vault").update_many({}, {"$set": {"kept": True}})
    [entry] = await town.collection("vault").find().to_list()
    await town.collection("vault").delete_one({"_id": entry["_id"]})
    await town.collection("vault").insert_one({**entry, "_id": "v000000000000old"})
    await town.collection("consents").update_many({}, {"$set": {"entry": "v000000000000old"}})
    database = town.client[town.settings.database("intake")]

    assert await Tidy(database, town.intake.vault, town.intake.reports, town.clock).forget_orphans() == 1
    assert await town.collection("consents").count_documents({}) == 0


async def test_to_everybody_else_it_is_not_there(town: Town) -> None:
    _, story = await a_case(town, a_drain(reporter=BOTH))
    path = f"/api/intake/contacts/{story.open_case.report_id}"
    body: Body = {"reporter_ref": story.open_case.reporters[0].ref, "event": "c1:2", "message": "w1"}
    staff, good = await town.token(DUTY[0]), token(town)
    unlike = {"Authorization": good["Authorization"][:-1]}
    answers = [
        await town.http.post(f"{path}{under}", json=body, headers=headers)
        for under in ("", "/consents")
        for headers in ({}, staff, unlike, {"Authorization": "Bearer "}, {"Authorization": "Bearer x" * 40})
    ]  # fmt: skip
    answers += [await town.http.request(method, path, headers=good) for method in ("GET", "PUT", "DELETE", "OPTIONS")]

    for answer in answers:
        assert problem(answer)[:2] == (404, "not_found")
    assert await reads(town) == []
    assert way_of(path).service is None, "the proxy lets nobody through"
    assert rate_of("POST", path) is None


async def test_what_notify_asks_wrongly_is_named(town: Town) -> None:
    asked: Body = {"reporter_ref": "p1", "event": "c1:2", "message": "w1"}
    for wrong, field in (({"event": ""}, "event"), ({"phone": "1"}, "phone"), ({"template": "x y"}, "template")):
        assert problem(await called(town, "r1", {**asked, **wrong}))[2][0][0] == field


async def test_a_template_or_an_openid_that_cannot_be_one_is_refused(town: Town) -> None:
    for wechat, field in (
        ({"openid": "o b c d e f g", "templates": [TEMPLATE]}, "reporter.wechat.openid"),
        ({"openid": OPENID, "templates": ["<x>"]}, "reporter.wechat.templates.0"),
        ({"openid": OPENID, "templates": [TEMPLATE] * 6}, "reporter.wechat.templates"),
    ):
        status, _, errors = problem(await town.report(a_drain(reporter={"wechat": wechat})))
        assert (status, errors[0][0]) == (422, field)


async def test_the_form_asks_whether_to_text_and_suggests_no_where_the_matter_is_sensitive(town: Town) -> None:
    usual = (await town.http.get("/c/wulibao?category=WAT.sewer_blocked")).text
    sensitive = (await town.http.get("/c/wulibao?category=DIS.domestic_violence")).text

    def checked(page: str) -> str:
        radios = [part for part in page.split("<input") if 'name="reporter.answer_by"' in part and " checked" in part]
        return "page" if 'value="page"' in radios[0] else "sms"

    assert (checked(usual), checked(sensitive)) == ("sms", "page")
    fields = {"description": "堵了", "place.building": "courtyard-51-b1", "reporter.phone": PHONE,
              "reporter.answer_by": "page"}  # fmt: skip
    answer = await town.http.post("/c/wulibao", data=fields)
    assert answer.status_code == 303
    [document] = await town.collection("reports").find().to_list()
    assert (await told(town, document["_id"], document["report"]["reporter_ref"]))["ways"] == []


async def test_a_case_that_waits_for_its_reporter_still_has_his_ways(town: Town) -> None:
    _, story = await a_case(town, a_drain(category=GONE, reporter=BY_PHONE))
    code, report = await reported(town)
    story.give(DUTY, cmd.AskInfo, question="哪一栋？")
    await follow(town, story)

    assert await kinds(town, story) == ["sms"]
    assert (await told(town, report.report_id, report.reporter_ref))["ways"] == [
        {"kind": "sms", "number": "13800138001"}
    ]
    assert code
