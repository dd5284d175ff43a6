"""Feishu's robot: checks the signature in the body, and counts to 5 a second and 100 a minute."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta

from shaoyin.adapters.clock import Clock
from tests.fakes.chat import Window, path_and_query, said
from tests.fakes.provider import Asked

TOKEN, SIGN_KEY = "f0000000-1111-2222-3333-444444444444", "Gh1234567890abcdefghij"
PATH = "/open-apis/bot/v2/hook/"


@dataclass
class Feishu:
    """`older` answers as before `code` was there. `refusing` is the code of every message from now on."""

    clock: Clock
    keyword: str = ""
    older: bool = False
    refusing: int | None = None
    received: list[str] = field(default_factory=list)
    _minute: Window = field(default_factory=lambda: Window(100, timedelta(minutes=1)))
    _second: Window = field(default_factory=lambda: Window(5, timedelta(seconds=1)))

    def takes(self, asked: Asked) -> bytes:
        path, _ = path_and_query(asked)
        if asked.method != "POST" or not path.startswith(PATH):
            return said(404)
        if path.removeprefix(PATH) != TOKEN:
            return said(code=19001, msg="param invalid: incoming webhook access token invalid", data={})
        body = self._readable(asked.body)
        if body is None:
            return said(400, code=9499, msg="Bad Request", data={})
        return self._takes_message(body)

    def _readable(self, raw: bytes) -> dict[str, str] | None:
        if len(raw) > 20_000:
            return None
        try:
            body = json.loads(raw)
            text = body["content"]["text"]
        except (ValueError, KeyError, TypeError):
            return None
        fits = body.get("msg_type") == "text" and isinstance(text, str)
        return {"at": str(body.get("timestamp")), "sign": str(body.get("sign")), "text": text} if fits else None

    def _takes_message(self, body: dict[str, str]) -> bytes:
        if not self._signed(body["at"], body["sign"]):
            why = "sign match fail or timestamp is not within one hour from current time"
            return said(code=19021, msg=why, data={})
        if self.refusing is not None:
            return said(code=self.refusing, msg="refused", data={})
        if self.keyword not in body["text"]:
            return said(code=19024, msg="Key Words Not Found", data={})
        now = self.clock.now()
        if not self._minute.has_room(now) or not self._second.take(now):
            return said(code=11232, msg="frequency limited", data={})
        self._minute.take(now)
        self.received.append(body["text"])
        if self.older:
            return said(StatusCode=0, StatusMessage="success", Extra=None)
        return said(code=0, msg="success", data={}, StatusCode=0, StatusMessage="success", Extra=None)

    def _signed(self, at: str, sign: str) -> bool:
        if not at.isdigit() or abs(int(at) - self.clock.now().timestamp()) > 3600:
            return False
        own = hmac.new(at.encode() + b"\n" + SIGN_KEY.encode(), digestmod=hashlib.sha256).digest()
        return hmac.compare_digest(sign, base64.b64encode(own).decode())
