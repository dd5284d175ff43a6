"""Every channel × everything that can become of a try × what the log then says and what is tried next."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from services.notify.addresses import ADDRESS_OF
from services.notify.channels.configured import Channels
from services.notify.preferences import Preference, Preferences, Subscribed
from shaoyin.adapters.clock import FakeClock
from tests.services.matrix_setup import UNIT, Kit, kit
from tests.services.notify_setup import eventually, office
from tests.services.ringing_setup import BY_DAY, PERSON, Ringing, Scripted, a_telling

OK = {
    "web_push": "http_201", "webhook": "http_204", "wecom_app": "0", "wecom_robot": "0", "dingtalk_robot": "0",
    "feishu_robot": "0", "sms_aliyun": "OK", "sms_tencent": "Ok", "mail": "250",
}  # fmt: skip
HTTP = [channel for channel in OK if channel != "mail"]
MANY = dict.fromkeys(HTTP, "http_429") | {"mail": "450 4.2.1"}
CODES: Mapping[str, Mapping[str, str]] = {
    "ok": OK,
    "429": MANY, "429 with Retry-After": MANY,
    "500": dict.fromkeys(HTTP, "http_500") | {"mail": "451 4.3.0"},
    "timeout": dict.fromkeys(OK, "timeout"),
    "cut": dict.fromkeys(OK, "cut"),
    "refused in the body": {
        "web_push": "http_400", "webhook": "http_400", "wecom_app": "40008", "wecom_robot": "40058",
        "dingtalk_robot": "460101", "feishu_robot": "9499", "sms_aliyun": "isv.BLACK_KEY_CONTROL_LIMIT",
        "sms_tencent": "FailedOperation.ContainSensitiveWord", "mail": "554 5.7.1",
    },
    "bad key": {
        "web_push": "http_403", "webhook": "http_401", "wecom_app": "40001", "wecom_robot": "93000",
        "dingtalk_robot": "310000", "feishu_robot": "19021", "sms_aliyun": "SignatureDoesNotMatch",
        "sms_tencent": "AuthFailure.SignatureFailure", "mail": "535 5.7.8",
    },
    "gone": {
        "web_push": "http_410", "webhook": "http_410", "wecom_app": "40003", "wecom_robot": "93000",
        "dingtalk_robot": "400013", "feishu_robot": "19001", "sms_aliyun": "isv.MOBILE_NUMBER_ILLEGAL",
        "sms_tencent": "InvalidParameterValue.IncorrectPhoneNumber", "mail": "550 5.1.1",
    },
}  # fmt: skip
"""What the log says, in the provider's own words where it has any."""
RECEIPTS = {"sms_aliyun": "DELIVERED", "sms_tencent": "SUCCESS"}
"""What those say that are asked about it afterwards."""
LATER = ("429", "429 with Retry-After", "500", "timeout", "cut")
NEVER = ("refused in the body", "bad key", "gone")


@pytest.mark.parametrize(("channel", "case"), list(itertools.product(OK, ["ok", *LATER, *NEVER])))
async def test_what_the_log_says_and_what_is_tried_next(
    channel: str, case: str, mongo_url: str, mongo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if case == "timeout":
        monkeypatch.setattr("services.notify.channels.calls.WITHIN", timedelta(milliseconds=300))
        monkeypatch.setattr("services.notify.channels.mail.WITHIN", timedelta(milliseconds=300))
    clock = FakeClock(BY_DAY)
    async with kit(channel, case, tmp_path, clock) as made:
        backup = Scripted("mail" if channel != "mail" else "wecom_app")
        async with office(mongo_url, mongo_name, tmp_path, clock=clock, channels=both(made, backup)) as found:
            await keep(Preferences(found.notify.database), channel, made, backup)
            here = Ringing(found, backup, backup, backup)
            telling = a_telling(level="critical")
            await here.raised(telling)

            async def tried() -> bool:
                return len(await here.tries(telling.alert_id)) > 0

            await eventually(tried)
            (first,) = (await here.document(telling.alert_id))["deliveries"][1]["attempts"]
            made.heal()

            async def over() -> bool:
                clock.forward(timedelta(seconds=20))
                await found.notify.ringing.quotas.collection.delete_many({})  # as if their time had passed as well
                return (await here.document(telling.alert_id)).get("rang") == "rung"

            await eventually(over)
            assert first["code"] == CODES[case][channel]
            assert await here.tries(telling.alert_id) == expected(channel, case, backup.name)
            assert (made.arrived(), len(backup.sent)) == ((0, 1) if case in NEVER else (1, 0))
            if case == "429 with Retry-After" and channel != "mail":
                assert first["next_at"] >= BY_DAY + timedelta(seconds=47), "a letter's server cannot say how long"
            kept = (await Preferences(found.notify.database).of([PERSON]))[PERSON]
            assert bool(kept.subscriptions) == (channel == "web_push" and case != "gone"), (
                "one that is gone is forgotten"
            )


def expected(channel: str, case: str, backup: str) -> list[tuple[str, str, str]]:
    """Nothing but the provider's own "yes" is a success; what may work later is tried again by the same channel."""
    taken, code = [(channel, "accepted", OK[channel])], CODES[case][channel]
    if channel in RECEIPTS:
        taken.append((channel, "delivered", RECEIPTS[channel]))
    if case == "ok":
        return taken
    if case in LATER:
        return [(channel, "retry", code), *taken]
    return [(channel, "failed", code), (backup, "accepted", "0")]


def both(made: Kit, backup: Scripted) -> Channels:
    """The channel, and one that comes after it: another of the person's, or of a robot another robot."""
    if made.address is not None:
        return Channels({made.sender.name: made.sender, backup.name: backup})
    backup.name = "another_robot"
    return Channels({made.sender.name: made.sender, backup.name: backup}, {UNIT: [made.sender.name, backup.name]})


async def keep(preferences: Preferences, channel: str, made: Kit, backup: Scripted) -> None:
    addresses = {backup.name: "backup"} if made.address is not None else {}
    if channel == "web_push":
        await preferences.subscribe(PERSON, Subscribed("phone", made.address or ""))
    elif made.address is not None:
        addresses[ADDRESS_OF[channel]] = made.address
    await preferences.keep(Preference(PERSON, addresses=addresses))
