"""How a person wants to be told, over HTTP: his own wishes, and the browsers that ring for him."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from services.notify.addresses import personal
from services.notify.delivery_words import channel_name
from services.notify.notify import Notify, at_hand
from services.notify.preference_body import Around, PreferenceBody, checked, keys_set_up
from services.notify.preferences import SUBSCRIPTIONS_AT_MOST, Preference
from services.notify.push_subscriptions import PushSubscription, shown, web_push_of
from services.notify.push_subscriptions import checked as checked_subscription
from shaoyin.adapters.described import LANGUAGE, body, in_query, parameters, problems, spelt_out
from shaoyin.adapters.identity import signed_in
from shaoyin.adapters.problem import FieldError, field_errors, invalid
from shaoyin.adapters.web import Answer, language, staff_body
from shaoyin.adapters.words import Language

NO_STORE = {"Cache-Control": "no-store"}
WRITES = (400, 413, 415, 422)


class Which(BaseModel):
    """The id that subscribing answered."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]


def add_preferences(api: APIRouter) -> None:
    @api.get("/api/preferences", openapi_extra=parameters(LANGUAGE))
    async def preferences(request: Request) -> Answer:
        """The caller's own; `set_up` are the channels to choose from, `subscriptions` his browsers."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        return Answer(await _shown(notify, person, language(request)), headers=NO_STORE)

    @api.put(
        "/api/preferences", responses=problems(*WRITES),
        openapi_extra=body(spelt_out(PreferenceBody)) | parameters(LANGUAGE),
    )  # fmt: skip
    async def say(request: Request) -> Answer:
        """Replaces them; what is left out is as nobody said it. The same again changes nothing."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        around = Around(notify.senders, notify.packs, notify.clock.now())
        await notify.preferences.keep(checked(person, await staff_body(request), around))
        return Answer(await _shown(notify, person, language(request)), headers=NO_STORE)

    @api.get("/api/push-key", responses=problems(404))
    async def push_key(request: Request) -> Answer:
        """The `applicationServerKey` with which a browser subscribes (RFC 8292)."""
        notify = at_hand(request)
        await signed_in(request, notify.keys)
        return Answer({"key": web_push_of(notify.senders).public_key})

    @api.post(
        "/api/push-subscriptions", status_code=201, responses=problems(404, *WRITES),
        openapi_extra=body(spelt_out(PushSubscription)) | parameters(LANGUAGE),
    )  # fmt: skip
    async def subscribe(request: Request) -> Answer:
        """Takes what a browser's `subscription.toJSON()` gives. The same browser again is the same subscription."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        web_push = web_push_of(notify.senders)
        subscribed = checked_subscription(await staff_body(request), web_push, notify.real.now())
        if not await notify.preferences.subscribe(person, subscribed):
            raise invalid([FieldError("endpoint", "too_many_browsers", {"most": SUBSCRIPTIONS_AT_MOST})])
        return Answer({"id": subscribed.id}, 201, headers=NO_STORE)

    @api.delete(
        "/api/push-subscriptions", status_code=204, responses=problems(422), openapi_extra=parameters(*in_query(Which))
    )
    async def unsubscribe(request: Request) -> Response:
        """This browser rings no more for the caller; one that is not there any more is no error."""
        notify = at_hand(request)
        person = await signed_in(request, notify.keys)
        try:
            which = Which.model_validate(dict(request.query_params))
        except ValidationError as wrong:
            raise invalid(field_errors(wrong)) from wrong
        await notify.preferences.drop_subscription(person, which.id)
        return Response(status_code=204)


async def _shown(notify: Notify, person: str, spoken: Language) -> dict[str, object]:
    """Without what is not set up any more: to say the same again is always possible."""
    wishes = (await notify.preferences.of([person]))[person]
    set_up, keys = personal(notify.senders), keys_set_up(notify.senders)
    return {
        "channels": [each for each in wishes.channels if each in set_up],
        "addresses": {key: each for key, each in wishes.addresses.items() if key in keys},
        "quiet_hours": _quiet(wishes), "away": _away(notify, wishes), "set_up": set_up,
        "channel_names": {each: channel_name(each, spoken) for each in set_up}, "subscriptions": shown(wishes),
    }  # fmt: skip


def _quiet(wishes: Preference) -> dict[str, str] | None:
    if wishes.quiet is None:
        return None
    begins, ends = (each.isoformat("minutes") for each in wishes.quiet)
    return {"from": begins, "to": ends}


def _away(notify: Notify, wishes: Preference) -> dict[str, object] | None:
    """Once it is over it is not said any more."""
    if wishes.away_until is None or wishes.away_until <= notify.clock.now():
        return None
    return {"until": wishes.away_until, "stand_in": wishes.stand_in}
