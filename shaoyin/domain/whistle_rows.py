"""The lines of whistles and of their responders, as the specification writes them; each code names the rule it guards.

W9, W10 and W11 stand in both tables: the responder's move is a line, what it does to the whistle is `WHISTLE_EFFECTS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from shaoyin.domain import blowing, objections, rating, responses, silence, staffing, whistle
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.rows import Guard, Row, row, written

BLOWERS = "grid_lead|community_secretary|community_deputy|community_duty|council_chair|handler|system"
SPOT = "grid_lead|grid_worker|micro_grid_lead|community_duty|community_secretary|community_deputy|system"
APPROVERS = "community_secretary|community_deputy|street_deputy|street_head"
HEADS = "community_secretary|street_deputy|street_head|dept_head"
JUDGES = "street_centre|district_joint_office|street_head"

WHISTLE_EFFECTS: Mapping[str, tuple[str, str]] = {
    "W9": ("blown", "working"),
    "W10": ("blown", "working"),
    "W11": ("blown|working", "result_in"),
}
"""What a responder's move does to the whistle: the first arrival without plan, the plan, the last result."""

_reason = written("reason_missing", "reason")
_ask = (
    Guard("wrong_state", whistle.case_not_accepted, early=True),
    Guard("source_missing", whistle.source_missing),
    Guard("tier_mismatch", whistle.tier_mismatch),
    Guard("tier_off", whistle.tier_off),
    Guard("why_not_below_missing", whistle.why_not_below_missing),
    Guard("whistle_duplicate", whistle.whistle_duplicate),
)
_blow = (
    Guard("nobody_to_call", blowing.nobody_to_call),
    Guard("time_missing", blowing.time_missing),
    Guard("time_too_late", blowing.time_too_late),
    Guard("lead_missing", blowing.lead_missing),
    Guard("unsafe_whistle", blowing.unsafe_whistle),
)
_approver = Guard("not_permitted", blowing.may_not_approve, early=True)
_head = Guard("not_permitted", whistle.not_its_head, early=True)
_not_due = Guard("not_due", silence.not_due)
_person = Guard("person", silence.person)

WHISTLE_FLOW: tuple[Row, ...] = (
    row(
        "W1", cmd.RequestWhistle, "-", "blown", "community_secretary|community_deputy", whistle.request_whistle,
        guards=(Guard("approver_needed", whistle.approver_needed, picks=True), *_ask, *_blow),
        events=(ev.WhistleRequested, ev.WhistleBlown), level="whistle",
    ),
    row(
        "W1", cmd.RequestWhistle, "-", "requested", BLOWERS, whistle.request_whistle, guards=_ask,
        events=(ev.WhistleRequested,), level="whistle",
    ),
    row(
        "a20", cmd.BlowStanding, "-", "blown", "system", blowing.blow_standing,
        guards=(Guard("not_due", blowing.not_on_the_list),), events=(ev.WhistleBlown,), level="whistle",
    ),
    row(
        "W2", cmd.ApproveWhistle, "requested", "blown", APPROVERS, blowing.approve_whistle,
        guards=(_approver, Guard("own_request", blowing.own_request, early=True), *_blow),
        events=(ev.WhistleBlown,), level="whistle",
    ),
    row(
        "W3", cmd.DeclineWhistle, "requested", "declined", APPROVERS, whistle.decline_whistle,
        guards=(_approver, written("reason_missing", "reason", "instead")), events=(ev.WhistleDeclined,),
        level="whistle",
    ),
    row(
        "W4", cmd.BlowEmergencyWhistle, "-", "blown", SPOT, blowing.blow_emergency_whistle,
        guards=(
            Guard("not_an_emergency", blowing.not_an_emergency),
            Guard("wrong_state", blowing.case_not_open, early=True),
            Guard("nobody_to_call", blowing.nobody_to_call),
        ),
        events=(ev.WhistleBlown,), level="whistle",
    ),
    row(
        "a21", cmd.ApproveAfterwards, "blown|working|result_in|rated|closed", "same", APPROVERS,
        whistle.approve_afterwards,
        guards=(
            Guard("nothing_to_approve", whistle.nothing_to_approve, early=True), _approver,
            Guard("reason_missing", whistle.no_without_reason),
        ),
        events=(ev.ApprovedAfterwards,), level="whistle",
    ),
    row(
        "a22", cmd.LiftBlocking, "requested|blown|working|result_in|rated", "same", HEADS, whistle.lift_blocking,
        guards=(_head, Guard("not_blocking", whistle.not_blocking, early=True), _reason),
        events=(ev.BlockingLifted,), level="whistle",
    ),
    row(
        "W12", cmd.RateWhistle, "result_in", "rated", "requester", rating.rate_whistle,
        guards=(
            Guard("not_the_blower", rating.not_the_blower, early=True), Guard("not_rateable", rating.not_rateable),
            Guard("rating_incomplete", rating.rating_incomplete),
        ),
        events=(ev.WhistleRated,), level="whistle",
    ),
    row(
        "W13", cmd.CloseWhistle, "rated", "closed", "requester|community_secretary|street_deputy",
        whistle.close_whistle,
        guards=(
            Guard("not_the_blower", whistle.neither_blower_nor_head, early=True),
            Guard("not_permitted", whistle.head_too_early, early=True), Guard("tasks_open", whistle.tasks_open),
        ),
        events=(ev.WhistleClosed,), level="whistle",
    ),
    row(
        "W14", cmd.UpgradeWhistle, "working", "upgraded", HEADS, whistle.upgrade_whistle,
        guards=(
            _head, Guard("tier_off", whistle.upper_tier_off, early=True),
            Guard("no_upper_tier", whistle.no_upper_tier),
        ),
        events=(ev.WhistleUpgraded, ev.WhistleRequested), level="whistle",
    ),
    row(
        "W16", cmd.CancelWhistle, "requested|blown|working|result_in", "cancelled", "requester|system",
        whistle.cancel_whistle, guards=(Guard("not_the_blower", whistle.not_the_blowers_to_cancel), _reason),
        events=(ev.WhistleCancelled,), level="whistle",
    ),
    row(
        "a23", cmd.TimePassed, "requested|blown|working|result_in|rated|closed", "same", "system",
        silence.approval_late, guards=(_not_due,), events=(ev.WhistleOverdue,), level="whistle", clocks="approval",
    ),
    row(
        "a24", cmd.TimePassed, "result_in|rated", "same", "system", silence.judging_late, guards=(_not_due,),
        events=(ev.WhistleOverdue,), level="whistle", clocks="rating|closing",
    ),
    row(
        "a25", cmd.TimePassed, "blown|working", "same", "system", silence.staffing_late, guards=(_not_due,),
        events=(ev.WhistleOverdue,), level="whistle", clocks="staffing",
    ),
    row(
        "a26", cmd.TimePassed, "blown|working", "same", "system", silence.situation_late, guards=(_not_due,),
        events=(ev.WhistleOverdue,), level="whistle", clocks="situation",
    ),
)  # fmt: skip

_judge = Guard("approver_may_not_decide", objections.may_not_decide, early=True)
_own = Guard("not_your_response", responses.not_your_response)
_place = Guard("no_place_free", responses.no_place_free)

RESPONDER_FLOW: tuple[Row, ...] = (
    row(
        "a27", cmd.AddResponder, "-", "called", "requester|street_deputy|street_head", staffing.add_responder,
        guards=(
            Guard("wrong_state", staffing.not_blown, early=True),
            Guard("second_post_needed", staffing.second_post_needed), Guard("already_called", staffing.already_called),
        ),
        events=(ev.ResponderAdded,), level="responder",
    ),
    row(
        "W5", cmd.Acknowledge, "called", "acknowledged", "responder|requester", responses.acknowledge,
        guards=(
            _own, Guard("not_active", responses.not_active),
            Guard("no_place_free", responses.no_place_free, picks=True),
        ),
        events=(ev.WhistleAcknowledged,), level="responder",
    ),
    row(
        "W5", cmd.Acknowledge, "-", "acknowledged", "member", responses.acknowledge,
        guards=(
            Guard("not_active", responses.not_for_members, early=True), Guard("not_active", responses.not_oneself),
            Guard("no_place_free", responses.no_place_free, picks=True),
        ),
        events=(ev.WhistleAcknowledged,), level="responder",
    ),
    row(
        "W5", cmd.Acknowledge, "-|called", "wait_listed", "member|requester", responses.wait_list,
        guards=(
            Guard("place_free", responses.place_free, early=True),
            Guard("already_answered", responses.already_answered),
        ),
        events=(ev.WhistleWaitListed,), level="responder",
    ),
    row(
        "W6", cmd.Object, "called|acknowledged", "objected", "responder", objections.object_to,
        guards=(
            Guard("objection_incomplete", objections.objection_incomplete),
            Guard("emergency", objections.emergency, picks=True),
            Guard("already_objected", objections.already_objected, early=True),
            Guard("already_arrived", objections.already_arrived),
        ),
        events=(ev.WhistleObjected,), level="responder",
    ),
    row(
        "W6", cmd.Object, "called|acknowledged", "same", "responder", objections.object_to,
        guards=(
            Guard("not_an_emergency", objections.not_an_emergency, picks=True),
            Guard("already_objected", objections.already_objected, early=True),
            Guard("already_arrived", objections.already_arrived),
        ),
        events=(ev.WhistleObjected,), level="responder",
    ),
    row(
        "W7", cmd.DecideObjection, "objected", "removed", JUDGES, objections.decide_objection,
        guards=(_judge, _reason, Guard("reason_missing", objections.not_upheld, picks=True)),
        events=(ev.ObjectionDecided,), level="responder",
    ),
    row(
        "W7", cmd.DecideObjection, "objected", "acknowledged", JUDGES, objections.decide_objection,
        guards=(_judge, _reason, Guard("reason_missing", objections.not_overruled, picks=True)),
        events=(ev.ObjectionDecided,), level="responder",
    ),
    row(
        "W8", cmd.Contact, "acknowledged", "same", "responder", responses.contact, guards=(_own,),
        events=(ev.WhistleContacted,), level="responder",
    ),
    row(
        "W8", cmd.Contact, "on_site|working", "same", "responder", responses.report_situation,
        guards=(Guard("not_an_emergency", responses.not_an_emergency, early=True), _own),
        events=(ev.SituationReported,), level="responder",
    ),
    row(
        "W9", cmd.Arrive, "called|acknowledged", "on_site", "responder|requester", responses.arrive,
        guards=(
            _own, Guard("arrival_incomplete", responses.arrival_incomplete), _place,
            Guard("plan_agreed", responses.plan_agreed, picks=True),
        ),
        events=(ev.WhistleAcknowledged, ev.WhistleArrived), level="responder",
    ),
    row(
        "W9", cmd.Arrive, "called|acknowledged", "working", "responder|requester", responses.arrive,
        guards=(Guard("no_plan_yet", responses.no_plan_yet, picks=True), _own),
        events=(ev.WhistleAcknowledged, ev.WhistleArrived), level="responder",
    ),
    row(
        "W10", cmd.AgreePlan, "on_site", "working", "responder", responses.agree_plan,
        guards=(
            Guard("no_plan_for_type", responses.no_plan_for_type, early=True),
            Guard("not_the_lead", responses.not_the_lead, early=True), Guard("not_on_site", responses.not_on_site),
            Guard("plan_incomplete", responses.plan_incomplete),
        ),
        events=(ev.PlanAgreed,), level="responder",
    ),
    row(
        "W11", cmd.SubmitResponse, "on_site|working", "result_in", "responder|requester", responses.submit_response,
        guards=(
            _own, Guard("plan_needed", responses.plan_needed), Guard("evidence_missing", responses.evidence_missing),
        ),
        events=(ev.ResponseSubmitted,), level="responder",
    ),
    row(
        "a29", cmd.WithdrawResponse, "acknowledged|wait_listed", "withdrawn", "member|system",
        staffing.withdraw_response,
        guards=(
            Guard("units_object_instead", staffing.units_object_instead),
            Guard("already_arrived", staffing.already_arrived),
        ),
        events=(ev.ResponseWithdrawn,), level="responder",
    ),
    row(
        "a28", cmd.WithdrawResponse, "wait_listed", "acknowledged", "member|system", staffing.withdraw_response,
        guards=(Guard("no_place_free", responses.no_place_free),), events=(ev.ResponderPromoted,), level="responder",
    ),
    row(
        "a30", cmd.MarkAbsent, "called|acknowledged|objected|on_site|working", "absent",
        "requester|street_centre|district_joint_office", staffing.mark_absent,
        guards=(Guard("not_late_yet", staffing.not_late_yet), _reason), events=(ev.ResponderAbsent,),
        level="responder",
    ),
    row(
        "W15", cmd.TimePassed, "called", "same", "system", silence.unit_late, guards=(_not_due, _person),
        events=(ev.WhistleOverdue,), level="responder", clocks="acknowledge",
    ),
    row(
        "a31", cmd.TimePassed, "called|acknowledged|on_site|working", "same", "system", silence.unit_late,
        guards=(_not_due, _person), events=(ev.WhistleOverdue,), level="responder", clocks="contact|arrive|finish",
    ),
    row(
        "a32", cmd.TimePassed, "objected", "same", "system", silence.objection_late, guards=(_not_due,),
        events=(ev.WhistleOverdue,), level="responder", clocks="objection",
    ),
)  # fmt: skip
"""a28 is what a29 brings about for the first in line, in the same decision; a29 stands first and is the line given."""
