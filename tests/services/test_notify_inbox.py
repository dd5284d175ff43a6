"""A person's inbox: his alone, in his language, newest first; and the log of who was told of a case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.notify.deliveries import READ_OR_NOT, Deliveries
from shaoyin.adapters.mongo import Document
from shaoyin.domain import commands as cmd
from tests.domain.town import MORNING, SECRETARY, members
from tests.services.notify_setup import Office, a_story, office

DUTY_PERSON, OUTSIDER = "p-jia-1", "p-gui-12"


@pytest.fixture
async def here(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(mongo_url, mongo_name, tmp_path) as found:
        yield found


async def raised(here: Office, *numbers: int) -> None:
    for number in numbers:
        await a_story(number).send(here.bus)
        await here.all_raised()
        here.clock.forward(timedelta(minutes=1))


async def test_an_alert_is_written_in_the_language_of_its_reader(here: Office) -> None:
    await raised(here, 1)

    (chinese,) = await here.inbox(DUTY_PERSON, "zh-CN")
    (english,) = await here.inbox(DUTY_PERSON, "en")

    assert chinese["title"] == "新派单:下水道堵塞"
    assert "51号院1号楼,下水道堵塞。请签收,办结期限2026年9月15日 09:30。" in str(chinese["body"])
    assert str(english["title"]).startswith("New case: ")
    assert "15 Sep 2026, 09:30" in str(english["body"])


async def test_the_newest_alert_comes_first_and_the_next_page_goes_on_where_the_last_ended(here: Office) -> None:
    await raised(here, 1, 2, 3)

    first = (await here.get(DUTY_PERSON, "/api/inbox?most=2")).json()
    second = (await here.get(DUTY_PERSON, f"/api/inbox?most=2&cursor={first['next']}")).json()

    assert [item["case_id"] for item in (*first["items"], *second["items"])] == ["c3", "c2", "c1"]
    assert (first["unread"], second["next"]) == (3, None)


async def test_what_was_read_is_no_longer_unread_and_the_first_reading_stays(here: Office) -> None:
    await raised(here, 1, 2)
    one = (await here.inbox(DUTY_PERSON))[0]

    read = await here.post(DUTY_PERSON, f"/api/inbox/{one['alert_id']}/read")
    here.clock.forward(timedelta(hours=1))
    again = await here.post(DUTY_PERSON, f"/api/inbox/{one['alert_id']}/read")
    unread = (await here.get(DUTY_PERSON, "/api/inbox?unread=true")).json()

    assert read.status_code == 200
    assert read.json()["read_at"] == again.json()["read_at"] == "2026-09-14T01:32:00Z"
    assert [item["case_id"] for item in unread["items"]] == ["c1"]
    assert unread["unread"] == 1


async def test_somebody_elses_alert_is_not_there(here: Office) -> None:
    await raised(here, 1)
    (mine,) = await here.inbox(DUTY_PERSON)

    for what in ("read", "act"):
        answer = await here.post("p-jia-3", f"/api/inbox/{mine['alert_id']}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_without_a_token_nothing_is_told(here: Office) -> None:
    for call in (
        "GET /api/inbox", "POST /api/inbox/a1/read", "POST /api/inbox/a1/act", "GET /api/deliveries?case=c1",
        "GET /api/stream", "POST /api/stream/tickets",
    ):  # fmt: skip
        answer = await here.http.request(*call.split())

        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), call


async def test_a_wrong_or_unknown_filter_is_refused_with_its_name(here: Office) -> None:
    for query in (
        "most=0", "most=1000", "cursor=x", "cursor=%7B%22%24gt%22%3A1%7D", "unread=perhaps", "person=p-jia-3"
    ):  # fmt: skip
        answer = await here.get(DUTY_PERSON, f"/api/inbox?{query}")

        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


async def test_an_alert_the_pack_has_no_words_for_still_says_which_case(here: Office) -> None:
    await raised(here, 1)
    await here.notify.deliveries.collection.update_many({}, {"$set": {"kind": "kind_of_tomorrow"}})

    (item,) = await here.inbox(DUTY_PERSON, "en")

    assert item["title"] == "News of case N1"


async def test_the_log_of_a_case_shows_every_try_to_those_who_may_read_the_case(here: Office) -> None:
    await raised(here, 1)

    log = (await here.get("p-bing-1", "/api/deliveries?case=c1")).json()["items"]

    assert {(each["post"], each["recipient"], each["channel"], each["state"]) for each in log} == {
        ("duty", "p-jia-1", "in_app", "delivered"), ("grid-1-lead", "p-yi-1", "in_app", "delivered"),
        ("secretary", "p-jia-3", "in_app", "delivered"), ("deputy", "p-jia-4", "in_app", "delivered"),
    }  # fmt: skip
    assert log[0]["attempts"] == [
        {
            "at": "2026-09-14T01:30:00Z", "outcome": "delivered", "code": "in_inbox", "next_at": None,
            "outcome_said": "已送达", "said": "已放进站内收件箱。",
        }
    ]  # fmt: skip


async def test_to_others_the_log_of_a_case_is_not_there(here: Office) -> None:
    await raised(here, 1)

    for person in (OUTSIDER, "p-geng-1", "p-yi-3", "nobody"):
        assert (await here.get(person, "/api/deliveries?case=c1")).status_code == 404
    assert (await here.get(OUTSIDER, "/api/deliveries?case=unknown")).json() == {"items": [], "next": None}


async def test_who_helps_is_told_to_nobody_but_himself(here: Office) -> None:
    story = a_story()
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="c1-w2", starts_at=MORNING + timedelta(hours=5))
    await story.send(here.bus)
    await here.all_raised()
    one = members(story.pack)[0]

    own = (await here.get(one, "/api/deliveries?case=c1")).json()["items"]
    staff = (await here.get(DUTY_PERSON, "/api/deliveries?case=c1")).json()["items"]

    def called(log: list[dict[str, object]]) -> set[object]:
        return {each["recipient"] for each in log if each["kind"] == "member_called"}

    assert called(own) == {one, "member"}
    assert called(staff) == {"member"}


async def test_the_lists_are_read_from_indexes(here: Office) -> None:
    await raised(here, 1)
    wanted: list[tuple[Document, Document]] = [
        ({"person": DUTY_PERSON, "unread": READ_OR_NOT, "stream_id": {"$lt": "9"}}, {"stream_id": -1}),
        ({"person": DUTY_PERSON, "unread": READ_OR_NOT, "stream_id": {"$gt": "9"}}, {"stream_id": 1}),
        ({"person": DUTY_PERSON, "unread": True}, {"stream_id": -1}),
        ({"case_id": "c1", "stream_id": {"$gt": ""}}, {"stream_id": 1}),
        ({"unpublished_at": {"$type": "date", "$lte": MORNING}}, {"unpublished_at": 1}),
        ({"unread": True, "level": "critical"}, {"raised_at": 1}),
    ]
    for where, order in wanted:
        plan = await here.notify.database.command({"explain": {"find": "alerts", "filter": where, "sort": order}})
        chosen = str(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in chosen, where
        assert "'SORT'" not in chosen, where


async def test_both_drivers_keep_and_show_the_same(mongo_url: str, mongo_name: str, tmp_path: Path) -> None:
    async with office(mongo_url, mongo_name, tmp_path, driver="pymongo") as here:
        assert type(here.notify.deliveries) is Deliveries
        await raised(here, 1, 1)

        assert await here.kinds(DUTY_PERSON) == ["new_case"]
