"""Who may report how: the public form is open to all; every other door needs a post with the right to take in."""

from __future__ import annotations

from starlette.requests import Request

from services.intake.report_body import FORM, ReportBody
from shaoyin.adapters.identity import Keys, signed_in
from shaoyin.adapters.problem import Problem
from shaoyin.domain.pack import Pack
from shaoyin.domain.triage import SERVICE_POST

INTAKE = "intake"


async def let_in(request: Request, keys: Keys, body: ReportBody, pack: Pack) -> str | None:
    """Mechanics 30. The post that takes it down, at a walk-in desk the desk's own; None for the public form.

    Raises Problem: 401 without a valid token, 403 `not_permitted` without such a post.
    """
    if body.channel == FORM and not body.on_behalf:
        return None
    person = await signed_in(request, keys)
    posts = [post for post in pack.directory.posts_of(person) if pack.directory.has_right(post, INTAKE)]
    if not posts:
        raise Problem(403, "not_permitted")
    desks = [post for post in posts if body.channel == SERVICE_POST and post.kind == SERVICE_POST]
    return (desks or posts)[0].post_id
