"""DingTalk's robot: checks the signature, counts to 20 a minute, and blocks for ten minutes whoever goes beyond."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shaoyin.adapters.clock import Clock
from tests.fakes.chat import Window, path_and_query, said
from tests.fakes.provider import Asked, answer

TOKEN, SIGN_KEY = "d" * 64, "SEC" + "e" * 64
BLOCK = timedelta(minutes=10)


@dataclass
class Dingtalk:
    """`keyword`, where set, must stand in every text. `refusing` is the errcode of every message from now on."""

    clock: Clock
    keyword: str = ""
    refusing: int | None = None
    received: list[str] = field(default_factory=list)
    _window: Window = field(default_factory=lambda: Window(20, timedelta(minutes=1)))
    _blocked_until: datetime | None = None

    def takes(self, asked: Asked) -> bytes:
        path, query = path_and_query(asked)
        if path != "/robot/send":
            return said(404)
        if asked.method != "POST":
            return said(errcode=43002, errmsg="需要POST请求")
        if not asked.headers.get("content-type", "").startswith("application/json"):
            return said(errcode=43004, errmsg="无效的HTTP HEADER Content-Type")
        if not query.get("access_token"):
            return said(errcode=40035, errmsg="缺少参数 access_token")
        if query["access_token"] != TOKEN:
            return said(errcode=300005, errmsg="token is not exist")
        return self._takes_message(query, asked.body)

    def _takes_message(self, query: dict[str, str], raw: bytes) -> bytes:
        now = self.clock.now()
        if self._blocked_until is not None and now < self._blocked_until:
            return answer(302, location="https://punish.example/")
        if not self._signed(query):
            return said(errcode=310000, errmsg="sign not match")
        if self.refusing is not None:
            return said(errcode=self.refusing, errmsg="refused, ip 192.0.2.1")
        if len(raw) > 20_000:
            return said(errcode=460101, errmsg="message too long, exceed 20000 bytes")
        content = json.loads(raw)["text"]["content"]
        if self.keyword not in content:
            return said(errcode=310000, errmsg="keywords not in content")
        if not self._window.take(now):
            self._blocked_until = now + BLOCK
            return said(errcode=130101, errmsg="send too fast, exceed 20 times per minute")
        self.received.append(content)
        return said(errcode=0, errmsg="ok")

    def _signed(self, query: dict[str, str]) -> bool:
        at = query.get("timestamp", "")
        if not at.isdigit() or abs(int(at) / 1000 - self.clock.now().timestamp()) > 3600:
            return False
        own = hmac.new(SIGN_KEY.encode(), at.encode() + b"\n" + SIGN_KEY.encode(), hashlib.sha256).digest()
        return hmac.compare_digest(query.get("sign", ""), base64.b64encode(own).decode())
