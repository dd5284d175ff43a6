"""A whole night, minute by minute: one person with a browser that decrypts what it gets, and the town asleep."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from services.notify.channels.configured import Channels
from services.notify.channels.web_push import WebPush
from services.notify.preferences import Subscribed
from services.notify.who_is_told import Telling
from shaoyin.adapters.clock import FakeClock
from tests.fakes.provider import Provider, running
from tests.fakes.push_service import Browser
from tests.services.notify_setup import Office, eventually, office
from tests.services.ringing_setup import PERSON, a_telling
from tests.services.test_channel_web_push import KEY


def at(clock: str, day: int = 29) -> datetime:
    return datetime.fromisoformat(f"2026-09-{day}T{clock}:00+08:00")


EVENING, MORNING = at("21:50"), at("07:05", 30)


async def test_a_night_with_one_critical_alert_and_one_digest_at_seven(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    clock = FakeClock(EVENING)
    push = WebPush(KEY, "mailto:desk@shaoyin.example", inside=True, told=clock)
    browser = Browser(push.public_key)
    night: dict[datetime, Telling] = {
        at("21:55"): a_telling(), at("22:30"): a_telling(level="act"), at("23:10"): a_telling(kind="to_dispatch"),
        at("02:13", 30): a_telling(level="critical", kind="emergency_to_approve"),
        at("04:00", 30): a_telling(level="act", kind="check_wanted"), at("06:59", 30): a_telling(level="info"),
    }  # fmt: skip
    rung_at: dict[str, datetime] = {}
    async with (
        running(Provider(browser.takes)) as service,
        office(mongo_url, mongo_name, tmp_path, clock=clock, channels=Channels({"web_push": push})) as found,
    ):
        await found.notify.preferences.subscribe(PERSON, Subscribed("phone", browser.subscription(service.url)))
        while clock.now() < MORNING:
            if (telling := night.get(clock.now())) is not None:
                await found.notify.deliveries.keep([telling], clock.now())
            await quiet(found)
            for each in browser.received[len(rung_at) :]:
                rung_at[each["title"]] = clock.now()
            clock.forward(timedelta(minutes=1))

        assert list(rung_at.values()) == [at("21:55"), at("02:13", 30), at("07:00", 30)]
        digest = browser.received[-1]
        assert digest["title"] == "3 件事等您处理"
        held = [night[each] for each in (at("22:30"), at("23:10"), at("04:00", 30))]
        assert all(str(each.number) in digest["body"] for each in held)
        assert len(await found.inbox(PERSON)) == len(night), "the inbox had every alert at once"


async def quiet(found: Office) -> None:
    """Nothing is due any more: what could ring now has rung."""

    async def so() -> bool:
        rings = found.notify.ringing.rings
        return await rings.oldest_due(found.clock.now()) is None

    await eventually(so)
