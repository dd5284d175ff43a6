"""One batch of reports into the store: identities first, then the reports; a repeat gets the first answer again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from services.intake.codes import Codes, new_reporter_ref
from services.intake.consents import Consent
from services.intake.publish_reports import Outgoing, Publisher
from services.intake.receipt import Receipt
from services.intake.reports import KeyKept, Reports, Shelved, report_in
from services.intake.seal import CannotOpen, Seal
from services.intake.store_watch import StoreWatch
from services.intake.vault import Entry, Vault
from shaoyin.adapters.mongo import Document, StoreDown, store_needed
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.pack import Urgency
from shaoyin.domain.report import Report

Refusal = Literal["key_reused", "key_ran_out", "code_taken", "sealed_for_ever"]
"""Another body under the same key; a key older than seven days; a query code that somebody has already; a receipt
whose key is not among the vault's.
"""
Outcome = Receipt | Refusal


@dataclass(frozen=True, slots=True)
class Told:
    """A report ready to be stored. `body` is the body's hash where an idempotency key came with it."""

    report: Report
    receipt: Receipt
    urgency: Urgency
    body: bytes | None = None
    entry: Entry | None = None
    phone: bytes | None = None
    consents: tuple[Consent, ...] = ()

    @property
    def report_id(self) -> str:
        return self.report.report_id


class ReportStore:
    def __init__(
        self, reports: Reports, vault: Vault, seal: Seal, codes: Codes, publisher: Publisher, watch: StoreWatch
    ) -> None:
        self._reports = reports
        self._vault = vault
        self._seal = seal
        self._codes = codes
        self._publisher = publisher
        self._watch = watch

    async def __call__(self, batch: Sequence[Told]) -> list[Outcome]:
        """Equal ids are joined first; what is new is published at once. Raises StoreDown: then nothing is answered."""
        self._watch.refuse_if_away()
        firsts: dict[str, Told] = {}
        for told in batch:
            firsts.setdefault(told.report_id, told)
        write = self._write(list(firsts.values()), batch[0].report.received_at)
        there, refs = await self._watch.while_there(write)
        new = [each for each in firsts.values() if each.report_id not in there]
        self._publisher.soon([Outgoing.report(_with_ref(each, refs)) for each in new])
        stored = await self._watch.while_there(self._stored(there)) if there else {}
        return [self._outcome(told, firsts[told.report_id], there, stored) for told in batch]

    @store_needed()
    async def _write(self, firsts: Sequence[Told], at: datetime) -> tuple[Mapping[str, str], Mapping[bytes, str]]:
        entries = [each.entry for each in firsts if each.entry is not None]
        phones = {
            each.phone: each.report.reporter_ref or new_reporter_ref() for each in firsts if each.phone is not None
        }
        consents = [consent for each in firsts for consent in each.consents]
        _, _, refs = await asyncio.gather(
            self._vault.keep(entries), self._vault.consents.keep(consents, at), self._vault.recognise(phones, at)
        )
        return await self._reports.insert([self._shelved(each, refs) for each in firsts]), refs

    def _shelved(self, told: Told, refs: Mapping[bytes, str]) -> Shelved:
        code = told.receipt.query_code
        key = None
        if told.body is not None:
            key = KeyKept(told.body, self._seal.seal(code.encode(), told.report_id, "code"))
        entry = None if told.entry is None else told.entry.entry_id
        return Shelved(_with_ref(told, refs), self._codes.code_hash(code), told.urgency, key, entry)

    async def _stored(self, there: Mapping[str, str]) -> Mapping[str, Document]:
        """What was there before us, by a majority read. Raises StoreDown where the majority does not have it yet."""
        repeats = [report_id for report_id, key in there.items() if key == "_id"]
        found = await self._reports.by_id(repeats) if repeats else {}
        if len(found) < len(repeats):
            raise StoreDown("a repeat met a report that the majority does not have yet")
        return found

    def _outcome(self, told: Told, first: Told, there: Mapping[str, str], stored: Mapping[str, Document]) -> Outcome:
        if there.get(told.report_id) == "code":
            return "code_taken"
        document = stored.get(told.report_id)
        if document is not None:
            return self._repeated(told, document)
        return first.receipt if told.body == first.body else "key_reused"

    def _repeated(self, told: Told, document: Document) -> Outcome:
        if "body" not in document or document["forget_at"] <= told.report.received_at:
            return "key_ran_out"
        if document["body"] != told.body:
            return "key_reused"
        report = report_in(document)
        try:
            code = self._seal.open(document["sealed_code"], report.report_id, "code").decode()
        except CannotOpen:
            return "sealed_for_ever"
        return Receipt(report.report_id, code, report.received_at, report.emergency_shown)


def _with_ref(told: Told, refs: Mapping[bytes, str]) -> Report:
    """The reference of the same reporter's earlier report, where the vault recognised the phone."""
    known = None if told.phone is None else refs.get(told.phone)
    return told.report if known in (None, told.report.reporter_ref) else replace(told.report, reporter_ref=known)
