"""The numbers of one service, all on this page: names begin with `shaoyin_`, and no label ever names a person.

A label takes its values from our own words: topics, readers, jobs, codes. What somebody sent is never one.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from shaoyin.adapters.bus_terms import Message

BATCHES = (1, 2, 5, 10, 20, 50, 100, 200, 500)


class Metrics:
    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self.service = service
        self._events = self._counter("shaoyin_events", "what happened, by its name", "what")
        self._levels = self._gauge("shaoyin_levels", "what is so now, by its name", "what")
        self._commands = self._counter("shaoyin_commands", "commands of staff: taken, or why not", "command", "outcome")
        self._counted: dict[str, Counter] = {}
        self._dead = self._counter("shaoyin_dead_letters", "messages laid aside", "topic", "reason")
        self._open = self._gauge("shaoyin_dead_letters_open", "dead letters that nobody has seen to", "topic")
        self._lag = self._gauge(
            "shaoyin_consumer_lag_messages", "messages a group of readers has not committed", "reader", "topic"
        )
        self._outbox = self._gauge("shaoyin_outbox_unsent", "stored, and not yet known to be published", "of")
        self._outbox_age = self._gauge("shaoyin_outbox_oldest_seconds", "how long the oldest of them waits", "of")
        self._overdue = self._gauge("shaoyin_deadlines_overdue", "cases with a deadline that passed unannounced")
        self._overdue_age = self._gauge("shaoyin_deadlines_oldest_overdue_seconds", "how late the oldest of them is")
        self._up = self._gauge("shaoyin_dependency_up", "1 when it can be used, else 0", "dependency")
        self._jobs_down = self._gauge("shaoyin_job_down", "1 when it fails or stands still, else 0", "job")
        self._batches = Histogram(
            "shaoyin_group_commit_reports", "reports that shared one write", ["service"], buckets=BATCHES,
            registry=self.registry,
        ).labels(service)  # fmt: skip

    def count(self, what: str, how_many: int = 1) -> None:
        counter = self._counted.get(what)
        if counter is None:
            counter = self._counted[what] = self._events.labels(self.service, what)
        counter.inc(how_many)

    def level(self, what: str, value: float) -> None:
        self._levels.labels(self.service, what).set(value)

    def command(self, name: str, outcome: str) -> None:
        self._commands.labels(self.service, name, outcome).inc()

    def buried(self, dead: Sequence[Message]) -> None:
        """Counts what was laid aside, by the topic it came from and the code of the reason."""
        for (topic, reason), many in Tally((each.topic.removesuffix(".dlq"), _reason(each)) for each in dead).items():
            self._dead.labels(self.service, topic, reason).inc(many)

    def dead_letters_open(self, topic: str, how_many: int) -> None:
        self._open.labels(self.service, topic).set(how_many)

    def lag(self, reader: str, topic: str, messages: int) -> None:
        self._lag.labels(self.service, reader, topic).set(messages)

    def outbox(self, of: str, unsent: int, oldest_seconds: float) -> None:
        self._outbox.labels(self.service, of).set(unsent)
        self._outbox_age.labels(self.service, of).set(max(oldest_seconds, 0.0))

    def overdue(self, cases: int, oldest_seconds: float) -> None:
        self._overdue.labels(self.service).set(cases)
        self._overdue_age.labels(self.service).set(max(oldest_seconds, 0.0))

    def up(self, dependency: str, *, is_up: bool) -> None:
        self._up.labels(self.service, dependency).set(is_up)

    def job_down(self, job: str, *, is_down: bool) -> None:
        self._jobs_down.labels(self.service, job).set(is_down)

    def batch(self, size: int) -> None:
        self._batches.observe(size)

    def text(self) -> bytes:
        return generate_latest(self.registry)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, ["service", *labels], registry=self.registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(name, says, ["service", *labels], registry=self.registry)


def _reason(dead: Message) -> str:
    return next((value.decode(errors="replace") for name, value in dead.headers if name == "reason"), "unknown")
