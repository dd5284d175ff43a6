"""Asks intake, before each message, by which ways its reporter may be told (mechanics 29).

What intake says lives as long as the message takes: it is stored nowhere, and no text of an error holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notify.inner_client import client_of
from shaoyin.adapters.words import Language

WITHIN = timedelta(seconds=5)
NOT_LET_IN = (401, 403, 404)
"""Intake answers 404 to whoever does not show its token: the two services were given different ones."""


class IntakeAddress(BaseSettings):
    """Where intake is; it may be this very process."""

    model_config = SettingsConfigDict(env_prefix="SHAOYIN_", frozen=True, env_ignore_empty=True, extra="ignore")

    intake_url: str = Field("http://127.0.0.1:8000", pattern=r"^https?://")


class IntakeAway(Exception):  # noqa: N818 - said of intake: it did not say, and may say later
    """`code` says why: `intake_away`, `intake_refuses`, `intake_answer`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Way:
    """How a reporter may be told. The address is in no representation, so that no trace of an error has it."""

    kind: Literal["sms", "wechat"]
    address: str = field(repr=False)
    whose: str = field(default="", repr=False)
    """Of a consent in WeChat."""


@dataclass(frozen=True, slots=True)
class Contact:
    """In the reporter's order; no way at all for whoever left none."""

    ways: Sequence[Way] = ()
    language: Language = "zh-CN"


class _WaySaid(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    kind: Literal["sms", "wechat"]
    number: str = ""
    openid: str = ""
    whose: str = ""


class _ContactSaid(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    ways: list[_WaySaid]
    language: Language = "zh-CN"


class _TakenSaid(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    taken: bool


CONTACT, TAKEN = TypeAdapter(_ContactSaid), TypeAdapter(_TakenSaid)


def client_of_intake(address: str) -> httpx.AsyncClient:
    return client_of(address, WITHIN)


class Contacts:
    """Every call raises IntakeAway where intake did not say."""

    def __init__(self, intake: httpx.AsyncClient, token: str) -> None:
        self._intake = intake
        self._headers = {"Authorization": f"Bearer {token}"}

    async def of(self, answer: Mapping[str, str], template: str | None) -> Contact:
        """`template` is the one that a WeChat message of this answer would use. Intake records each look."""
        asked = {"reporter_ref": answer["ref"], "event": answer["event_id"], "message": answer["_id"]}
        said = await self._asked(_path(answer), asked if template is None else {**asked, "template": template})
        try:
            read = CONTACT.validate_json(said)
        except ValidationError:
            raise IntakeAway("intake_answer") from None
        ways = [Way(each.kind, each.number or each.openid, each.whose) for each in read.ways]
        return Contact([each for each in ways if each.address], read.language)

    async def take_consent(self, answer: Mapping[str, str], way: Way) -> bool:
        """Before the message; asked again for the same one, it still has its own. False: none is left."""
        return await self._consent(answer, {"whose": way.whose, "message": answer["_id"]})

    async def give_back(self, answer: Mapping[str, str], way: Way) -> None:
        """The message was certainly not sent."""
        await self._consent(answer, {"whose": way.whose, "message": answer["_id"], "give_back": True})

    async def _consent(self, answer: Mapping[str, str], asked: Mapping[str, object]) -> bool:
        said = await self._asked(f"{_path(answer)}/consents", asked)
        try:
            return TAKEN.validate_json(said).taken
        except ValidationError:
            raise IntakeAway("intake_answer") from None

    async def _asked(self, path: str, asked: Mapping[str, object]) -> bytes:
        try:
            answer = await self._intake.post(path, json=asked, headers=self._headers)
        except httpx.HTTPError:
            raise IntakeAway("intake_away") from None
        if answer.status_code in NOT_LET_IN:
            raise IntakeAway("intake_refuses")
        if answer.status_code != httpx.codes.OK:
            raise IntakeAway("intake_away")
        return answer.content


def _path(answer: Mapping[str, str]) -> str:
    return f"/api/intake/contacts/{quote(answer['report_id'], '')}"
