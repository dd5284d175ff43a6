"""One answer on its way: its document, what was tried by now, and how its reporter may be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from services.notify.channels.sender import Sender
from services.notify.residents.contacts import Contact, Way
from services.notify.residents.message import template_of
from services.notify.residents.tries import Try, with_try
from shaoyin.adapters.mongo import Document


@runtime_checkable
class Registered(Protocol):
    """A sender that sends no free text, but fills templates that are registered with its provider."""

    @property
    def template_ids(self) -> Mapping[str, str]:
        """Their ids, by our names of them."""


@dataclass(frozen=True)
class Outside:
    """How residents can be told here; `page` is where a query code is typed."""

    senders: Mapping[str, Sender]
    page: str

    def by(self, kind: str, template: str) -> list[str]:
        """The channels for a kind of way, in their order: `sms_aliyun` and `sms_tencent` for `sms`. One that has not
        registered the template, because it is there for staff, is none.
        """
        ours = [name for name in self.senders if name.partition("_")[0] == kind]
        return [name for name in ours if template in _templates(self.senders[name], {template: ""})]

    def consented(self, answer: Document) -> str | None:
        """The template in WeChat that its message would use up a consent of; None where there is no such message."""
        template = template_of(answer)
        found = [_templates(self.senders[name], {}).get(template) for name in self.by("wechat", template)]
        return next(iter(found), None)


def _templates(sender: Sender, otherwise: Mapping[str, str]) -> Mapping[str, str]:
    return sender.template_ids if isinstance(sender, Registered) else otherwise


@dataclass
class Telling:
    """A claimed answer. What is in it of the reporter is never written."""

    document: Document
    deliveries: Sequence[Document]
    contact: Contact = field(default_factory=Contact)

    @property
    def urgent(self) -> bool:
        return bool(self.document["urgent"])

    @property
    def useful_until(self) -> datetime:
        until: datetime = self.document["useful_until"]
        return until

    @property
    def given_up(self) -> frozenset[str]:
        return frozenset(each["channel"] for each in self.deliveries if each["state"] == "failed")

    def ways(self, outside: Outside) -> Iterator[tuple[str, Way]]:
        """Channel by channel, in the reporter's order."""
        template = template_of(self.document)
        for way in self.contact.ways:
            for channel in outside.by(way.kind, template):
                yield channel, way

    def add(self, made: Try) -> Document:
        """The fields to write."""
        self.deliveries = with_try(self.deliveries, made)
        return {"deliveries": list(self.deliveries), "asked": 0}


def taken_up(document: Document) -> Telling:
    """A try that began under an earlier claim and was never written down was cut: it may have gone out or not."""
    begun = document.get("begun")
    if begun is None:
        return Telling(document, document["deliveries"])
    cut = Try(begun["channel"], begun["at"], "retry", "cut", begun["at"], unsure_at=begun["real_at"])
    return Telling(document, with_try(document["deliveries"], cut))
