"""One report on its way in: what it says becomes what may travel, the identity goes to the vault, and it is stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

import orjson

from services.intake.check_report import answers_of, secrecy_of, signs_of_danger, urgency_of, wrongs
from services.intake.codes import Codes, new_query_code, new_reporter_ref
from services.intake.consents import Consent
from services.intake.group_commit import GroupCommit, TooManyWaiting
from services.intake.hide_flats import hide_flats
from services.intake.incoming import key_reused, refused
from services.intake.receipt import Receipt
from services.intake.report_body import REPORT_BODY, ReportBody
from services.intake.seal import CannotOpen
from services.intake.store_reports import Outcome, Told
from services.intake.store_watch import StoreWatch
from services.intake.vault import Entry, Identity, Vault, digits_of
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.scrub import scrub
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Report, Secrecy, Shown

CROWDED_FOR = 2
"""Seconds until a caller should come back when too many wait."""
WHO, LATER = {"name", "phone", "wechat"}, ("wechat", "answer_by")
"""Of a reporter's fields those that say who it is; and those that came later: a body without them is as it always was.
"""
TRIES = 8
"""Weeks in which one key may be used for something new, or query codes drawn; then another key is asked for."""


@dataclass(frozen=True)
class Taking:
    """What taking a report needs."""

    clock: Clock
    codes: Codes
    vault: Vault
    commit: GroupCommit[Told, Outcome]
    watch: StoreWatch

    async def take(
        self, body: ReportBody, pack: Pack, key: str | None, language: Language, taken_by: str | None
    ) -> Receipt:
        """The receipt, once the report is durable; for a repeat of `key` the first one again. `taken_by` is a post.

        Raises Problem 422 for what the pack does not know and for another body under the same key, Problem 503 where
        too many wait already, and StoreDown: then nothing was confirmed.
        """
        now = self.clock.now()
        if found := list(wrongs(body, pack, now, taken_by)):
            raise refused(found)
        generation = 0
        for _ in range(TRIES):
            report_id = self.codes.report_id(pack.name, key, generation)
            told = self._told(body, pack, report_id, language, now, keyed=key is not None)
            outcome = await self._stored(replace(told, report=replace(told.report, taken_by=taken_by)))
            match outcome:
                case Receipt():
                    return outcome
                case "key_reused":
                    raise key_reused()
                case "key_ran_out":
                    generation += 1
                case "code_taken":
                    continue
                case "sealed_for_ever":
                    raise CannotOpen("the first receipt was sealed with a key that this installation lacks")
        raise key_reused()

    async def _stored(self, told: Told) -> Outcome:
        self.watch.refuse_if_away()
        try:
            return await self.commit.add(told)
        except StoreDown as away:
            self.watch.found_away(away)
            raise
        except TooManyWaiting:
            shown = [asdict(each) for each in told.report.emergency_shown]
            raise Problem(
                503, "too_many", {"seconds": CROWDED_FOR}, headers={"Retry-After": str(CROWDED_FOR)},
                members={"emergency": shown} if shown else {},
            ) from None  # fmt: skip

    def _told(
        self, body: ReportBody, pack: Pack, report_id: str, language: Language, now: datetime, *, keyed: bool
    ) -> Told:
        signs = signs_of_danger(body, pack)
        shown = tuple(Shown(sign.number, sign.say[language]) for sign in signs)
        secrecy = secrecy_of(body, pack)
        report = _report(body, pack, report_id, secrecy, shown, now)
        told_phone = body.reporter.phone if secrecy != "anonymous" else None
        digest = self.codes.body_hash(_canonical(body, secrecy)) if keyed else None
        entry = self._entry(body, report, language, now)
        return Told(
            report=report,
            receipt=Receipt(report_id, new_query_code(), now, shown),
            urgency=urgency_of(body, pack, signs),
            body=digest,
            entry=entry,
            consents=self._consents(body, entry),
            phone=None if told_phone is None else self.codes.phone_hash(pack.name, digits_of(told_phone)),
        )

    def _entry(self, body: ReportBody, report: Report, language: Language, now: datetime) -> Entry | None:
        """None where there is nothing to keep: an anonymous report, or one in which nobody was named."""
        if report.secrecy == "anonymous":
            return None
        reporter, wechat = body.reporter, body.reporter.wechat
        unchanged = body.description == report.description and body.place.text == report.place.text
        if unchanged and reporter.name is None and reporter.phone is None and wechat is None:
            return None
        identity = Identity(
            reporter.name, reporter.phone, body.description, body.place.text,
            None if wechat is None else wechat.openid, reporter.answer_by, language,
        )  # fmt: skip
        return self.vault.entry(report.report_id, identity, now)

    def _consents(self, body: ReportBody, entry: Entry | None) -> tuple[Consent, ...]:
        """Each template once: a tap is one consent, however often it is listed."""
        wechat = body.reporter.wechat
        if wechat is None or entry is None:
            return ()
        hashes = [self.codes.consent_hash(wechat.openid, each) for each in dict.fromkeys(wechat.templates)]
        return tuple(Consent(entry.report_id, entry.entry_id, each) for each in hashes)


def _report(
    body: ReportBody, pack: Pack, report_id: str, secrecy: Secrecy, shown: tuple[Shown, ...], now: datetime
) -> Report:
    """What may travel: without the name and phone that were given, and without what looks like somebody's number.

    Of whoever does not want to be known, without flat numbers too (domain 4.3, X9).
    """
    names = [] if body.reporter.name is None else [body.reporter.name]
    phones = [] if body.reporter.phone is None else [body.reporter.phone]
    secret = secrecy != "open" and not shown

    def hidden(text: str) -> str:
        return hide_flats(scrub(text, names, phones)) if secret else scrub(text, names, phones)

    return Report(
        report_id=report_id,
        community=pack.name,
        pack_version=pack.version,
        description=hidden(body.description),
        place=body.place.given(None if body.place.text is None else hidden(body.place.text), near=secret),
        received_at=now,
        reporter_ref=new_reporter_ref(),
        secrecy=secrecy,
        category=body.category,
        channel=body.channel,
        occurred_at=body.occurred_at,
        on_behalf=body.on_behalf,
        answers=answers_of(body),
        emergency_shown=shown,
    )


def _canonical(body: ReportBody, secrecy: Secrecy) -> bytes:
    """The same for two bodies that say the same, whatever their spacing and order.

    Of an anonymous reporter not even a hash that a name or a phone went into is kept.
    """
    unsaid = {name for name in LATER if getattr(body.reporter, name) is None}
    hidden = {"reporter": unsaid | (WHO if secrecy == "anonymous" else set())}
    return orjson.dumps(REPORT_BODY.dump_python(body, mode="json", exclude=hidden), option=orjson.OPT_SORT_KEYS)
