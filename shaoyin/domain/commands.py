"""What may be asked, all on one list. A command carries its time and the facts its caller gathered; nobody is asked."""

from __future__ import annotations

from shaoyin.domain.case_commands import *  # noqa: F403 - one name for all of them: commands
from shaoyin.domain.given import *  # noqa: F403
from shaoyin.domain.whistle_commands import *  # noqa: F403

CaseCommand = (
    OpenCase
    | DivertEmergency
    | AskInfo
    | SupplyInfo
    | GiveUpInfo
    | Archive
    | SendVerify
    | Verified
    | NotFound
    | SolveOnSpot
    | MergeInto
    | AttachReporter
    | Refuse
    | DisputeRefusal
    | Accept
    | Dispatch
    | PostForClaim
    | Claim
    | GiveBack
    | TakeBack
    | DeclineOrder
    | SignFor
    | ReturnCase
    | Reassign
    | Adjudicate
    | Start
    | ContactReporter
    | AddHandler
    | NotifyParty
    | SubmitPart
    | RequestExtension
    | ApproveExtension
    | DeclineExtension
    | Suspend
    | Resume
    | RecordTemporaryMeasure
    | SubmitResult
    | PassCheck
    | FailCheck
    | RecordCallBack
    | Rate
    | Reopen
    | Withdraw
    | RaiseSecrecy
    | Urge
    | TransferOut
    | Supervise
    | ChangeUrgency
    | Reclassify
    | SplitOff
    | RecomputeClocks
    | TimePassed
)
WhistleCommand = (
    RequestWhistle
    | ApproveWhistle
    | DeclineWhistle
    | Acknowledge
    | Contact
    | Arrive
    | AgreePlan
    | SubmitResponse
    | MarkAbsent
    | RateWhistle
    | CloseWhistle
    | CancelWhistle
    | BlowEmergencyWhistle
    | BlowStanding
    | ApproveAfterwards
    | LiftBlocking
    | UpgradeWhistle
    | AddResponder
    | Object
    | DecideObjection
    | WithdrawResponse
)
Command = CaseCommand | WhistleCommand
