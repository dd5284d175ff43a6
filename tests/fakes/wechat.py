"""WeChat: the stable token, and subscription messages: one for each consent, each parameter of the form of its kind."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shaoyin.adapters.clock import Clock
from tests.fakes.chat import path_and_query, said
from tests.fakes.provider import Asked

APP_ID, SECRET = "wx0123456789abcdef", "0123456789abcdef" * 2
OPENID = "oExample_openid-0123456789AB"
TEMPLATES = {
    "T-progress" + "0" * 33: {"character_string1", "thing2", "time3"},
    "T-result" + "0" * 35: {"character_string1", "thing2"},
}
LASTS = timedelta(seconds=7200)
BEFORE_ITS_END = timedelta(minutes=5)
FORMS = {
    "thing": r".{1,20}", "character_string": r"[\x20-\x7e]{1,32}", "number": r"[0-9]{1,32}",
    "phrase": r"[\u4e00-\u9fff]{1,5}", "time": r"([0-9]{4}年)?([0-9]{1,2}月[0-9]{1,2}日 )?[0-9]{1,2}:[0-9]{2}",
}  # fmt: skip


@dataclass
class Lent:
    text: str
    until: datetime


@dataclass
class Wechat:
    """`consents`: how many messages of a template a person may still get. `refusing`: every message's errcode."""

    clock: Clock
    consents: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusing: int | None = None
    refusing_tokens: int | None = None
    pages: frozenset[str] = frozenset({"pages/progress/index"})
    received: list[dict[str, Any]] = field(default_factory=list)
    fetched: int = 0
    _lent: list[Lent] = field(default_factory=list)

    def consent(self, times: int = 1) -> None:
        self.consents.update({(OPENID, template): times for template in TEMPLATES})

    def takes(self, asked: Asked) -> bytes:
        path, query = path_and_query(asked)
        if asked.method != "POST":
            return said(errcode=43002, errmsg="require POST method")
        match path:
            case "/cgi-bin/stable_token":
                return self._lends(json.loads(asked.body))
            case "/cgi-bin/message/subscribe/send" | "/cgi-bin/message/subscribe/bizsend":
                return self._sends(query, json.loads(asked.body))
            case _:
                return said(404)

    def end_token(self) -> None:
        """As another who refreshes by force may."""
        self._lent.clear()

    def _lends(self, body: dict[str, Any]) -> bytes:
        self.fetched += 1
        if self.refusing_tokens is not None:
            return said(errcode=self.refusing_tokens, errmsg="refused rid: 1-2-3")
        if body.get("grant_type") != "client_credential" or body.get("appid") != APP_ID:
            return said(errcode=40013, errmsg="invalid appid rid: 1-2-3")
        if body.get("secret") != SECRET:
            return said(errcode=40125, errmsg="invalid appsecret rid: 1-2-3")
        now = self.clock.now()
        if not self._lent or self._lent[-1].until - now <= BEFORE_ITS_END:
            self._lent.append(Lent(f"stable-{len(self._lent)}-{now.timestamp():.0f}", now + LASTS))
        last = self._lent[-1]
        return said(access_token=last.text, expires_in=int((last.until - now).total_seconds()))

    def _sends(self, query: dict[str, str], body: dict[str, Any]) -> bytes:
        now = self.clock.now()
        if query.get("access_token") not in {each.text for each in self._lent if now < each.until}:
            return said(errcode=40001, errmsg="invalid credential, access_token is invalid or not latest")
        code = self.refusing if self.refusing is not None else self._refused(body)
        if code:
            return said(errcode=code, errmsg=f"refused {body.get('touser')} rid: 1-2-3")
        self.consents[body["touser"], body["template_id"]] -= 1
        self.received.append(body)
        return said(errcode=0, errmsg="ok")

    def _refused(self, body: dict[str, Any]) -> int:
        wanted = TEMPLATES.get(body.get("template_id", ""))
        if wanted is None:
            return 40037
        if body.get("touser") not in {openid for openid, _ in self.consents} | {OPENID}:
            return 40003
        page = body.get("page")
        if page is not None and page not in self.pages and not page.startswith("https://"):
            return 41030
        if set(body["data"]) != wanted or not all(_fits(name, each["value"]) for name, each in body["data"].items()):
            return 47003
        return 0 if self.consents[body["touser"], body["template_id"]] > 0 else 43101


def _fits(name: str, value: str) -> bool:
    return re.fullmatch(FORMS[name.rstrip("0123456789")], value) is not None
