"""Who reads and changes the rules in a browser: his token in a cookie that no script reads, a seal in every form."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from services.router.rules_officers import APPROVES, HANDS_IN, may
from shaoyin.adapters.identity import signed_out
from shaoyin.adapters.problem import Problem
from shaoyin.domain.pack import Pack

if TYPE_CHECKING:
    from services.router.app import Router

COOKIE = "rules"
TOKEN_AT_MOST = 3800
"""A browser keeps cookies of four kilobytes, name and settings included."""
SEAL = "seal"


@dataclass(frozen=True, slots=True)
class Visitor:
    """`seal` is what only the pages made for him know: a form without it was sent by another site."""

    person: str
    seal: str

    def check(self, values: Mapping[str, Sequence[str]]) -> None:
        """Raises Problem 403."""
        said = "".join(values.get(SEAL, ()))
        if not hmac.compare_digest(said.encode(), self.seal.encode()):
            raise Problem(403, "not_this_page")

    def hands_in(self, pack: Pack) -> bool:
        return may(HANDS_IN, self.person, pack)

    def approves(self, pack: Pack) -> bool:
        return may(APPROVES, self.person, pack)


async def visitor(request: Request, router: Router) -> Visitor:
    """Raises Problem 401, and what asking for the issuer's keys raises."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        raise signed_out()
    person = await router.keys.person(token)
    return Visitor(person, hashlib.blake2b(token.encode(), person=b"rules page", digest_size=16).hexdigest())


def let_in(answer: Response, token: str, *, secure: bool) -> None:
    """Until the browser is closed, or the token has run out; at the pages of the rules alone."""
    answer.set_cookie(COOKIE, token, path="/rules", httponly=True, secure=secure, samesite="lax")


def let_out(answer: Response) -> None:
    answer.delete_cookie(COOKIE, path="/rules")
