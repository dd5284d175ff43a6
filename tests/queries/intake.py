"""What intake asks of its reports, leads, vault, requests and records of reads; with a full store to ask it of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from bench.lives import lives
from services.intake.app import topic_specs
from services.intake.consents import Consent
from services.intake.followed import Followed
from services.intake.keep_news import KeepNews
from services.intake.leads import Leads
from services.intake.publish_again import PublishAgain
from services.intake.publish_reports import Outgoing, Publisher
from services.intake.reads import IdentityRead, Reads, Span
from services.intake.reports import KeyKept, Reports, Shelved
from services.intake.requests import Requests
from services.intake.retention import Retention
from services.intake.rotate import rotated
from services.intake.seal import Seal
from services.intake.tidy import Tidy
from services.intake.vault import Identity, Vault
from services.router.documents import news_of
from shaoyin.adapters.bus import MemoryBus, Message
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.mongo import Database, Document
from shaoyin.contracts.envelope import CaseNews, read_news
from shaoyin.contracts.topics import CASES
from shaoyin.domain.events import RequestAccepted
from shaoyin.domain.report import Request
from tests.domain.town import MORNING, a_blocked_drain, wulibao
from tests.queries.copies import Ask, copied

REPORTS, ENTRIES, READS = 20_000, 5_000, 5_000
HOME_WITHIN = timedelta(seconds=30)
NOW = MORNING + timedelta(days=8)
OLD, NEW = Seal([b"1" * 32]), Seal([b"2" * 32, b"1" * 32])
READ = IdentityRead(MORNING, "r1", "c1", None, "wulibao", "wulibao-south", "p-1", "officer", "why", ("name",))
ASKED = Request("q-new", "r1", "urge", NOW, "reporter-1", text="快一点")


async def filled(database: Database) -> None:
    vault, reports = Vault(database, OLD), Reports(database, "process-1")
    requests, reads = Requests(database, reports, "process-1"), Reads(database)
    for each in (vault, reports, Leads(database, reports), requests, reads):
        await each.prepare()
    entry = vault.entry("r1", Identity("欧阳", "13800138000", "堵了", None), MORNING)
    await vault.keep([entry])
    await vault.recognise({b"phone": "ref"}, MORNING)
    await reports.insert([shelved("r1", entry.entry_id)])
    await requests.keep(replace(ASKED, request_id="q"), "r1", b"body")
    await reads.record(READ, NOW + timedelta(days=1000))
    report, asked = await reports.collection.find_one({"_id": "r1"}), await requests.collection.find_one({"_id": "q"})
    sealed = {"sealed": entry.sealed, "report_id": "r1"}
    assert report is not None
    assert asked is not None
    await copied(reports.collection, report, REPORTS, _own_report)
    await copied(requests.collection, asked, ENTRIES, lambda n: {"_id": f"q{n}", "report_id": f"r{n + 10}", **_late(n)})
    await copied(database["vault"], sealed, ENTRIES, _own_entry)
    await copied(database["recognised"], {}, ENTRIES, _own_phone)
    await vault.consents.keep([Consent("r1", entry.entry_id, b"whose")], MORNING)
    await copied(database["consents"], {"given_at": MORNING, "until_at": NOW + timedelta(days=400)}, ENTRIES, _own_tap)
    await copied(database["identity_reads"], asdict(READ), READS, _own_read)
    await copied(
        database["leads"], {}, ENTRIES, lambda n: {"_id": f"l{n}", "leads": [f"l{n + 1}"] if n % 100 else None}
    )


def shelved(report_id: str, entry: str | None = None) -> Shelved:
    report = replace(a_blocked_drain(received_at=MORNING), report_id=report_id)
    return Shelved(report, report_id.encode(), "normal", KeyKept(b"body", OLD.seal(b"CODE", report_id, "code")), entry)


def _own_report(number: int) -> Mapping[str, object]:
    joined = number % 50 == 0
    return {
        "_id": f"r{number + 10}", "code": f"code{number}".encode(), "since_at": MORNING + timedelta(seconds=number),
        "vault": f"v{number}", "leads": [f"r{number + 11}"] if joined else None,
        "joined": {f"r{number + 11}": MORNING} if joined else None, "home_at": None if number < 50 else MORNING,
        "sealed_code": None if number % 2 else OLD.seal(b"CODE", f"r{number + 10}", "code"),
        "forget_at": NOW + timedelta(days=number - 10) if number % 2 == 0 else None, **_late(number),
    }  # fmt: skip


def _late(number: int) -> Mapping[str, object]:
    """Most are home, a few are late, a few not yet due."""
    return {"publish_at": None if number >= 100 else NOW + timedelta(minutes=number - 20)}


def _own_entry(number: int) -> Mapping[str, object]:
    at = MORNING - timedelta(days=1, seconds=number)
    due = NOW + timedelta(days=number % 500 - 10) if number % 4 == 0 else None
    return {"_id": f"v{int(at.timestamp() * 1000):012x}{number:016x}", "report_id": f"r{number}", "erase_at": due}


def _own_lead(number: int) -> Mapping[str, object]:
    return {"_id": f"l{number}", "leads": [f"l{number + 1}"] if number % 100 else None}


def _own_phone(number: int) -> Mapping[str, object]:
    return {"_id": f"phone{number}".encode(), "ref": f"ref{number}", "until_at": NOW + timedelta(days=3650)}


def _own_tap(number: int) -> Mapping[str, object]:
    taken = {"taken_by": f"w{number}"} if number % 2 else {"free": True}
    return {"_id": f"r{number + 10}:tap", "whose": f"whose{number}".encode(), "entry": f"v{number}", **taken}


def _own_read(number: int) -> Mapping[str, object]:
    at = MORNING - timedelta(hours=number)
    return {"_id": f"{int(at.timestamp() * 1000):012x}{number:016x}", "at": at, "forget_at": NOW + timedelta(days=3650)}


async def questions(database: Database) -> Mapping[str, Ask]:
    vault, reports = Vault(database, NEW), Reports(database, "process-1")
    leads, requests, clock = Leads(database, reports), Requests(database, reports, "process-1"), FakeClock(NOW)
    return {
        **_of_reports(reports, leads), **_of_requests(requests), **_of_vault(database, vault, clock, reports),
        **await _of_the_way(database, reports, requests, leads, vault),
        "sealed anew": lambda: rotated(database, NEW, 500),
    }  # fmt: skip


def _of_reports(reports: Reports, leads: Leads) -> Mapping[str, Ask]:
    async def course() -> object:
        return await leads.course((await reports.by_id(["r60"]))["r60"])

    return {
        "reports": lambda: reports.by_id(["r11", "r12"]),
        "a report by its code": lambda: reports.by_code(b"code7"),
        "keys forgotten": lambda: reports.forget_keys(NOW),
        "who forgotten": lambda: reports.forget_who(["r13"]),
        "the course of a merged report": course,
        "what was merged into some": lambda: leads.behind({"r61", "l50"}),
    }


def _of_requests(requests: Requests) -> Mapping[str, Ask]:
    answer = RequestAccepted(at=NOW, by=news()[0].event.by, request_id="q7", reporter_ref="reporter-1", asked="urge")
    return {
        "a request twice": lambda: requests.keep(replace(ASKED, request_id="q7"), "r17", b"body"),
        "requests of a report": lambda: requests.of_report("r17"),
        "a request answered": lambda: requests.answered([replace(news()[0], event=answer)]),
    }


def _of_vault(database: Database, vault: Vault, clock: FakeClock, reports: Reports) -> Mapping[str, Ask]:
    reads, tidy = Reads(database), Tidy(database, vault, reports, clock)
    month = Span("wulibao", ["wulibao-south"], MORNING - timedelta(days=90), MORNING - timedelta(days=60))
    return {
        "an identity": lambda: vault.identity("v1", "r1"),
        "a phone seen again": lambda: vault.recognise({b"phone7": "ref-new", b"phone-new": "ref-new"}, NOW),
        "a consent left": lambda: vault.consents.any_for(b"whose8", "w9"),
        "a consent taken": lambda: vault.consents.take(b"whose12", "w-new"),
        "a consent given back": lambda: vault.consents.give_back("w13"),
        "identities erased": lambda: vault.erase(["v7"], ["ref7"]),
        "identities kept until": lambda: vault.keep_until({"v8": NOW, "v9": None}),
        "identities due": tidy.erase_due,
        "orphans": tidy.forget_orphans,
        "reads of a month": lambda: reads.between([month], "", 201),
        "reads of a month, next page": lambda: reads.between([month, month], "0199", 201),
    }


async def _of_the_way(
    database: Database, reports: Reports, requests: Requests, leads: Leads, vault: Vault
) -> Mapping[str, Ask]:
    bus, clock = MemoryBus(), FakeClock(NOW)
    await bus.start()
    await bus.ensure_topics(topic_specs(2))
    publisher, followed = Publisher(bus), Followed(database, clock, "process-1")
    again = PublishAgain(reports.collection, _nothing, bus, publisher, "process-1", HOME_WITHIN)
    asks = PublishAgain(requests.collection, requests.messages, bus, publisher, "process-1", HOME_WITHIN)
    keep = KeepNews(reports, leads, Retention(reports, leads, vault, {"wulibao": wulibao()}))

    async def replaced() -> None:
        bus.wiped()
        for each in (again, asks):
            await each.look(NOW)
        await followed.begin(bus)

    return {
        "not home counted": again.not_home,
        "not home": lambda: again.look(NOW),
        "requests not home": lambda: asks.look(NOW),
        "news": lambda: keep.keep(news(), NOW),
        "followed": lambda: followed.begin(bus),
        "the broker replaced": replaced,
    }


async def _nothing(documents: Sequence[Document]) -> Mapping[str, Outgoing]:
    return {}


def news() -> list[CaseNews]:
    """Of a case from its opening to its end, whose report is none of ours."""
    ended = next(each for each in lives(wulibao(), ["courtyard-51-b1"]) if each.case.state == "archived")
    written = [Message(CASES.name, each.key, each.value, each.headers) for each in news_of(ended)]
    return [read_news(each) for each in written]
