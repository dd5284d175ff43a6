"""One intake at work: what its routes and its jobs have at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from services.intake.ask import Asking
from services.intake.codes import Codes, as_typed
from services.intake.follow_reports import FollowReports
from services.intake.leads import Leads
from services.intake.progress import Progress
from services.intake.publish_again import PublishAgain
from services.intake.publish_reports import Publisher
from services.intake.reads import Reads
from services.intake.reports import Reports
from services.intake.requests import Requests
from services.intake.store_watch import StoreWatch
from services.intake.take_report import Taking
from services.intake.vault import Vault
from shaoyin.adapters.bus import Bus
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.condition import Condition
from shaoyin.adapters.identity import Keys
from shaoyin.adapters.jobs import Jobs
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.words import Language, Texts
from shaoyin.domain.pack import Pack


@dataclass(frozen=True)
class Intake:
    """Made by `running`; the routes find it with `at_hand`."""

    packs: Mapping[str, Pack]
    keys: Keys
    clock: Clock
    bus: Bus
    codes: Codes
    vault: Vault
    reads: Reads
    reports: Reports
    leads: Leads
    requests: Requests
    taking: Taking
    asking: Asking
    publisher: Publisher
    again: tuple[PublishAgain, ...]
    follow: FollowReports
    watch: StoreWatch
    metrics: Metrics
    jobs: Jobs
    condition: Condition
    texts: Texts
    service_token: bytes = b""

    def pack_of(self, community: str) -> Pack:
        """Raises Problem 404: said of an address."""
        pack = self.packs.get(community)
        if pack is None:
            raise Problem(404, "unknown_community", {"community": community})
        return pack

    async def document(self, query_code: str) -> tuple[str, Document]:
        """The code as it was given out, and its report. Raises Problem 404: no such code, or none that could be."""
        code = as_typed(query_code)
        self.watch.refuse_if_away()
        asked = None if code is None else self.reports.by_code(self.codes.code_hash(code))
        found = None if asked is None else await self.watch.while_there(asked)
        if code is None or found is None:
            raise Problem(404, "not_found")
        return code, found

    async def progress(self, document: Document, language: Language) -> Progress:
        pack = self.pack_of(document["report"]["community"])
        course, asked = await self.leads.course(document), await self.requests.of_report(document["_id"])
        return Progress(pack, course, asked, language, self.clock.now())


def at_hand(request: Request) -> Intake:
    intake: Intake = request.scope["state"]["intake"]
    return intake
