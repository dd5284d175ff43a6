"""Which channels are set up: read from the environment or from secret files, and refused at the start as a whole.

Every channel is off until its keys are given. A secret file lies in SHAOYIN_SECRETS_DIR and is named like the variable.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.notify.channels import dingtalk_robot, feishu_robot, wecom_robot
from services.notify.channels.dingtalk_robot import DingtalkRobot
from services.notify.channels.feishu_robot import FeishuRobot
from services.notify.channels.keys import WrongKey
from services.notify.channels.robots import Robot
from services.notify.channels.sender import Sender
from services.notify.channels.web_push import WebPush
from services.notify.channels.webhook import Webhook
from services.notify.channels.wecom_app import WecomApp, WecomAppSettings
from services.notify.channels.wecom_robot import WecomRobot
from shaoyin.adapters.settings import SettingsRefused

SECRETS_DIR = "SHAOYIN_SECRETS_DIR"


def _listed(said: object) -> object:
    return [each.strip() for each in said.split(",") if each.strip()] if isinstance(said, str) else said


class GivenRobot(BaseModel):
    """As `{"token": …, "sign_key": …}` below the name of its group."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: SecretStr
    sign_key: SecretStr


class ChannelSettings(BaseSettings):
    """SHAOYIN_* variables of the channels. A robot belongs to the organisation (its id in the pack) it speaks to.

    `channels_inside` lets push and webhook addresses lie in private networks: for closed networks only.
    """

    model_config = SettingsConfigDict(
        env_prefix="SHAOYIN_", frozen=True, env_ignore_empty=True, hide_input_in_errors=True, extra="ignore"
    )

    channels_inside: bool = False
    web_push_key: SecretStr | None = None
    web_push_contact: str = ""
    webhook_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed)] = ()
    wecom_corp_id: str = ""
    wecom_agent_id: int = 0
    wecom_app_secret: SecretStr | None = None
    wecom_url: str = wecom_robot.HOST
    wecom_robot_keys: Mapping[str, SecretStr] = Field(default_factory=dict)
    wecom_robot_url: str = wecom_robot.HOST
    dingtalk_robots: Mapping[str, GivenRobot] = Field(default_factory=dict)
    dingtalk_robot_url: str = dingtalk_robot.HOST
    feishu_robots: Mapping[str, GivenRobot] = Field(default_factory=dict)
    feishu_robot_url: str = feishu_robot.HOST

    @classmethod
    def read(cls) -> Self:
        """Raises SettingsRefused."""
        folder = os.environ.get(SECRETS_DIR)
        if folder and not Path(folder).is_dir():
            raise SettingsRefused([f"{SECRETS_DIR}: there is no such folder"])
        try:
            return cls(_secrets_dir=folder or None)
        except ValidationError as wrong:
            raise SettingsRefused([
                f"SHAOYIN_{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}"
                for each in wrong.errors(include_input=False)
            ]) from None  # fmt: skip


@dataclass(frozen=True)
class Channels:
    """`senders` by name, in the default order; `groups` are the robots' channels by the organisation they speak to."""

    senders: Mapping[str, Sender] = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        return bool(self.senders)

    async def close(self) -> None:
        for each in self.senders.values():
            await each.close()


def channels_of(settings: ChannelSettings) -> Channels:
    """Raises SettingsRefused, naming every wrong setting of every channel at once."""
    senders: dict[str, Sender] = {}
    wrongs: list[str] = []
    for made in _wanted(settings):
        try:
            sender = made()
        except WrongKey as wrong:
            wrongs.append(f"SHAOYIN_{wrong.setting.upper()}{str(wrong).removeprefix(wrong.setting)}")
        else:
            senders[sender.name] = sender
    if wrongs:
        raise SettingsRefused(wrongs)
    return Channels(senders, _groups(settings))


def _wanted(said: ChannelSettings) -> Iterator[Callable[[], Sender]]:
    """In the default order: what costs nothing and reaches the person himself comes first."""
    inside = said.channels_inside
    if (key := said.web_push_key) is not None:
        yield lambda: WebPush(key, said.web_push_contact, inside=inside)
    if (secret := said.wecom_app_secret) is not None:
        app = WecomAppSettings(said.wecom_corp_id, said.wecom_agent_id, secret, said.wecom_url)
        yield lambda: WecomApp(app)
    if said.webhook_keys:
        yield lambda: Webhook(said.webhook_keys, inside=inside)
    if said.wecom_robot_keys:
        yield lambda: WecomRobot(said.wecom_robot_keys, base_url=said.wecom_robot_url)
    if said.dingtalk_robots:
        yield lambda: DingtalkRobot(_robots(said.dingtalk_robots), base_url=said.dingtalk_robot_url)
    if said.feishu_robots:
        yield lambda: FeishuRobot(_robots(said.feishu_robots), base_url=said.feishu_robot_url)


def _robots(given: Mapping[str, GivenRobot]) -> Mapping[str, Robot]:
    return {group: Robot(each.token, each.sign_key) for group, each in given.items()}


def _groups(said: ChannelSettings) -> Mapping[str, Sequence[str]]:
    of = {
        "wecom_robot": said.wecom_robot_keys,
        "dingtalk_robot": said.dingtalk_robots,
        "feishu_robot": said.feishu_robots,
    }
    organisations = sorted({group for robots in of.values() for group in robots})
    return {each: [channel for channel, robots in of.items() if each in robots] for each in organisations}
