"""Acting from an alert: the command it offers goes to the router under the caller's own token, and its answer back.

What is allowed the router alone decides; here nothing is but the address and the name of the command.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import httpx
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.requests import Request
from starlette.responses import Response

from services.notify.inbox import Inbox
from services.notify.inner_client import client_of
from services.notify.wording import offered
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.identity import bearer
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import FieldError, Problem, invalid
from shaoyin.adapters.web import idempotency_key

WITHIN = timedelta(seconds=10)
PASSED_ON = ("accept-language", "if-match")
PASSED_BACK = ("content-type", "content-language", "etag", "retry-after")
REFUSED = 409
"""A rule forbids it now; the alert was seen all the same."""


class RouterAddress(BaseSettings):
    """Where the router is; it may be this very process."""

    model_config = SettingsConfigDict(env_prefix="SHAOYIN_", frozen=True, env_ignore_empty=True)

    router_url: str = Field("http://127.0.0.1:8000", pattern=r"^https?://")


def client_of_router(address: str) -> httpx.AsyncClient:
    return client_of(address, WITHIN)


@dataclass(frozen=True)
class Act:
    inbox: Inbox
    router: httpx.AsyncClient
    clock: Clock

    async def act(self, person: str, alert_id: str, fields: Mapping[str, object], request: Request) -> Response:
        """The router's status and body, whatever they are; also where somebody was faster, for then it says so.

        Raises Problem: 404 not this person's alert, 409 it asks for nothing, 503 the router does not answer.
        """
        document = await self.inbox.own(person, alert_id)
        offer = offered(document)
        if offer is None:
            raise Problem(409, "nothing_to_act_on", {"number": document["number"]})
        answer = await self._give(address(document, str(offer["command"])), alert_id, _merged(offer, fields), request)
        if answer.is_success or answer.status_code == REFUSED:
            await self.inbox.read(person, alert_id, self.clock.now())
        headers = {name: answer.headers[name] for name in PASSED_BACK if name in answer.headers}
        return Response(answer.content, answer.status_code, headers={**headers, "Cache-Control": "no-store"})

    async def _give(
        self, address: str, alert_id: str, fields: Mapping[str, object], request: Request
    ) -> httpx.Response:
        """Each press has a key of its own, so a refusal of an earlier one is not said again; a caller that repeats
        one press says so with its own key. Pressed twice, the second finds it done.
        """
        passed_on = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        key = idempotency_key(request) or f"alert-{alert_id}-{secrets.token_hex(8)}"
        own = {"authorization": f"Bearer {bearer(request)}", "idempotency-key": key}
        try:
            return await self.router.post(address, json=dict(fields), headers={**passed_on, **own})
        except httpx.TransportError as away:
            raise Problem(503, "engine_away", headers={"Retry-After": "5"}) from away


def address(document: Document, command: str) -> str:
    """Where the router takes commands on what the alert is about."""
    registration_id = document.get("registration_id")
    kind, about = ("cases", document["case_id"]) if registration_id is None else ("registrations", registration_id)
    return f"/api/{kind}/{quote(about, '')}/commands/{quote(command, '')}"


def _merged(offer: Mapping[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    """The offer names its object; whoever says another one means another alert. Raises Problem 422."""
    own = offer["fields"]
    assert isinstance(own, dict)
    wrong = [name for name, value in own.items() if fields.get(name, value) != value]
    if wrong:
        raise invalid([FieldError(name, "wrong_value", {"expected": own[name]}) for name in wrong])
    return {**fields, **own}
