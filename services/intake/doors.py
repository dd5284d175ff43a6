"""Who may report how: the public form is open to all; every other door needs a post with the right to take in."""

from __future__ import annotations

from starlette.requests import Request

from services.intake.report_body import FORM, ReportBody
from shaoyin.adapters.identity import Keys, signed_in
from shaoyin.adapters.problem import Problem
from shaoyin.domain.pack import Pack

INTAKE = "intake"


async def let_in(request: Request, keys: Keys, body: ReportBody, pack: Pack) -> None:
    """Mechanics 30. Raises Problem: 401 without a valid token, 403 `not_permitted` without such a post."""
    if body.channel == FORM and not body.on_behalf:
        return
    person = await signed_in(request, keys)
    if not any(pack.directory.has_right(post, INTAKE) for post in pack.directory.posts_of(person)):
        raise Problem(403, "not_permitted")
