"""What notify asks where alerts go outside the application: wishes, rest, quotas, what is due, links and rates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from services.notify.channel_counts import ChannelCounts
from services.notify.channels.sender import Quota
from services.notify.deliveries import Deliveries
from services.notify.preferences import Preference, Preferences, Subscribed
from services.notify.publish_deliveries import PublishDeliveries
from services.notify.residents.answers import Answers
from services.notify.ringing.quotas import Quotas
from services.notify.ringing.rest import Rest
from services.notify.ringing.rings import Change, Rings
from services.notify.taps import Tap, Taps
from shaoyin.adapters.bus import MemoryBus
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.mongo import Database
from tests.domain.town import DUTY, MORNING, wulibao
from tests.queries.copies import Ask, copied

PERSONS = LINKS = 5_000
MINUTE = timedelta(minutes=1)
IN_A_MONTH = MORNING + timedelta(days=30)


async def filled_outside(database: Database) -> None:
    """Beside a full store of alerts."""
    preferences, taps = Preferences(database), Taps(database)
    for each in (preferences, taps, Quotas(database), Rest(database)):
        await each.prepare()
    subscribed = {"json": "{}", "expires_at": None}
    await copied(preferences.collection, {"channels": [], "addresses": {}, "quiet": None}, PERSONS, lambda number: {
        "_id": f"p-{number}", "subscriptions": [{"id": f"b{number}", **subscribed}],
    })  # fmt: skip
    like = {"attempt": 1, "first_at": MORNING, "by": "x"}
    await copied(taps.collection, like, LINKS, lambda number: {"_id": f"a{number:024x}"})


def questions_outside(database: Database, bus: MemoryBus) -> Mapping[str, Ask]:
    deliveries, clock = Deliveries(database), FakeClock(IN_A_MONTH)
    answers = Answers(database, clock)
    counts = ChannelCounts(deliveries.collection, answers.collection, {"wulibao": wulibao()}, clock)
    return {
        **_of_persons(database),
        **_of_links(Taps(database)),
        **_of_ringing(Rings(deliveries, PublishDeliveries(bus, deliveries, clock), clock)),
        "the alert of a link": lambda: deliveries.one("a000007"),
        "a person's own log": lambda: deliveries.of_person("p-7", None, 100),
        "critical and unread": lambda: deliveries.critical_unread(IN_A_MONTH, 100),
        "passed on": lambda: deliveries.mark_passed_on(["a000007"], IN_A_MONTH),
        "rates by channel": lambda: counts.of(DUTY[0], "en"),
    }


def _of_persons(database: Database) -> Mapping[str, Ask]:
    preferences, rest, quotas = Preferences(database), Rest(database), Quotas(database)
    one, full = [Quota("one", 1, MINUTE)], [Quota("other", 9, MINUTE), Quota("one", 1, MINUTE)]
    return {
        "wishes": lambda: preferences.of(["p-1", "p-2", "unknown"]),
        "wishes kept": lambda: preferences.keep(Preference("p-3", ("mail",))),
        "a browser": lambda: preferences.subscribe("p-4", Subscribed("b5", "{}")),
        "a browser gone": lambda: preferences.drop_subscription("p-4", "b5"),
        "a minute's rest": lambda: rest.reserve({"p-1", "p-2"}, IN_A_MONTH, "batch"),
        "an urge": lambda: rest.may_urge("p-1", "c1", IN_A_MONTH.date(), "a000001", IN_A_MONTH),
        "room": lambda: quotas.take(one, "t1"),
        "room given back": lambda: quotas.take(full, "t2"),
        "room for what is critical": lambda: quotas.take(one, "t3", critical=True),
        "a minute given back": lambda: rest.give_back({"p-1"}, "batch"),
        "a try over": lambda: quotas.settle(one, "t1"),
        "a channel shut": lambda: quotas.shut(one, MINUTE),
    }


def _of_links(taps: Taps) -> Mapping[str, Ask]:
    ident = f"a{7:024x}"
    tap = Tap(ident, "x", "key")
    return {
        "a link used": lambda: taps.used_at(ident),
        "a tap": lambda: taps.begin(ident),
        "a tap refused": lambda: taps.refused(tap),
        "a tap unheard": lambda: taps.unheard(tap),
        "a tap done": lambda: taps.used(tap, IN_A_MONTH),
    }


def _of_ringing(rings: Rings) -> Mapping[str, Ask]:
    change = Change("a000001", "batch", {"held": None}, over=False)
    return {
        "what rings": lambda: rings.claim(IN_A_MONTH, 100, "batch"),
        "what has rung": lambda: rings.write(change),
        "what has waited to ring": lambda: rings.oldest_due(IN_A_MONTH),
    }
