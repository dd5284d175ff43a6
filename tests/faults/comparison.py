"""The two sides beside each other: what was answered, and what is stored, sent and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from services.notify.ringing.pass_on import HOPS, UNREAD_BY
from shaoyin.domain import events as ev
from tests.faults.ledger import Ledger
from tests.faults.progress import unreadable
from tests.faults.settled import unread_too_long
from tests.faults.stage import Stage
from tests.faults.stored import Case, Everything, content, ident
from tests.faults.table import Row, row
from tests.faults.topic import OnTopic, dead_letters, news_after_replay, news_on_topic

DONE_BY = {"sign_for": ev.CaseSigned, "start": ev.CaseStarted, "contact_reporter": ev.CaseContacted}


def compared(stage: Stage, ledger: Ledger) -> list[Row]:
    there = Everything.of(stage)
    return [
        *_of_cases(there, ledger), *_of_commands(there, ledger), *_of_requests(there, ledger), *_of_time(there),
        *_of_alerts(there), *_of_the_wire(there), *_of_progress(stage, ledger), *_of_answers(stage, ledger),
    ]  # fmt: skip


def _of_cases(there: Everything, ledger: Ledger) -> Iterator[Row]:
    receipts = ledger.cases()
    yield row("reports answered 202, each routed to a case", len(receipts), (
        each.report_id for each in receipts if each.case_id not in there.cases
    ))  # fmt: skip
    ours = {each.case_id for each in receipts}
    yield row("cases, each of a report that was answered", len(there.cases), (set(there.cases) - ours))
    numbers = Counter(each.stored.case.number for each in there.cases.values() if each.stored.case.number)
    yield row("case numbers, each given once", len(numbers), (each for each, count in numbers.items() if count > 1))
    dispatches = {case_id: _dispatches(case) for case_id, case in there.cases.items()}
    yield row("assignments by dispatch, at most one a case", sum(dispatches.values()), (
        case_id for case_id, count in dispatches.items() if count > 1
    ))  # fmt: skip
    events = sum(len(case.stored.history) for case in there.cases.values())
    yield row("event numbers in MongoDB, none missing or doubled", events, (
        case_id for case_id, case in there.cases.items() if not case.numbers_are_whole()
    ))  # fmt: skip


def _dispatches(case: Case) -> int:
    return sum(isinstance(event, ev.CaseDispatched) for event in case.stored.history)


def _of_commands(there: Everything, ledger: Ledger) -> Iterator[Row]:
    done = [given for given in ledger.commands if given.status == 200]
    lost = [g for g in done if g.case_id not in there.cases or there.cases[g.case_id].keys[g.key] != 1]
    yield row("commands answered 200, each kept with its case once", len(done), lost)
    asked = Counter((given.case_id, given.command) for given in done)
    happened = Counter(
        (case_id, command)
        for case_id, case in there.cases.items()
        for event in case.stored.history
        for command, kind in DONE_BY.items()
        if isinstance(event, kind)
    )
    wrong = [each for each in {*asked, *happened} if asked[each] != happened[each]]
    yield row("what they did, each once in effect", happened.total(), wrong)


def _of_requests(there: Everything, ledger: Ledger) -> Iterator[Row]:
    answers = Counter(
        event.request_id
        for case in there.cases.values()
        for event in case.stored.history
        if isinstance(event, ev.RequestAccepted | ev.RequestRefused)
    )
    yield row("residents' requests answered 202, each decided once", len(ledger.requests), (
        each for each in {*ledger.requests, *answers} if answers[each] != 1 or each not in ledger.requests
    ))  # fmt: skip


def _of_time(there: Everything) -> Iterator[Row]:
    now = there.stage.now()
    announced: Counter[tuple[object, ...]] = Counter()
    for case_id, case in there.cases.items():
        for event in case.stored.history:
            if isinstance(event, ev.CaseOverdue):
                announced[case_id, event.clock, event.due_at, event.hop] += 1
            elif isinstance(event, ev.WhistleOverdue):
                announced[case_id, event.whistle_id, event.responder, event.clock, event.due_at, event.step] += 1
    yield row("escalations, each once", announced.total(), (each for each, n in announced.items() if n > 1))
    yield row("sign clocks that ran out, each announced", *_silent(there))
    due = [each.case_id for each in there.cases.values() if (at := each.stored.case.next_due_at) and at < now]
    yield row("open cases, nothing due and unannounced", sum(c.stored.case.open for c in there.cases.values()), due)


def _silent(there: Everything) -> tuple[int, list[str]]:
    """Counted from the history alone: who was dispatched, when it had to be signed for, and whether it was in time."""
    now, ran_out, wrong = there.stage.now(), 0, []
    for case_id, case in there.cases.items():
        events = case.stored.history
        due = [
            each.due_at
            for e in events
            if isinstance(e, ev.CaseDispatched)
            for each in e.deadlines
            if each.clock == "sign"
        ]
        in_time = any(isinstance(e, ev.CaseSigned | ev.CaseWithdrawn) and due and e.at <= due[0] for e in events)
        if due and due[0] < now and not in_time:
            ran_out += 1
            told = sum(isinstance(e, ev.CaseOverdue) and e.clock == "sign" for e in events)
            wrong += [case_id] if told != 1 else []
    return ran_out, wrong


def _of_alerts(there: Everything) -> Iterator[Row]:
    kept = list(there.stage.database("notify")["alerts"].find({"case_id": {"$type": "string"}}))
    stored = {each["_id"] for each in kept}
    told = Counter((each["event_id"], each["person"] or each["post"], each["kind"]) for each in kept)
    yield row("alerts that the core demands, each there", len(there.demanded), (
        said for alert_id, said in there.demanded.items() if alert_id not in stored
    ))  # fmt: skip
    passed_on = [each for each in kept if HOPS in each["facts"]]
    yield row("alerts in the inboxes, none that nobody demanded", len(stored), (
        stored - set(there.demanded) - {each["_id"] for each in passed_on}
    ))  # fmt: skip
    told_before = {_step(each) for each in kept if each.get("passed_on_at")}
    yield row("critical alerts passed on, each of one that nobody read", len(passed_on), (
        each["_id"] for each in passed_on if _step_before(each) not in told_before
    ))  # fmt: skip
    silent = there.stage.database("notify")["alerts"].find(unread_too_long(there.stage.now()))
    yield row("critical alerts that nobody read, each passed on", len(told_before), (each["_id"] for each in silent))
    yield row("persons told, nobody twice of the same", len(told), (each for each, count in told.items() if count > 1))


def _step(alert: Mapping[str, Any]) -> tuple[object, ...]:
    return alert["event_id"], alert["kind"], alert["post"], int(alert["facts"].get(HOPS, "0"))


def _step_before(alert: Mapping[str, Any]) -> tuple[object, ...]:
    facts = alert["facts"]
    return alert["event_id"], alert["kind"], facts[UNREAD_BY], int(facts[HOPS]) - 1


def _of_the_wire(there: Everything) -> Iterator[Row]:
    wiped_at, kafka = there.stage.wiped_at, there.stage.engines.kafka_address
    events = {
        ident(each): event
        for case in there.cases.values()
        for each, event in zip(case.news, case.stored.history, strict=True)
    }
    since = {each: event for each, event in events.items() if wiped_at is None or event.at > wiped_at}
    first = news_on_topic(kafka)
    yield row("events since Kafka was last wiped, each on the topic", len(since), _missing(since, first))
    again = news_after_replay(kafka)
    yield row("events, each on the topic once all is asked for again", len(events), _missing(events, again))
    yield row("messages with them, a repeat says the same", again.messages, _other(there, again))
    dead = dead_letters(kafka)
    yield row("dead letters", dead, range(dead))


def _missing(events: Mapping[str, ev.Event], seen: OnTopic) -> Iterator[str]:
    return (f"{each} {event.type} at {event.at}" for each, event in events.items() if each not in seen.said)


def _other(there: Everything, seen: OnTopic) -> Iterator[str]:
    """Said in two ways, in another way than it is stored, or never decided. What fell due while the topic was being
    read is looked up once more.
    """
    stored = {ident(each): content(each.key, each.value) for _, each in there.news()}
    late = {each.partition(":")[0] for each in seen.said if each not in stored}
    stored |= {ident(each): content(each.key, each.value) for case in there.now(late) for each in case.news}
    for each, said in seen.said.items():
        if said != {stored.get(each)}:
            yield f"{each}: said in {len(said)} ways, {_as_stored(stored.get(each), said)}"


def _as_stored(stored: bytes | None, said: set[bytes]) -> str:
    if stored is None:
        return "not stored"
    return "one of them as it is stored" if stored in said else "none of them as it is stored"


def _of_progress(stage: Stage, ledger: Ledger) -> Iterator[Row]:
    receipts = ledger.cases()
    yield row("progress pages, each readable and moved on", len(receipts), unreadable(stage, ledger, receipts))


def _of_answers(stage: Stage, ledger: Ledger) -> Iterator[Row]:
    ledger.wrongs, wrongs = [], ledger.wrongs
    yield row("answers, none that a repeat would not mend", ledger.answers.total(), wrongs)
    for said, count in sorted(ledger.answers.items()):
        yield row(f"  {said}, the slowest after {ledger.slowest[said]:.1f} s", count)
    yield row("services that ended by themselves", len(stage.ended_by_themselves), stage.ended_by_themselves)
