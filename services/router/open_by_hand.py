"""A case that staff open themselves: discovered on a walk, of a campaign, derived, or handed in by another body."""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.router.desk import Desk, FollowUp
from services.router.documents import Stored
from services.router.follow_ups import open_and_follow
from services.router.opening import open_reports
from services.router.told_report import Answers, Code, PlaceTold, unknown_answers
from shaoyin.adapters.problem import FieldError, Problem, field_errors, invalid, not_now
from shaoyin.adapters.scrub import scrub
from shaoyin.adapters.told import Instant
from shaoyin.domain.case import Refused
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Report, case_id_of

INTAKE = "intake"


class ByHand(BaseModel):
    """Nobody reported it, so nobody is called back; whoever speaks for a resident reports on his behalf at intake.

    `to_triage`: somebody looks first, for instance because it is being settled on the spot (row 10).
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    community: Code
    description: Annotated[str, Field(min_length=1, max_length=4000)]
    place: PlaceTold
    category: Code | None = None
    origin: Literal["discovered", "campaign", "derived", "transferred_in"] = "discovered"
    occurred_at: Instant | None = None
    answers: Answers = Field(default_factory=dict)
    opened_from: Annotated[str | None, Field(max_length=100)] = None
    to_triage: bool = False
    as_: Annotated[str | None, Field(alias="as", max_length=100)] = None


async def open_by_hand(desk: Desk, person: str, raw: object, key: str | None) -> Stored:
    """Raises Problem: 422 naming the field, 403 without the right to take matters in. A repeat gives the same case."""
    try:
        body = ByHand.model_validate(raw)
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    await desk.versions_of(())
    pack = desk.pack_of(body.community)
    if pack is None:
        raise invalid([FieldError("community", "unknown_community", {"community": body.community})])
    _check(body, pack)
    report = _report(desk, body, pack, person, key)
    case_id = case_id_of(report.report_id)
    wanted = {report.report_id: FollowUp(report, accepted=False)} if body.to_triage else None
    post = _post(person, body.as_, pack)
    try:
        new, _ = await open_reports(desk, [report], wanted=wanted, person=person, post=post.post_id)
    except Refused as refused:
        raise not_now(refused.code, refused.params, ()) from refused
    await open_and_follow(desk, new)
    found = (await desk.store.load([case_id])).get(case_id)
    if found is None:
        raise Problem(503, "engine_away", headers={"Retry-After": "1"})
    return found


def _check(body: ByHand, pack: Pack) -> None:
    wrong = []
    if not body.place.given().said:
        wrong.append(FieldError("place", "missing"))
    if body.category is not None and body.category not in pack.categories:
        wrong.append(FieldError("category", "unknown_category", {"category": body.category}))
    wrong += unknown_answers(body.answers, pack)
    if wrong:
        raise invalid(wrong)


def _post(person: str, said: str | None, pack: Pack) -> Post:
    """The post in which he opens it: one with the right `intake`, and he must say which where he holds several."""
    able = [post for post in pack.directory.posts_of(person) if pack.directory.has_right(post, INTAKE)]
    named = [post for post in able if said in (None, post.post_id)]
    if not named:
        raise Problem(403, "not_permitted", {"command": "open_case"})
    if len(named) > 1:
        posts = [post.post_id for post in named]
        raise Problem(422, "ambiguous_post", {"posts": posts}, members={"posts": posts})
    return named[0]


def _report(desk: Desk, body: ByHand, pack: Pack, person: str, key: str | None) -> Report:
    """Under an idempotency key the id is always the same, so a repeat meets the same document (mechanics 10)."""
    made = secrets.token_hex(12) if key is None else _id_of(person, body.community, key)
    return Report(
        report_id=f"rh{made}", community=pack.name, pack_version=pack.version, description=scrub(body.description),
        place=body.place.given(), received_at=desk.clock.now(), category=body.category, origin=body.origin,
        channel="staff", occurred_at=body.occurred_at, answers=body.answers, opened_from=body.opened_from,
    )  # fmt: skip


def _id_of(person: str, community: str, key: str) -> str:
    return hashlib.blake2b("\0".join((person, community, key)).encode(), digest_size=12).hexdigest()
