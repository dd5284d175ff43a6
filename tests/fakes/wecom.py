"""WeCom: an application with its token, which drops in silence what is too much, and the robots of groups."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shaoyin.adapters.clock import Clock
from tests.fakes.chat import Window, path_and_query, said
from tests.fakes.provider import Asked

CORP_ID, SECRET, AGENT_ID = "ww0123456789abcdef", "s" * 43, 1000002
ROBOT_KEY = "00000000-1111-2222-3333-444444444444"
LASTS = timedelta(seconds=7200)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass
class Wecom:
    """`refusing` is the errcode of every message from now on."""

    clock: Clock
    members: set[str] = field(default_factory=lambda: {"anon01"})
    unlicensed: set[str] = field(default_factory=set)
    refusing: int | None = None
    received: list[str] = field(default_factory=list)
    fetched: int = 0
    _token_until: datetime | None = None
    _over: set[str] = field(default_factory=set)
    _minutes: dict[str, Window] = field(default_factory=lambda: defaultdict(lambda: Window(30, MINUTE)))
    _hours: dict[str, Window] = field(default_factory=lambda: defaultdict(lambda: Window(1000, HOUR)))
    _robot: Window = field(default_factory=lambda: Window(20, MINUTE))

    def takes(self, asked: Asked) -> bytes:
        path, query = path_and_query(asked)
        if (asked.method, path) == ("GET", "/cgi-bin/gettoken"):
            return self._gives_token(query)
        if (asked.method, path) == ("POST", "/cgi-bin/message/send"):
            return self._takes_message(query, json.loads(asked.body))
        if (asked.method, path) == ("POST", "/cgi-bin/webhook/send"):
            return self._takes_for_group(query, json.loads(asked.body))
        return said(404)

    def end_token(self) -> None:
        """Before its time, as WeCom may."""
        self._over.add(self._token())
        self._token_until = None

    def _token(self) -> str:
        return f"token-{self.fetched}"

    def _gives_token(self, query: dict[str, str]) -> bytes:
        if query.get("corpid") != CORP_ID:
            return said(errcode=40013, errmsg="invalid corpid")
        if query.get("corpsecret") != SECRET:
            return said(errcode=40001, errmsg="invalid credential")
        self.fetched += 1
        self._token_until = self.clock.now() + LASTS
        return said(errcode=0, errmsg="ok", access_token=self._token(), expires_in=int(LASTS.total_seconds()))

    def _takes_message(self, query: dict[str, str], body: dict[str, object]) -> bytes:
        token = query.get("access_token", "")
        late = self._token_until is not None and self.clock.now() >= self._token_until
        if token in self._over or (token == self._token() and late):
            return said(errcode=42001, errmsg="access_token expired")
        if token != self._token() or self._token_until is None:
            return said(errcode=40014, errmsg="invalid access_token")
        if self.refusing is not None:
            return said(errcode=self.refusing, errmsg="refused, hint: [1], from ip: 192.0.2.1")
        if body.get("agentid") != AGENT_ID:
            return said(errcode=301002, errmsg="not allow operate another agent with this accesstoken")
        asked_for = str(body.get("touser")).lower().split("|")
        known = [member for member in asked_for if member in self.members]
        if not known:
            return said(errcode=81013, errmsg="user & party & tag all invalid")
        for member in known:
            self._drops_or_keeps(member, body)
        unknown = [member for member in asked_for if member not in self.members]
        licences = [member for member in known if member in self.unlicensed]
        return said(
            errcode=0, errmsg="ok", invaliduser="|".join(unknown), unlicenseduser="|".join(licences), msgid="m-1"
        )

    def _drops_or_keeps(self, member: str, body: dict[str, object]) -> None:
        now = self.clock.now()
        if member in self.unlicensed or not self._hours[member].has_room(now) or not self._minutes[member].take(now):
            return
        self._hours[member].take(now)
        self.received.append(_text(body).encode()[:2048].decode(errors="ignore"))

    def _takes_for_group(self, query: dict[str, str], body: dict[str, object]) -> bytes:
        if query.get("key") != ROBOT_KEY:
            return said(errcode=93000, errmsg="invalid webhook url, hint: [1], from ip: 192.0.2.1")
        if self.refusing is not None:
            return said(errcode=self.refusing, errmsg="refused, hint: [1], from ip: 192.0.2.1")
        kind = body.get("msgtype")
        if kind not in ("text", "markdown"):
            return said(errcode=40008, errmsg="invalid message type")
        content = _text(body)
        if not 0 < len(content.encode()) <= (2048 if kind == "text" else 4096):
            return said(errcode=40058, errmsg="content exceed max length")
        if not self._robot.take(self.clock.now()):
            return said(errcode=45009, errmsg="api freq out of limit")
        self.received.append(content)
        return said(errcode=0, errmsg="ok")


def _text(body: dict[str, object]) -> str:
    part = body[str(body["msgtype"])]
    assert isinstance(part, dict)
    return str(part["content"])
