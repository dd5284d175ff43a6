"""What may have happened, all on one list: the union drives the wire format, the schemas and the replay."""

from __future__ import annotations

from typing import get_args

from shaoyin.domain.case_events import *  # noqa: F403 - one name for all of them: events
from shaoyin.domain.happened import *  # noqa: F403
from shaoyin.domain.whistle_events import *  # noqa: F403

TriageEvent = (
    CaseReported
    | CaseAccepted
    | InfoRequested
    | InfoSupplied
    | InfoWaitOver
    | VerifyRequested
    | CaseVerified
    | RefusalDisputed
    | UrgencyChanged
    | CaseReclassified
    | EmergencyCalled
    | AreaChanged
)
HandingEvent = (
    CaseDispatched
    | CaseReturned
    | CaseReassigned
    | CaseAdjudicated
    | OrderPosted
    | OrderClaimed
    | OrderUnclaimed
    | OrderGivenBack
    | OrderTakenBack
    | PlaceGivenUp
    | HandlerAdded
    | PartSubmitted
    | PartyNotified
)
WorkEvent = (
    CaseSigned
    | CaseStarted
    | CaseContacted
    | MeasureRecorded
    | ResultSubmitted
    | CheckPassed
    | CheckSkipped
    | ReworkOrdered
    | ExtensionRequested
    | ExtensionApproved
    | ExtensionDeclined
    | CaseSuspended
    | CaseResumed
)
EndEvent = (
    CaseClosed
    | CaseArchived
    | CaseNotAccepted
    | CaseMerged
    | CaseWithdrawn
    | CaseTransferredOut
    | EmergencyDiverted
    | CaseReopened
)
ReporterEvent = (
    CalledBack
    | CaseRated
    | RequestAccepted
    | RequestRefused
    | ReporterAttached
    | ReporterDetached
    | SecrecyRaised
    | CaseUrged
    | CaseSplitOff
)
SilenceEvent = CaseDueSoon | CaseOverdue | CaseSupervised | CaseReviewDue | CaseMarkedHard | ClocksRecomputed
CaseEvent = TriageEvent | HandingEvent | WorkEvent | EndEvent | ReporterEvent | SilenceEvent
WhistleEvent = (
    WhistleRequested
    | WhistleBlown
    | WhistleDeclined
    | WhistleAcknowledged
    | WhistleWaitListed
    | WhistleContacted
    | WhistleArrived
    | PlanAgreed
    | ResponseSubmitted
    | ResponderAbsent
    | WhistleRated
    | WhistleClosed
    | WhistleCancelled
    | WhistleOverdue
    | ApprovedAfterwards
    | BlockingLifted
    | WhistleUpgraded
    | ResponderAdded
    | ResponderPromoted
    | WhistleObjected
    | ObjectionDecided
    | SituationReported
    | ResponseWithdrawn
)
Event = CaseEvent | WhistleEvent
EVENTS: tuple[type[Event], ...] = (*get_args(CaseEvent), *get_args(WhistleEvent))
