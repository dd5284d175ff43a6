"""What a person says of how to be told, checked as a whole: every wrong field is named, and no address repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.notify.addresses import ADDRESS_OF, LONGEST, WEB_PUSH, WrongForm, as_kept, personal
from services.notify.channels.sender import Sender
from services.notify.preferences import Preference
from shaoyin.adapters.problem import FieldError, field_errors, invalid
from shaoyin.adapters.told import Instant
from shaoyin.domain.pack import Pack

QUIET_AT_MOST = timedelta(hours=12)
AWAY_AT_MOST = timedelta(days=366)
READ_ONLY = frozenset({"set_up", "channel_names", "subscriptions"})
"""What is shown beside it may come back, and says nothing."""
Clock = Annotated[str, Field(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]
Said = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class Quiet(BaseModel):
    """The community's local time; over midnight where it ends before it begins."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: Annotated[Clock, Field(alias="from")]
    to: Clock


class Away(BaseModel):
    model_config = ConfigDict(extra="forbid")

    until: Instant
    stand_in: Annotated[str, Field(min_length=1, max_length=200)]


class PreferenceBody(BaseModel):
    """What is left out is as nobody said it: the usual order, no address, the usual quiet hours, not away."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    channels: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=20)] = Field(default_factory=list)
    addresses: dict[str, Said] = Field(default_factory=dict)
    quiet_hours: Quiet | None = None
    away: Away | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What the wishes of a person are checked against."""

    senders: Mapping[str, Sender]
    packs: Mapping[str, Pack]
    now: datetime


def checked(person: str, raw: Mapping[str, object], around: Around) -> Preference:
    """Raises Problem 422, naming every field."""
    try:
        body = PreferenceBody.model_validate({name: each for name, each in raw.items() if name not in READ_ONLY})
    except ValidationError as wrong:
        raise invalid(field_errors(wrong)) from wrong
    wrongs = [*_wrong_addresses(body, around), *_wrong_channels(body, around), *_wrong_quiet(body)]
    wrongs += _wrong_away(person, body, around)
    if wrongs:
        raise invalid(wrongs)
    addresses = {key: as_kept(key, said, around.senders) for key, said in body.addresses.items()}
    wishes = Preference(person, tuple(body.channels), addresses, quiet=_times(body.quiet_hours))
    return wishes if body.away is None else replace(wishes, away_until=body.away.until, stand_in=body.away.stand_in)


def keys_set_up(senders: Mapping[str, Sender]) -> frozenset[str]:
    """Under which names an address is of any use here."""
    return frozenset(ADDRESS_OF[channel] for channel in personal(senders) if channel in ADDRESS_OF)


def _wrong_addresses(body: PreferenceBody, around: Around) -> Iterator[FieldError]:
    known = keys_set_up(around.senders)
    for key, said in body.addresses.items():
        if key not in known:
            yield _not_set_up(f"addresses.{key}", key, known)
            continue
        try:
            as_kept(key, said, around.senders)
        except WrongForm as wrong:
            yield FieldError(f"addresses.{key}", str(wrong))


def _wrong_channels(body: PreferenceBody, around: Around) -> Iterator[FieldError]:
    known, seen = personal(around.senders), set[str]()
    for number, channel in enumerate(body.channels):
        field = f"channels.{number}"
        if channel not in known:
            yield _not_set_up(field, channel, frozenset(known))
        elif channel in seen:
            yield FieldError(field, "said_twice", {"value": channel})
        elif channel != WEB_PUSH and ADDRESS_OF[channel] not in body.addresses:
            yield FieldError(field, "no_address", {"key": ADDRESS_OF[channel]})
        seen.add(channel)


def _not_set_up(field: str, said: str, known: frozenset[str]) -> FieldError:
    return FieldError(field, "channel_not_set_up", {"channel": said, "set_up": known or None})


def _times(quiet: Quiet | None) -> tuple[time, time] | None:
    return None if quiet is None else (time.fromisoformat(quiet.from_), time.fromisoformat(quiet.to))


def _wrong_quiet(body: PreferenceBody) -> Iterator[FieldError]:
    times = _times(body.quiet_hours)
    if times is None:
        return
    begins, ends = (timedelta(hours=each.hour, minutes=each.minute) for each in times)
    lasts = (ends - begins) % timedelta(days=1)
    if not lasts:
        yield FieldError("quiet_hours.to", "same_time")
    if lasts > QUIET_AT_MOST:
        yield FieldError("quiet_hours.to", "quiet_too_long", {"most": QUIET_AT_MOST // timedelta(hours=1)})


def _wrong_away(person: str, body: PreferenceBody, around: Around) -> Iterator[FieldError]:
    if body.away is None:
        return
    if body.away.until <= around.now:
        yield FieldError("away.until", "already_past")
    elif body.away.until - around.now > AWAY_AT_MOST:
        yield FieldError("away.until", "too_far_away", {"most": AWAY_AT_MOST.days})
    if body.away.stand_in == person:
        yield FieldError("away.stand_in", "yourself")
    elif not any(_colleagues(pack, person, body.away.stand_in) for pack in around.packs.values()):
        yield FieldError("away.stand_in", "not_a_colleague")


def _colleagues(pack: Pack, *persons: str) -> bool:
    """Whoever stands in has to be somebody there: all hold a post of the community, or deputise for one."""
    return all(pack.directory.posts_of(person) for person in persons)
