"""What notify asks of its alerts and its marks; with a full store to ask it of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from services.notify.alert_documents import documents, stream_id
from services.notify.answered import Answered
from services.notify.app import topic_specs
from services.notify.deliveries import Deliveries
from services.notify.done_before import DoneBefore
from services.notify.inbox import Inbox
from services.notify.residents.answers import Answers
from services.notify.residents.to_tell import ToTell
from services.notify.who_is_told import Telling
from shaoyin.adapters.bus import MemoryBus
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.mongo import Database
from shaoyin.domain.answer import Answer
from tests.domain.town import MORNING, wulibao
from tests.queries.copies import Ask, copied
from tests.queries.notify_outside import filled_outside, questions_outside

ALERTS, ANSWERS = 50_000, 20_000
NOW = MORNING + timedelta(days=60)
TELLING = Telling(
    "a1", "c1:1", 1, MORNING, "c1", None, "wulibao", "wulibao-south", "WAT.sewer_blocked", "assigned", "act",
    "duty", "p-1", {},
)  # fmt: skip

TO_TELL = ToTell("w1", "c1:1", 1, MORNING, "c1", "wulibao", None, None, Answer("accepted", "r1", "reporter-1", "N1"))


async def filled(database: Database) -> None:
    deliveries = Deliveries(database)
    await deliveries.prepare()
    like = documents([TELLING], MORNING, {"read_at": None, "answered_at": None, "deliveries": []})[0]
    await copied(deliveries.collection, like, ALERTS, _own)
    await filled_outside(database)
    answers = Answers(database, FakeClock(NOW))
    await answers.prepare()
    await answers.keep([TO_TELL], MORNING)
    [kept] = await answers.collection.find().to_list()
    await copied(answers.collection, kept, ANSWERS, _own_answer)


def _own(number: int) -> Mapping[str, object]:
    at, ident = MORNING + timedelta(minutes=number), f"a{number:06d}"
    registration = number % 100 == 0
    return {
        "_id": ident, "stream_id": stream_id(at, ident), "raised_at": at, "person": f"p-{number % 100}",
        "case_id": f"c{number // 10}",
        "registration_id": f"reg-{number // 1000}" if registration else None,
        "level": "critical" if number % 97 == 0 else "act", "unread": True if number % 20 == 0 else None,
        "unpublished_at": at if number < 200 else None,
        "ring": {"rank": number % 2, "at": at} if number % 50 == 1 else None,
    }  # fmt: skip


def _own_answer(number: int) -> Mapping[str, object]:
    at, ident = MORNING + timedelta(minutes=number), f"w{number:06d}"
    return {
        "_id": ident, "stream_id": stream_id(at, ident), "case_id": f"c{number // 10}", "raised_at": at,
        "rank": 0 if number % 50 == 0 else 1, "next_at": NOW + timedelta(minutes=number - 50) if number < 100 else None,
    }  # fmt: skip


async def questions(database: Database) -> Mapping[str, Ask]:
    deliveries, clock = Deliveries(database), FakeClock(NOW)
    inbox, bus = Inbox(deliveries, {"wulibao": wulibao()}), MemoryBus()
    await bus.start()
    await bus.ensure_topics(topic_specs(2))
    done = DoneBefore(database, clock, "process-1")

    async def replaced() -> None:
        bus.wiped()
        await DoneBefore(database, clock, "process-2").begin(bus)

    return {
        **_of_alerts(deliveries),
        **questions_outside(database, bus),
        **await _of_answers(Answers(database, FakeClock(NOW))),
        "an inbox": lambda: inbox.page("p-7", {}, "en"),
        "an inbox, next page": lambda: inbox.page("p-7", {"cursor": stream_id(NOW, "")}, "en"),
        "what is unread": lambda: inbox.page("p-0", {"unread": "true"}, "en"),
        "what else is unread": lambda: inbox.unread_besides("p-0", "a000000", 20),
        "an alert": lambda: inbox.own("p-7", "a000007"),
        "an alert read": lambda: inbox.read("p-0", "a000000", NOW),
        "a stream resumed": lambda: inbox.since("p-7", stream_id(MORNING + timedelta(days=30), ""), 100),
        "done before": lambda: done.begin(bus),
        "the broker replaced": replaced,
    }


async def _of_answers(answers: Answers) -> Mapping[str, Ask]:
    mine = {"_id": "w000500", "claimed_by": None}
    return {
        "answers kept": lambda: answers.keep([TO_TELL], MORNING),
        "answers claimed": lambda: answers.claim(NOW, 16, "batch"),
        "an answer written": lambda: answers.write(mine, {"held": "own_quota"}),
        "answers of a case": lambda: answers.of_case("c7", "", 100),
        "the oldest answer due": lambda: answers.oldest_due(NOW),
    }


def _of_alerts(deliveries: Deliveries) -> Mapping[str, Ask]:
    asked = [
        Answered("c5", 9, NOW, ("assigned",)),
        Answered("c6", 9, NOW, ("assigned",), whistle_id="w1", recipient="duty", about="unit-1"),
        Answered(None, 9, NOW, ("assigned",), registration_id="reg-7"),
    ]
    return {
        "told": lambda: deliveries.keep([TELLING], NOW),
        "told nobody": lambda: deliveries.keep_failed([TELLING._replace(alert_id="a2", person=None, code="x")], NOW),
        "answered": lambda: deliveries.free(asked),
        "unpublished": lambda: deliveries.unpublished(NOW, 100),
        "left unpublished": deliveries.left_unpublished,
        "marked unpublished": lambda: deliveries.mark_unpublished(["a000500"], NOW),
        "marked published": lambda: deliveries.mark_published(["a000500"]),
        "the log of a case": lambda: deliveries.of_case("c7", "", 100),
        "the log of an enrolment": lambda: deliveries.of_registration("reg-7", "", 100),
        "the oldest overlooked": deliveries.oldest_unread_critical_at,
    }
