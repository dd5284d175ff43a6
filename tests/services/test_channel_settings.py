"""Channels are off until their keys are given, and refused at the start with the names of the settings alone."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from services.notify.channels.channel_settings import SECRETS_DIR, ChannelSettings
from services.notify.channels.configured import channels_of
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.settings import SettingsRefused
from tests.fakes import dingtalk, feishu, wecom

TEMPLATES = json.dumps({"alert": {"code": "SMS_12345678", "parameters": {"place": "place", "link": "link_code"}}})
NUMBERED = json.dumps({"alert": {"code": "1234567", "parameters": {"1": "place", "2": "link_code"}}})
THINGS = json.dumps({"answer_result": {"code": "T" * 43, "parameters": {"thing1": "category"}}})
GIVEN = {
    "WEB_PUSH_KEY": base64.urlsafe_b64encode(bytes(range(1, 33))).decode(), "WEB_PUSH_CONTACT": "mailto:it@example.org",
    "WEBHOOK_KEYS": "whsec_" + base64.b64encode(bytes(range(32))).decode(),
    "WECOM_CORP_ID": wecom.CORP_ID, "WECOM_AGENT_ID": str(wecom.AGENT_ID), "WECOM_APP_SECRET": wecom.SECRET,
    "WECOM_ROBOT_KEYS": json.dumps({"south-committee": wecom.ROBOT_KEY}),
    "DINGTALK_ROBOTS": json.dumps({"south-committee": {"token": dingtalk.TOKEN, "sign_key": dingtalk.SIGN_KEY}}),
    "FEISHU_ROBOTS": json.dumps({"example-factory": {"token": feishu.TOKEN, "sign_key": feishu.SIGN_KEY}}),
    "SMS_ALIYUN_ACCESS_KEY_ID": "LTAI" + "x" * 20, "SMS_ALIYUN_ACCESS_KEY_SECRET": "y" * 30,
    "SMS_ALIYUN_SIGN_NAME": "城河街道", "SMS_ALIYUN_TEMPLATES": TEMPLATES,
    "SMS_TENCENT_SECRET_ID": "AKID" + "x" * 32, "SMS_TENCENT_SECRET_KEY": "y" * 32,
    "SMS_TENCENT_APP_ID": "1400000000", "SMS_TENCENT_SIGN_NAME": "城河街道", "SMS_TENCENT_TEMPLATES": NUMBERED,
    "MAIL_HOST": "mail.example.org", "MAIL_SENDER": "shaoyin@example.org",
    "WECHAT_APP_ID": "wx" + "0" * 16, "WECHAT_APP_SECRET": "0" * 32, "WECHAT_TEMPLATES": THINGS,
}  # fmt: skip


def given(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"SHAOYIN_{name}", value)


def test_without_keys_no_channel_is_set_up() -> None:
    assert not channels_of(ChannelSettings.read(), SystemClock()).any


async def test_every_channel_is_set_up_by_its_keys_and_comes_in_the_usual_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(monkeypatch, **GIVEN)

    channels = channels_of(ChannelSettings.read(), SystemClock())

    assert list(channels.senders) == [
        "web_push", "wecom_app", "webhook", "mail", "wechat", "sms_aliyun", "sms_tencent", "wecom_robot",
        "dingtalk_robot", "feishu_robot",
    ]  # fmt: skip
    assert channels.groups == {
        "example-factory": ["feishu_robot"], "south-committee": ["wecom_robot", "dingtalk_robot"],
    }  # fmt: skip
    await channels.close()


async def test_keys_may_lie_in_secret_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given(monkeypatch, **{name: value for name, value in GIVEN.items() if name.startswith("WECOM_")})
    monkeypatch.delenv("SHAOYIN_WECOM_APP_SECRET")
    (tmp_path / "shaoyin_wecom_app_secret").write_text(wecom.SECRET + "\n", "utf-8")
    monkeypatch.setenv(SECRETS_DIR, str(tmp_path))

    channels = channels_of(ChannelSettings.read(), SystemClock())

    assert "wecom_app" in channels.senders
    await channels.close()


def test_all_wrong_settings_are_named_at_once_and_none_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **GIVEN | {"WEB_PUSH_KEY": "c2hvcnQ", "WECOM_APP_SECRET": "sesame", "MAIL_SENDER": "nobody"})

    with pytest.raises(SettingsRefused) as refused:
        channels_of(ChannelSettings.read(), SystemClock())

    assert [wrong.split(":")[0] for wrong in refused.value.wrongs] == [
        "SHAOYIN_WEB_PUSH_KEY", "SHAOYIN_WECOM_APP_SECRET", "SHAOYIN_MAIL_SENDER",
    ]  # fmt: skip
    assert "sesame" not in str(refused.value)
    assert "c2hvcnQ" not in str(refused.value)


def test_a_robot_without_its_sign_key_is_refused_without_showing_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, DINGTALK_ROBOTS=json.dumps({"south-committee": {"token": "sesame"}}))

    with pytest.raises(SettingsRefused, match=r"SHAOYIN_DINGTALK_ROBOTS\.south-committee\.sign_key") as refused:
        ChannelSettings.read()

    assert "sesame" not in str(refused.value)


def test_a_folder_of_secrets_that_is_not_there_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(SECRETS_DIR, str(tmp_path / "nowhere"))

    with pytest.raises(SettingsRefused, match=SECRETS_DIR):
        ChannelSettings.read()
