"""Enrolment over HTTP on the in-memory twins: who sees it, who may, what is refused in which order, and repeats."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.router.seed_registrations import seed_registrations
from tests.services.registration_setup import Office, office

DUTY, SECRETARY, MEMBER = "p-jia-1", "p-jia-3", "p-new"


@pytest.fixture
async def here() -> AsyncIterator[Office]:
    async with office() as found:
        yield found


def code(answer: httpx.Response) -> tuple[int, str]:
    """The status, and the rule or the code."""
    body = answer.json()
    return answer.status_code, str(body.get("rule", body.get("code", "")))


def wrong(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(each["field"], each["code"]) for each in answer.json()["errors"]]


async def ids(here: Office, person: str, **query: Any) -> list[str]:
    answer = await here.get(person, **query)
    assert answer.status_code == 200, answer.text
    return [each["registration_id"] for each in answer.json()["items"]]


# Applying


async def test_a_member_applies_and_the_community_confirms(here: Office) -> None:
    answer = await here.apply(skills=["修水管"], free_times=["sat 09:00-12:00"], area_limits=["courtyard-51"])
    applied = answer.json()

    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert answer.headers["location"] == f"/api/registrations/{applied['registration_id']}"
    assert (applied["state"], applied["who"], applied["own"], applied["may"]) == ("applied", MEMBER, True, ["end"])

    confirmed = await here.command(
        SECRETARY, applied["registration_id"], "confirm", vetting="basic", vetted_until="2027-08-31"
    )

    body = confirmed.json()
    assert (confirmed.status_code, confirmed.headers["etag"]) == (200, '"3"')
    assert (body["state"], body["vetting"], body["vetted_until"]) == ("active", "basic", "2027-08-31")
    assert [each["by"] for each in body["timeline"]][:2] == [
        {"post": None, "own": True}, {"post": "secretary", "own": False},
    ]  # fmt: skip


async def test_the_same_application_twice_under_one_key_is_one_enrolment(here: Office) -> None:
    first, second = await here.apply(key="k1"), await here.apply(key="k1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(await ids(here, MEMBER)) == 1


async def test_a_repeat_is_answered_as_the_first_time_whatever_happened_since(here: Office) -> None:
    first = await here.apply(key="k1")
    await here.command(SECRETARY, first.json()["registration_id"], "confirm")

    again = await here.apply(key="k1")

    assert (again.json()["state"], again.headers["etag"]) == ("applied", '"1"')


async def test_a_key_belongs_to_its_body_and_its_person(here: Office) -> None:
    await here.apply(key="k1")

    assert code(await here.apply(key="k1", area="courtyard-51")) == (422, "idempotency_key_reused")
    assert (await here.apply("p-other", key="k1")).status_code == 201


async def test_who_is_enrolled_already_is_told_so(here: Office) -> None:
    await here.applied()

    answer = await here.apply(area="courtyard-51")

    assert code(answer) == (409, "already_registered")
    assert "片区" in answer.json()["detail"]


async def test_after_the_end_one_may_apply_again(here: Office) -> None:
    registration_id = await here.active()
    await here.command(MEMBER, registration_id, "end")

    assert (await here.apply()).status_code == 201


async def test_the_community_applies_on_behalf_and_nobody_else(here: Office) -> None:
    assert code(await here.apply("p-gui-9", who="p-old", on_behalf=True)) == (403, "not_permitted")
    assert code(await here.apply(DUTY, who="p-old")) == (403, "not_permitted")
    assert wrong(await here.apply(DUTY, on_behalf=True)) == [("who", "missing")]
    applied = await here.applied(DUTY, who="p-old", on_behalf=True)
    assert (applied["who"], applied["on_behalf"]) == ("p-old", True)
    assert await ids(here, "p-old") == [applied["registration_id"]]


async def test_a_unit_is_enrolled_by_the_post_that_speaks_for_it(here: Office) -> None:
    applied = await here.applied("p-ji-2", kind="unit")

    assert (applied["who"], applied["own"]) == ("hospital-duty", True)
    assert code(await here.apply("p-gui-9", kind="unit", who="hospital-duty")) == (403, "not_permitted")
    assert wrong(await here.apply("p-gui-9", kind="unit")) == [("who", "missing")]
    assert wrong(await here.apply("p-ji-2", kind="unit", who="secretary")) == [("who", "wrong_value")]


@pytest.mark.parametrize(
    ("said", "field", "why"),
    [
        ({"grade": "科长"}, "grade", "unknown_field"),
        ({"registration_id": "reg-01"}, "registration_id", "unknown_field"),
        ({"kind": "leader"}, "kind", "wrong_value"),
        ({"area": "nowhere"}, "area", "unknown_place"),
        ({"community": "nowhere"}, "community", "unknown_community"),
        ({"area_limits": ["courtyard-51", "nowhere"]}, "area_limits.1", "unknown_place"),
        ({"area": "courtyard-51", "area_limits": ["estate-kangning"]}, "area_limits.0", "wrong_value"),
        ({"free_times": ["evenings"]}, "free_times.0", "wrong_value"),
        ({"start": "2026-09-20T09:00:00+08:00"}, "start", "not_a_time"),
        ({"start": "2026-13-01"}, "start", "not_a_time"),
        ({"household": "13800138000"}, "household", "wrong_value"),
        ({"who": "王小明"}, "who", "wrong_value"),
        ({"at_home_only": "yes"}, "at_home_only", "wrong_type"),
        ({"skills": ["a"] * 21}, "skills", "too_long"),
    ],
)
async def test_what_cannot_be_is_named_field_by_field(
    here: Office, said: dict[str, object], field: str, why: str
) -> None:
    assert wrong(await here.apply(**said)) == [(field, why)]  # type: ignore[arg-type]


async def test_what_is_missing_is_named(here: Office) -> None:
    assert wrong(await here.post(MEMBER, "", {})) == [("kind", "missing"), ("area", "missing")]


async def test_a_telephone_number_in_free_words_is_taken_out(here: Office) -> None:
    applied = await here.applied(skills=["修灯 13800138000"])
    registration_id = str(applied["registration_id"])
    refused = await here.command(DUTY, registration_id, "refuse_registration", reason="请打13800138000")

    assert "13800138000" not in refused.text
    assert applied["skills"] == ["修灯 【已隐去】"]


# Who sees it


async def test_one_sees_the_own_enrolment_the_community_those_of_its_area_and_nobody_else_any(here: Office) -> None:
    registration_id = await here.active()

    for person, status in ((MEMBER, 200), (DUTY, 200), (SECRETARY, 200), ("p-gui-9", 404), ("p-bing-1", 404)):
        assert (await here.get(person, f"/{registration_id}")).status_code == status
        assert await ids(here, person) == ([registration_id] if status == 200 else [])
    assert code(await here.command("p-gui-9", registration_id, "end")) == (404, "not_found")
    assert code(await here.get(MEMBER, "/reg-unknown")) == (404, "not_found")


async def test_an_enrolment_above_the_posts_area_is_not_shown_to_it(here: Office) -> None:
    applied = await here.applied(area="wulibao")

    assert await ids(here, DUTY) == []
    assert (await here.get(DUTY, f"/{applied['registration_id']}")).status_code == 404


async def test_nobody_who_is_not_signed_in_gets_anything(here: Office) -> None:
    assert (await here.http.get("/api/registrations")).status_code == 401
    assert (await here.http.post("/api/registrations", json={})).status_code == 401


async def test_the_list_is_narrowed_by_state_kind_area_and_mine(here: Office) -> None:
    active = await here.active("p-one", area="courtyard-51")
    applied = str((await here.applied("p-two", kind="volunteer"))["registration_id"])
    own = str((await here.applied(DUTY))["registration_id"])

    assert set(await ids(here, DUTY)) == {active, applied, own}
    assert await ids(here, DUTY, state="active") == [active]
    assert set(await ids(here, DUTY, state="active,applied")) == {active, applied, own}
    assert await ids(here, DUTY, kind="volunteer") == [applied]
    assert await ids(here, DUTY, area="courtyard-51") == [active]
    assert await ids(here, DUTY, mine=True) == [own]
    assert wrong(await here.get(DUTY, state="lost")) == [("state", "wrong_value")]
    assert wrong(await here.get(DUTY, colour="red")) == [("colour", "unknown_field")]
    assert wrong(await here.get(DUTY, cursor="x")) == [("cursor", "wrong_value")]


async def test_a_list_goes_on_where_its_page_ended_newest_first(here: Office) -> None:
    made = []
    for number in range(5):
        made.append(str((await here.applied(f"p-{number}"))["registration_id"]))
        here.clock.forward(timedelta(minutes=number % 2))

    seen, cursor = [], ""
    while True:
        page = (await here.get(DUTY, most=2, **({"cursor": cursor} if cursor else {}))).json()
        seen += [each["registration_id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert (sorted(seen), seen[-2:]) == (sorted(made), sorted(made[:2]))


# What is refused, and in which order


async def test_not_permitted_comes_before_an_old_version_that_before_the_state_and_that_before_the_fields(
    here: Office,
) -> None:
    registration_id = await here.active()

    assert code(await here.command(MEMBER, registration_id, "confirm", match='"1"', x=1)) == (403, "not_permitted")
    assert code(await here.command(DUTY, registration_id, "confirm", match='"1"', x=1)) == (412, "version_moved")
    assert code(await here.command(DUTY, registration_id, "confirm", match='"3"', x=1)) == (409, "not_now")
    assert wrong(await here.command(DUTY, registration_id, "pause", match="3", x=1)) == [("x", "unknown_field")]
    assert (await here.command(DUTY, registration_id, "pause", match="3")).status_code == 200


async def test_a_refusal_says_the_rule_and_what_is_allowed(here: Office) -> None:
    registration_id = await here.active()

    answer = await here.command(DUTY, registration_id, "end")

    assert code(answer) == (409, "reason_missing")
    assert answer.json()["allowed"] == ["pause", "end"]


async def test_nobody_confirms_himself(here: Office) -> None:
    applied = await here.applied(SECRETARY)

    assert code(await here.command(SECRETARY, applied["registration_id"], "confirm")) == (409, "own_registration")
    assert (await here.command(DUTY, applied["registration_id"], "confirm")).status_code == 200


async def test_a_post_that_one_does_not_hold_is_not_permitted(here: Office) -> None:
    registration_id = await here.active()

    said = {"as": "secretary"}
    assert code(await here.post(DUTY, f"/{registration_id}/commands/pause", said)) == (403, "not_permitted")


async def test_an_unknown_command_is_not_found(here: Office) -> None:
    registration_id = await here.active()

    assert (await here.command(MEMBER, registration_id, "dance")).status_code == 404
    assert (await here.command(MEMBER, registration_id, "apply")).status_code == 404
    assert (await here.command(MEMBER, registration_id, "time_passed")).status_code == 404


async def test_a_command_twice_under_one_key_happens_once(here: Office) -> None:
    registration_id = await here.active()

    first = await here.command(MEMBER, registration_id, "pause", key="k1")
    await here.command(MEMBER, registration_id, "resume_registration")
    second = await here.command(MEMBER, registration_id, "pause", key="k1")

    assert (first.json()["state"], second.json()["state"], second.headers["etag"]) == ("paused", "paused", '"4"')
    assert (await here.get(MEMBER, f"/{registration_id}")).json()["state"] == "active"
    assert code(await here.command(MEMBER, registration_id, "end", key="k1")) == (422, "idempotency_key_reused")


async def test_a_refused_command_is_refused_again_under_its_key(here: Office) -> None:
    registration_id = str((await here.applied())["registration_id"])
    first = await here.command(MEMBER, registration_id, "pause", key="k1")
    await here.command(SECRETARY, registration_id, "confirm")

    assert code(first) == code(await here.command(MEMBER, registration_id, "pause", key="k1")) == (409, "not_now")
    assert (await here.command(MEMBER, registration_id, "pause", key="k2")).status_code == 200


async def test_of_a_seeded_pack_the_duty_post_sees_everybody(here: Office) -> None:
    await seed_registrations(here.desk)

    page = (await here.get(DUTY, most=200)).json()

    assert len(page["items"]) == 16
    assert await ids(here, "p-gui-9") == ["reg-09"]
