"""Robots of group chats: an address is the name a group has in the settings, and leads to the keys of its robot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import httpx
from pydantic import SecretStr

from services.notify.channels.calls import client_of
from services.notify.channels.keys import WrongKey
from services.notify.channels.sender import Said

NOT_SET_UP = Said("unknown_address", "robot_not_set_up")
TOO_LONG = Said("refused", "too_long")


@dataclass(frozen=True, slots=True)
class Robot:
    """What the provider's page shows when a robot is made: what stands in its address, and what signs."""

    token: SecretStr
    sign_key: SecretStr


def named(setting: str, robots: Mapping[str, object]) -> None:
    if not robots or not all(name.strip() for name in robots):
        raise WrongKey(setting, "至少一个群,各有名称 / at least one group, each with a name")


def client_for(setting: str, base_url: str) -> httpx.AsyncClient:
    """Keys travel in the address: only https, or this machine itself."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if not url.host or not (url.scheme == "https" or (url.scheme == "http" and _here(url.host))):
        raise WrongKey(setting, "须为 https 地址 / must be an https address")
    return client_of(base_url)


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
