"""The SHAOYIN_* variables of the channels. Each channel is off until its keys are given; none has a default key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.notify.channels import dingtalk_robot, feishu_robot, sms_aliyun, sms_tencent, wechat, wecom_robot
from services.notify.channels.limits import Limits
from services.notify.channels.robots import Robot
from services.notify.channels.templates import Template
from shaoyin.adapters.settings import SettingsRefused

SECRETS_DIR = "SHAOYIN_SECRETS_DIR"
"""A folder of files, each named like a variable in small letters and holding its value."""


def _listed(said: object) -> object:
    return [each.strip() for each in said.split(",") if each.strip()] if isinstance(said, str) else said


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class GivenRobot(Given):
    """`{"token": …, "sign_key": …}`, below the id of the organisation whose chat it is in."""

    token: SecretStr
    sign_key: SecretStr

    @property
    def robot(self) -> Robot:
        return Robot(self.token, self.sign_key)


class GivenTemplate(Given):
    """`{"code": …, "parameters": {"its name there": "field of ours"}}`, below our name of it."""

    code: str
    parameters: Mapping[str, str] = Field(default_factory=dict)

    @property
    def template(self) -> Template:
        return Template(self.code, self.parameters)


class GivenLimits(Given):
    """`{"to_one": [[messages, seconds], …], "a_day": messages}`."""

    to_one: tuple[tuple[int, int], ...] = ()
    a_day: int = 1000

    @property
    def limits(self) -> Limits:
        return Limits(tuple((most, timedelta(seconds=seconds)) for most, seconds in self.to_one), self.a_day)


class ChannelSettings(BaseSettings):
    """`channels_inside` lets push and webhook addresses lie in private networks: for closed networks only."""

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

    sms_aliyun_access_key_id: str = ""
    sms_aliyun_access_key_secret: SecretStr | None = None
    sms_aliyun_sign_name: str = ""
    sms_aliyun_templates: Mapping[str, GivenTemplate] = Field(default_factory=dict)
    sms_aliyun_limits: GivenLimits | None = None
    sms_aliyun_longest: int = Field(35, ge=1)
    sms_aliyun_url: str = sms_aliyun.HOST

    sms_tencent_secret_id: str = ""
    sms_tencent_secret_key: SecretStr | None = None
    sms_tencent_app_id: str = ""
    sms_tencent_sign_name: str = ""
    sms_tencent_templates: Mapping[str, GivenTemplate] = Field(default_factory=dict)
    sms_tencent_limits: GivenLimits | None = None
    sms_tencent_longest: int = Field(12, ge=1)
    sms_tencent_region: str = "ap-guangzhou"
    sms_tencent_url: str = sms_tencent.HOST

    mail_host: str = ""
    mail_port: int = Field(465, ge=1, le=65535)
    mail_sender: str = ""
    mail_sender_name: str = "哨音"
    mail_username: str = ""
    mail_password: SecretStr | None = None
    mail_security: Literal["tls", "starttls", "none"] = "tls"
    mail_limits: GivenLimits | None = None

    wechat_app_id: str = ""
    wechat_app_secret: SecretStr | None = None
    wechat_templates: Mapping[str, GivenTemplate] = Field(default_factory=dict)
    wechat_account: Literal["mini_program", "official_account"] = "mini_program"
    wechat_page: str = ""
    wechat_limits: GivenLimits | None = None
    wechat_url: str = wechat.HOST

    @classmethod
    def read(cls) -> Self:
        """From the environment and from SHAOYIN_SECRETS_DIR. Raises SettingsRefused, naming every wrong setting."""
        folder = os.environ.get(SECRETS_DIR)
        if folder and not Path(folder).is_dir():
            raise SettingsRefused([f"{SECRETS_DIR}: there is no such folder"])
        try:
            return cls(_secrets_dir=folder or None)
        except ValidationError as wrong:
            raise SettingsRefused(
                [f"SHAOYIN_{_path(each['loc'])}: {each['msg']}" for each in wrong.errors(include_input=False)]
            ) from None


def _path(loc: tuple[int | str, ...]) -> str:
    name, *below = loc
    return ".".join([str(name).upper(), *map(str, below)])
