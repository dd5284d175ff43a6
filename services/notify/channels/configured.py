"""Which channels are set up, and what speaks for each: refused at the start as a whole, never one by one later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.notify.channels import mail, sms_aliyun, sms_tencent, wechat
from services.notify.channels.channel_settings import ChannelSettings, GivenLimits, GivenRobot, GivenTemplate
from services.notify.channels.dingtalk_robot import DingtalkRobot
from services.notify.channels.feishu_robot import FeishuRobot
from services.notify.channels.keys import WrongKey
from services.notify.channels.limits import Limits
from services.notify.channels.mail import Mail, MailSettings
from services.notify.channels.robots import Robot
from services.notify.channels.sender import Sender
from services.notify.channels.sms_aliyun import AliyunSettings, SmsAliyun
from services.notify.channels.sms_tencent import SmsTencent, TencentSettings
from services.notify.channels.templates import Template
from services.notify.channels.web_push import WebPush
from services.notify.channels.webhook import Webhook
from services.notify.channels.wechat import Wechat, WechatSettings
from services.notify.channels.wecom_app import WecomApp, WecomAppSettings
from services.notify.channels.wecom_robot import WecomRobot
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.settings import SettingsRefused

Made = Callable[[], Sender]


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


def channels_of(settings: ChannelSettings, clock: Clock) -> Channels:
    """`clock` is the product's. Raises SettingsRefused, naming every wrong setting of every channel at once."""
    senders: dict[str, Sender] = {}
    wrongs: list[str] = []
    for made in (*_own(settings, clock), *_paid(settings), *_robots(settings)):
        try:
            sender = made()
        except WrongKey as wrong:
            wrongs.append(f"SHAOYIN_{wrong.setting.upper()}{str(wrong).removeprefix(wrong.setting)}")
        else:
            senders[sender.name] = sender
    if wrongs:
        raise SettingsRefused(wrongs)
    return Channels(senders, _groups(settings))


def _own(said: ChannelSettings, clock: Clock) -> Iterator[Made]:
    """What reaches the person himself and costs nothing comes first."""
    if (key := said.web_push_key) is not None:
        yield lambda: WebPush(key, said.web_push_contact, inside=said.channels_inside, told=clock)
    if (secret := said.wecom_app_secret) is not None:
        app = WecomAppSettings(said.wecom_corp_id, said.wecom_agent_id, secret, said.wecom_url)
        yield lambda: WecomApp(app)
    if said.webhook_keys:
        yield lambda: Webhook(said.webhook_keys, inside=said.channels_inside)
    if said.mail_host:
        letters = MailSettings(
            said.mail_host, said.mail_port, said.mail_sender, said.mail_sender_name, said.mail_username,
            said.mail_password, said.mail_security, _limits(said.mail_limits, mail.OWN),
        )  # fmt: skip
        yield lambda: Mail(letters)
    if (wechat_secret := said.wechat_app_secret) is not None:
        account = WechatSettings(
            said.wechat_app_id, wechat_secret, _templates(said.wechat_templates), said.wechat_account,
            said.wechat_page, _limits(said.wechat_limits, wechat.AS_DOCUMENTED), said.wechat_url,
        )  # fmt: skip
        yield lambda: Wechat(account)


def _paid(said: ChannelSettings) -> Iterator[Made]:
    if (secret := said.sms_aliyun_access_key_secret) is not None:
        aliyun = AliyunSettings(
            said.sms_aliyun_access_key_id, secret, said.sms_aliyun_sign_name, _templates(said.sms_aliyun_templates),
            _limits(said.sms_aliyun_limits, sms_aliyun.AS_DOCUMENTED), said.sms_aliyun_longest, said.sms_aliyun_url,
        )  # fmt: skip
        yield lambda: SmsAliyun(aliyun)
    if (key := said.sms_tencent_secret_key) is not None:
        tencent = TencentSettings(
            said.sms_tencent_secret_id, key, said.sms_tencent_app_id, said.sms_tencent_sign_name,
            _templates(said.sms_tencent_templates), _limits(said.sms_tencent_limits, sms_tencent.AS_DOCUMENTED),
            said.sms_tencent_longest, said.sms_tencent_region, said.sms_tencent_url,
        )  # fmt: skip
        yield lambda: SmsTencent(tencent)


def _robots(said: ChannelSettings) -> Iterator[Made]:
    if said.wecom_robot_keys:
        yield lambda: WecomRobot(said.wecom_robot_keys, base_url=said.wecom_robot_url)
    if said.dingtalk_robots:
        yield lambda: DingtalkRobot(_given(said.dingtalk_robots), base_url=said.dingtalk_robot_url)
    if said.feishu_robots:
        yield lambda: FeishuRobot(_given(said.feishu_robots), base_url=said.feishu_robot_url)


def _given(robots: Mapping[str, GivenRobot]) -> Mapping[str, Robot]:
    return {group: each.robot for group, each in robots.items()}


def _templates(templates: Mapping[str, GivenTemplate]) -> Mapping[str, Template]:
    return {name: each.template for name, each in templates.items()}


def _limits(said: GivenLimits | None, otherwise: Limits) -> Limits:
    return otherwise if said is None else said.limits


def _groups(said: ChannelSettings) -> Mapping[str, Sequence[str]]:
    of: Mapping[str, Mapping[str, object]] = {
        "wecom_robot": said.wecom_robot_keys, "dingtalk_robot": said.dingtalk_robots,
        "feishu_robot": said.feishu_robots,
    }  # fmt: skip
    organisations = sorted({group for robots in of.values() for group in robots})
    return {each: [channel for channel, robots in of.items() if each in robots] for each in organisations}
