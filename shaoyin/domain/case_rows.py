"""The life of a case on one page: from where, who may, what forbids it, what then. Numbers are the specification's.

Lines of one command are asked in this order; see `rows`. `-` is a case that is not there yet.
"""

from __future__ import annotations

from shaoyin.domain import (
    asking,
    assignment,
    closing,
    ending,
    escalation,
    handling,
    merging,
    orders,
    pausing,
    returning,
    triage,
    urging,
    who,
)
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.rows import Guard, Row, row, written

TRIAGE = "community_duty|street_centre|triage_lead"
GRID = "grid_worker|grid_lead|micro_grid_lead"
INTAKE = f"service_post|community_duty|{GRID}|street_centre"
DEPUTY = "street_deputy|street_head"
SUPERIOR = f"community_secretary|{DEPUTY}|dept_head"
SUPERIOR_LEADERS = f"community_secretary|{DEPUTY}|{INTAKE}"
BEFORE_WORK = "reported|needs_info|verifying|accepted"
UNDER_WAY = "open_for_claim|dispatched|returned|signed|in_progress|suspended"
BEFORE_RESULT = f"{BEFORE_WORK}|{UNDER_WAY}"
OPEN = f"{BEFORE_RESULT}|result_submitted|calling_back"
WORKING = "signed|in_progress|suspended"
SOMEBODY_RESPONSIBLE = f"dispatched|returned|{WORKING}|result_submitted|calling_back"

NOBODY_ON_SITE = Guard("responder_on_site", ending.responder_on_site, early=True)
NOT_LOCKED = Guard("locked", returning.locked, early=True)
A_REPORTER = Guard("not_a_reporter", who.not_a_reporter)
NOT_OWN_WORK = Guard("own_work", who.own_work, early=True)
REASON = written("reason_missing", "reason")
CLAIMANT = (
    Guard("not_eligible", orders.not_eligible, early=True), Guard("own_matter", orders.own_matter, early=True),
    Guard("already_claimed", orders.already_claimed, early=True),
    Guard("no_place_free", orders.no_place_free, early=True),
)  # fmt: skip

UNTIL_SOMEBODY_IS_RESPONSIBLE: tuple[Row, ...] = (
    row(
        "2", cmd.OpenCase, "-", "reported", f"reporter|{INTAKE}|system", triage.opened,
        guards=[
            Guard("place_missing", triage.place_missing),
            Guard("intake_right_missing", triage.intake_right_missing),
            Guard("unknown_category", triage.unknown_category),
        ],
        events=[ev.CaseReported],
    ),
    row(
        "3", cmd.DivertEmergency, BEFORE_WORK, "transferred_out", "system|any_staff", ending.divert_emergency,
        guards=[Guard("not_an_emergency", ending.not_an_emergency), NOBODY_ON_SITE], events=[ev.EmergencyDiverted],
    ),
    row(
        "3", cmd.DivertEmergency, UNDER_WAY, "same", "system|any_staff", ending.call_emergency,
        guards=[Guard("not_an_emergency", ending.not_an_emergency)], events=[ev.EmergencyCalled, ev.UrgencyChanged],
    ),
    row(
        "4", cmd.AskInfo, "reported", "needs_info", TRIAGE, asking.ask_info,
        guards=[
            written("question_missing", "question"), Guard("info_rounds_used", asking.rounds_used, early=True),
            Guard("no_reporter", asking.nobody_to_ask, early=True),
        ],
        events=[ev.InfoRequested],
    ),
    row(
        "5", cmd.SupplyInfo, "needs_info", "reported", f"reporter|{INTAKE}", asking.supply_info,
        guards=[A_REPORTER, Guard("info_wait_over", asking.info_wait_over)],
        events=[ev.InfoSupplied, ev.RequestAccepted],
    ),
    row(
        "6", cmd.GiveUpInfo, "needs_info", "not_accepted", "system", asking.give_up_info,
        guards=[
            Guard("info_wait_running", asking.wait_runs, picks=True),
            Guard("place_known", asking.place_known, picks=True),
        ],
        events=[ev.CaseNotAccepted], clocks="info",
    ),
    row(
        "a1", cmd.TimePassed, "needs_info", "reported", "system", asking.info_over,
        guards=[Guard("not_due", asking.wait_runs)], events=[ev.InfoWaitOver], clocks="info",
    ),
    row(
        "7", cmd.SendVerify, "reported", "verifying", TRIAGE, asking.send_verify,
        guards=[Guard("no_verifier", asking.no_verifier)], events=[ev.VerifyRequested],
    ),
    row(
        "8", cmd.Verified, "verifying", "reported", f"{GRID}|{TRIAGE}", asking.verified,
        guards=[
            Guard("evidence_missing", asking.evidence_missing), Guard("finding_not_yours", asking.finding_not_yours),
        ],
        events=[ev.CaseVerified],
    ),
    row(
        "9", cmd.NotFound, "verifying", "not_accepted", TRIAGE, asking.not_found,
        guards=[
            Guard("finding_missing", asking.not_there, picks=True), Guard("finding_missing", asking.finding_missing),
            written("reply_missing", "public_reply"), NOBODY_ON_SITE,
        ],
        events=[ev.CaseNotAccepted],
    ),
    row(
        "9", cmd.NotFound, "verifying|accepted|returned", "closed", TRIAGE, asking.already_fixed,
        guards=[
            Guard("finding_missing", asking.not_fixed), Guard("finding_missing", asking.finding_missing),
            written("reply_missing", "public_reply"), Guard("responder_on_site", ending.blocking_on_site, early=True),
        ],
        events=[ev.CaseClosed],
    ),
    row(
        "10", cmd.SolveOnSpot, "reported", "closed", f"{GRID}|community_mediator", asking.solve_on_spot,
        guards=[
            written("result_missing", "result"), written("reply_missing", "public_reply"),
            Guard("hazard", asking.is_hazard, early=True),
            Guard("not_on_the_spot", asking.not_on_the_spot, early=True), NOBODY_ON_SITE,
        ],
        events=[ev.CaseClosed],
    ),
    row(
        "11", cmd.MergeInto, "reported|accepted|returned", "merged", f"{TRIAGE}|system", merging.merge_into,
        guards=[
            Guard("not_alike", merging.not_alike), Guard("lead_ended", merging.lead_ended),
            Guard("needs_a_person", merging.needs_a_person), NOBODY_ON_SITE,
        ],
        events=[ev.CaseMerged],
    ),
    row(
        "12", cmd.Refuse, "reported", "not_accepted", f"{TRIAGE}|{DEPUTY}", ending.refuse,
        guards=[
            written("ground_missing", "ground"), written("reply_missing", "public_reply", "where_instead"),
            Guard("refused_before", ending.refused_before),
            Guard("dispute_needs_superior", ending.dispute_needs_superior, early=True), NOBODY_ON_SITE,
        ],
        events=[ev.CaseNotAccepted],
    ),
    row(
        "12", cmd.Refuse, "accepted|returned", "not_accepted", f"{TRIAGE}|{DEPUTY}", ending.refuse,
        guards=[
            Guard("second_post_needed", ending.second_post_needed), written("ground_missing", "ground"),
            written("reply_missing", "public_reply", "where_instead"),
            Guard("refused_before", ending.refused_before), NOBODY_ON_SITE,
        ],
        events=[ev.CaseNotAccepted],
    ),
    row(
        "a2", cmd.DisputeRefusal, "not_accepted", "reported", f"reporter|{INTAKE}", ending.dispute_refusal,
        guards=[
            A_REPORTER, Guard("already_disputed", ending.already_disputed),
            Guard("too_late", ending.too_late_to_dispute),
        ],
        events=[ev.RefusalDisputed, ev.RequestAccepted],
    ),
    row(
        "13", cmd.Accept, "reported", "accepted", f"{TRIAGE}|system", triage.accept,
        guards=[
            Guard("not_classified", triage.not_classified), Guard("needs_a_person", triage.needs_a_person),
            Guard("number_taken", triage.number_taken),
        ],
        events=[ev.CaseAccepted],
    ),
)  # fmt: skip

HANDED_OVER: tuple[Row, ...] = (
    row(
        "14", cmd.Dispatch, "accepted", "dispatched", f"{TRIAGE}|system", assignment.dispatch,
        guards=[
            Guard("one_main_handler", assignment.one_main_handler),
            Guard("not_admissible", assignment.not_admissible),
        ],
        events=[ev.CaseDispatched],
    ),
    row(
        "15", cmd.PostForClaim, "accepted", "open_for_claim", "community_duty", orders.post_for_claim,
        guards=[
            Guard("category_not_for_orders", orders.category_not_for_orders, early=True),
            Guard("critical_not_claimable", orders.critical_not_claimable, early=True),
            Guard("already_posted", orders.already_posted, early=True),
            Guard("publication_not_agreed", orders.publication_not_agreed),
            Guard("consent_missing", orders.consent_missing), Guard("unsafe_order", orders.unsafe_order),
        ],
        events=[ev.OrderPosted],
    ),
    row(
        "16", cmd.Claim, "open_for_claim", "signed", "member", orders.claim,
        guards=[
            Guard("claim_window_over", orders.claim_window_over), *CLAIMANT,
            Guard("place_not_completed", orders.place_not_completed, picks=True),
        ],
        events=[ev.OrderClaimed, ev.CaseSigned],
    ),
    row(
        "16", cmd.Claim, "open_for_claim|signed|in_progress", "same", "member", orders.claim_place,
        guards=[
            Guard("claim_window_over", orders.further_window_over), *CLAIMANT,
        ],
        events=[ev.OrderClaimed],
    ),
    row(
        "17", cmd.TimePassed, "open_for_claim", "accepted", "system", orders.unclaimed,
        guards=[Guard("not_due", orders.window_open)], events=[ev.OrderUnclaimed], clocks="claim",
    ),
    row(
        "a3", cmd.GiveBack, "signed|in_progress", "open_for_claim", "member|system", orders.give_back,
        guards=[
            Guard("not_the_claimant", orders.not_the_claimant, picks=True, early=True),
            Guard("claim_window_over", orders.back_window_over, picks=True),
        ],
        events=[ev.OrderGivenBack],
    ),
    row(
        "a3", cmd.GiveBack, "signed|in_progress", "accepted", "member|system", orders.give_back,
        guards=[
            Guard("not_the_claimant", orders.not_the_claimant, picks=True, early=True),
            Guard("claim_window_open", orders.back_window_open, picks=True),
        ],
        events=[ev.OrderGivenBack],
    ),
    row(
        "a3", cmd.GiveBack, "open_for_claim|signed|in_progress", "same", "member|system", orders.give_up_place,
        guards=[Guard("not_the_claimant", orders.not_a_place, early=True)], events=[ev.PlaceGivenUp],
    ),
    row(
        "a4", cmd.TakeBack, "signed|in_progress", "open_for_claim", "community_duty", orders.take_back,
        guards=[
            Guard("not_claimed", orders.not_claimed, early=True), REASON, Guard("too_early", orders.too_early),
            Guard("claim_window_over", orders.back_window_over, picks=True),
        ],
        events=[ev.OrderTakenBack],
    ),
    row(
        "a4", cmd.TakeBack, "signed|in_progress", "accepted", "community_duty", orders.take_back,
        guards=[
            Guard("not_claimed", orders.not_claimed, early=True), REASON, Guard("too_early", orders.too_early),
            Guard("claim_window_open", orders.back_window_open, picks=True),
        ],
        events=[ev.OrderTakenBack],
    ),
    row(
        "a5", cmd.DeclineOrder, "accepted", "not_accepted", TRIAGE, orders.decline_order,
        guards=[
            Guard("not_an_order", orders.not_an_order, early=True), written("reply_missing", "ground", "public_reply"),
            NOBODY_ON_SITE,
        ],
        events=[ev.CaseNotAccepted],
    ),
    row("18", cmd.SignFor, "dispatched", "signed", "handler|duty_roster", handling.sign_for, events=[ev.CaseSigned]),
    row(
        "19", cmd.ReturnCase, "dispatched", "returned", "handler", returning.return_case,
        guards=[
            NOT_LOCKED, Guard("return_incomplete", returning.unknown_suggestion),
            Guard("return_window_over", returning.return_window_over),
        ],
        events=[ev.CaseReturned],
    ),
    row(
        "20", cmd.Reassign, "returned", "dispatched", TRIAGE, returning.reassign,
        guards=[
            Guard("adjudication_only", returning.adjudication_only, early=True), NOT_LOCKED, REASON,
            Guard("one_main_handler", returning.nobody_there),
        ],
        events=[ev.CaseReassigned],
    ),
    row(
        "20", cmd.Reassign, "dispatched", "same", f"{TRIAGE}|{SUPERIOR}", returning.reassign,
        guards=[
            Guard("sign_not_overdue", returning.sign_not_overdue), NOT_LOCKED, REASON,
            Guard("one_main_handler", returning.nobody_there),
        ],
        events=[ev.CaseReassigned],
    ),
    row(
        "20", cmd.Reassign, WORKING, "dispatched", SUPERIOR, returning.reassign,
        guards=[NOT_LOCKED, REASON, Guard("one_main_handler", returning.nobody_there)], events=[ev.CaseReassigned],
    ),
    row(
        "21", cmd.Adjudicate, "returned", "dispatched", "street_adjudicator", returning.adjudicate,
        guards=[
            Guard("already_adjudicated", returning.already_adjudicated, early=True),
            Guard("reassign_first", returning.reassign_first, early=True), written("reason_missing", "reasons"),
            Guard("one_main_handler", returning.nobody_there),
        ],
        events=[ev.CaseAdjudicated],
    ),
)  # fmt: skip

WORK: tuple[Row, ...] = (
    row("22", cmd.Start, "signed", "in_progress", "handler", handling.start, events=[ev.CaseStarted]),
    row(
        "23", cmd.ContactReporter, WORKING, "same", "handler|co_handler", handling.contact_reporter,
        guards=[
            Guard("no_reporter", handling.no_reporter, early=True),
            Guard("outcome_missing", handling.outcome_missing), Guard("relay_only", handling.relay_only),
        ],
        events=[ev.CaseContacted],
    ),
    row(
        "24", cmd.AddHandler, "signed|in_progress", "same", f"handler|{TRIAGE}", handling.add_handler,
        guards=[
            REASON, Guard("already_handler", handling.already_handler),
            Guard("due_after_result", handling.due_after_result),
        ],
        events=[ev.HandlerAdded],
    ),
    row(
        "24", cmd.NotifyParty, WORKING, "same", f"handler|{TRIAGE}", handling.notify_party,
        guards=[Guard("text_missing", handling.nobody_there)], events=[ev.PartyNotified],
    ),
    row(
        "a6", cmd.SubmitPart, WORKING, "same", "co_handler", handling.submit_part,
        guards=[Guard("no_open_part", handling.no_open_part, early=True)], events=[ev.PartSubmitted],
    ),
    row(
        "26", cmd.RequestExtension, "in_progress", "same", "handler", pausing.request_extension,
        guards=[
            Guard("critical", pausing.critical, early=True),
            Guard("extensions_used", pausing.extensions_used, early=True),
            Guard("extension_pending", pausing.extension_pending, early=True),
            Guard("result_overdue", pausing.result_overdue), written("reason_missing", "reason", "public_reason"),
            Guard("extension_too_long", pausing.extension_too_long),
        ],
        events=[ev.ExtensionRequested],
    ),
    row(
        "a7", cmd.ApproveExtension, "in_progress", "same", DEPUTY, pausing.approve_extension,
        guards=[
            Guard("no_extension_pending", pausing.no_extension_pending, early=True),
            Guard("extensions_used", pausing.extensions_used, early=True),
            Guard("own_request", pausing.own_request), Guard("extension_too_long", pausing.extension_too_long),
        ],
        events=[ev.ExtensionApproved],
    ),
    row(
        "a8", cmd.DeclineExtension, "in_progress", "same", DEPUTY, pausing.decline_extension,
        guards=[Guard("no_extension_pending", pausing.no_extension_pending, early=True), REASON],
        events=[ev.ExtensionDeclined],
    ),
    row(
        "a8", cmd.TimePassed, "in_progress", "same", "system", pausing.extension_lapsed,
        guards=[Guard("not_due", pausing.result_not_due, picks=True)], events=[ev.ExtensionDeclined], clocks="result",
    ),
    row(
        "27", cmd.Suspend, "in_progress", "suspended", DEPUTY, pausing.suspend,
        guards=[
            Guard("critical", pausing.critical, early=True),
            Guard("already_suspended", pausing.already_suspended, early=True),
            Guard("hazard_open", pausing.hazard_open, early=True), written("note_missing", "note_to_reporter"),
            Guard("review_too_far", pausing.review_too_far),
        ],
        events=[ev.CaseSuspended],
    ),
    row(
        "28", cmd.Resume, "suspended", "in_progress", f"handler|{SUPERIOR}", pausing.resume, events=[ev.CaseResumed]
    ),
    row(
        "28", cmd.TimePassed, "suspended", "in_progress", "system", pausing.review_reached,
        guards=[Guard("not_due", pausing.review_not_due)], events=[ev.CaseResumed], clocks="review",
    ),
    row(
        "a9", cmd.RecordTemporaryMeasure, OPEN, "same", f"handler|community_duty|{GRID}",
        handling.record_temporary_measure,
        guards=[Guard("not_a_hazard", handling.not_a_hazard, early=True)], events=[ev.MeasureRecorded],
    ),
    row(
        "29", cmd.SubmitResult, "in_progress", "result_submitted", "handler", handling.submit_result,
        guards=[
            Guard("whistle_open", handling.whistle_open, early=True),
            Guard("fields_missing", handling.fields_missing), Guard("evidence_missing", handling.evidence_missing),
            Guard("no_check_required", handling.no_check_required, picks=True),
        ],
        events=[ev.ResultSubmitted],
    ),
    row(
        "32", cmd.SubmitResult, "in_progress", "calling_back", "handler", closing.submit_unchecked,
        guards=[
            Guard("whistle_open", handling.whistle_open, early=True),
            Guard("fields_missing", handling.fields_missing), Guard("evidence_missing", handling.evidence_missing),
            Guard("check_required", handling.check_required), Guard("no_reporter", closing.no_reporter, picks=True),
        ],
        events=[ev.ResultSubmitted, ev.CheckSkipped],
    ),
    row(
        "32", cmd.SubmitResult, "in_progress", "closed", "handler", closing.submit_and_close,
        guards=[
            Guard("whistle_open", handling.whistle_open, early=True),
            Guard("fields_missing", handling.fields_missing), Guard("evidence_missing", handling.evidence_missing),
            Guard("check_required", handling.check_required),
        ],
        events=[ev.ResultSubmitted, ev.CheckSkipped, ev.CaseClosed],
    ),
)  # fmt: skip

ASKED_AND_CLOSED: tuple[Row, ...] = (
    row(
        "30", cmd.PassCheck, "result_submitted", "calling_back", "checker", closing.pass_check,
        guards=[
            Guard("no_check_required", handling.no_check_required, early=True), NOT_OWN_WORK,
            Guard("no_reporter", closing.no_reporter, picks=True),
        ],
        events=[ev.CheckPassed],
    ),
    row(
        "30", cmd.PassCheck, "result_submitted", "closed", "checker", closing.pass_and_close,
        guards=[NOT_OWN_WORK, Guard("has_reporter", closing.has_reporter)], events=[ev.CheckPassed, ev.CaseClosed],
    ),
    row(
        "31", cmd.FailCheck, "result_submitted", "in_progress", "checker", closing.fail_check,
        guards=[NOT_OWN_WORK, REASON], events=[ev.ReworkOrdered, ev.CaseMarkedHard, ev.CaseSupervised],
    ),
    row(
        "33", cmd.RecordCallBack, "calling_back", "closed", "call_back", closing.record_call_back,
        guards=[
            NOT_OWN_WORK, Guard("not_a_reporter", closing.unknown_reporter),
            Guard("plan_missing", closing.plan_missing, picks=True),
            Guard("others_unanswered", closing.others_unanswered, picks=True),
        ],
        events=[ev.CalledBack, ev.CaseClosed],
    ),
    row(
        "33", cmd.RecordCallBack, "calling_back", "closed", DEPUTY, closing.explain,
        guards=[
            NOT_OWN_WORK, Guard("not_a_reporter", closing.unknown_reporter),
            Guard("approval_missing", closing.approval_missing),
            Guard("others_unanswered", closing.others_unanswered),
        ],
        events=[ev.CalledBack, ev.CaseClosed],
    ),
    row(
        "33", cmd.RecordCallBack, "calling_back", "same", "call_back", closing.note_answer,
        guards=[NOT_OWN_WORK, Guard("last_answer", closing.last_answer, picks=True)], events=[ev.CalledBack],
    ),
    row(
        "34", cmd.RecordCallBack, "calling_back", "in_progress", "call_back", closing.call_back_unsolved,
        guards=[NOT_OWN_WORK, Guard("rework_is_third", closing.rework_is_third, picks=True)],
        events=[ev.CalledBack, ev.ReworkOrdered],
    ),
    row(
        "35", cmd.RecordCallBack, "calling_back", "in_progress", "call_back", closing.call_back_unsolved,
        guards=[NOT_OWN_WORK, Guard("rework_below_third", closing.rework_below_third, picks=True)],
        events=[ev.CalledBack, ev.ReworkOrdered, ev.CaseMarkedHard, ev.CaseSupervised],
    ),
    row(
        "36", cmd.RecordCallBack, "calling_back", "closed", "call_back", closing.record_call_back,
        guards=[
            NOT_OWN_WORK, Guard("tries_missing", closing.tries_missing, picks=True),
            Guard("others_unanswered", closing.others_unanswered),
        ],
        events=[ev.CalledBack, ev.CaseClosed],
    ),
    row(
        "a10", cmd.Rate, "calling_back", "closed", f"reporter|{INTAKE}", closing.rate_solved,
        guards=[A_REPORTER, Guard("others_unanswered", closing.rated_otherwise, picks=True)],
        events=[ev.CaseRated, ev.CaseClosed, ev.RequestAccepted],
    ),
    row(
        "a10", cmd.Rate, "calling_back", "in_progress", f"reporter|{INTAKE}", closing.rate_unsolved,
        guards=[A_REPORTER, Guard("not_unsolved", closing.not_unsolved, picks=True)],
        events=[ev.CaseRated, ev.ReworkOrdered, ev.CaseMarkedHard, ev.CaseSupervised, ev.RequestAccepted],
    ),
    row(
        "a10", cmd.Rate, "calling_back|closed", "same", f"reporter|{INTAKE}", closing.rate_only,
        guards=[A_REPORTER], events=[ev.CaseRated, ev.RequestAccepted],
    ),
    row(
        "37", cmd.Reopen, "closed", "in_progress", f"reporter|{SUPERIOR_LEADERS}", closing.reopen,
        guards=[
            Guard("too_late", closing.too_late), Guard("already_reopened", closing.already_reopened),
            Guard("no_main_handler", closing.no_main_handler, picks=True),
        ],
        events=[ev.CaseReopened, ev.RequestAccepted],
    ),
    row(
        "37", cmd.Reopen, "closed", "accepted", f"reporter|{SUPERIOR_LEADERS}", closing.reopen_to_triage,
        guards=[
            Guard("too_late", closing.too_late), Guard("already_reopened", closing.already_reopened),
            Guard("has_main_handler", closing.has_main_handler),
        ],
        events=[ev.CaseReopened, ev.RequestAccepted],
    ),
    row(
        "38", cmd.Archive, "closed", "archived", "system", closing.archive,
        guards=[Guard("not_due", closing.archive_not_due)], events=[ev.CaseArchived], clocks="archive",
    ),
)  # fmt: skip

AT_ANY_TIME: tuple[Row, ...] = (
    row(
        "a19", cmd.Withdraw, "calling_back", "closed", f"reporter|{INTAKE}", ending.detach_and_close,
        guards=[
            A_REPORTER, Guard("others_unanswered", ending.somebody_left_to_call, picks=True),
            Guard("others_remain", ending.no_other_remains, picks=True),
        ],
        events=[ev.ReporterDetached, ev.CaseClosed, ev.RequestAccepted],
    ),
    row(
        "39", cmd.Withdraw, OPEN, "withdrawn", f"reporter|{INTAKE}", ending.withdraw,
        guards=[A_REPORTER, Guard("others_remain", ending.others_remain, picks=True), NOBODY_ON_SITE],
        events=[ev.CaseWithdrawn, ev.RequestAccepted],
    ),
    row(
        "39", cmd.Withdraw, OPEN, "same", f"reporter|{INTAKE}", ending.detach,
        guards=[A_REPORTER], events=[ev.ReporterDetached, ev.RequestAccepted],
    ),
    row(
        "40", cmd.TransferOut, OPEN, "transferred_out", f"{TRIAGE}|street_adjudicator", ending.transfer_out,
        guards=[
            Guard("locked", ending.locked, early=True), Guard("receipt_missing", ending.to_another_area, picks=True),
            Guard("receipt_missing", ending.receipt_missing), NOBODY_ON_SITE,
        ],
        events=[ev.CaseTransferredOut],
    ),
    row(
        "40", cmd.TransferOut, OPEN, "reported", f"{TRIAGE}|street_adjudicator", ending.change_area,
        guards=[
            Guard("locked", ending.locked, early=True), Guard("outside_body", ending.outside_body), NOBODY_ON_SITE,
        ],
        events=[ev.AreaChanged],
    ),
    row(
        "41", cmd.Urge, OPEN, "same", f"reporter|{INTAKE}|{SUPERIOR}", urging.urge,
        guards=[Guard("not_a_reporter", urging.not_a_speaker), Guard("urged_today", urging.urged_today)],
        events=[ev.CaseUrged, ev.CaseSupervised, ev.RequestAccepted],
    ),
    row(
        "42", cmd.Supervise, OPEN, "same", SUPERIOR, urging.supervise,
        guards=[
            REASON, Guard("grade_above_you", urging.grade_above_you),
            Guard("grade_not_higher", urging.grade_not_higher),
        ],
        events=[ev.CaseSupervised],
    ),
    row(
        "43", cmd.ChangeUrgency, OPEN, "same", f"{TRIAGE}|{SUPERIOR}", urging.change_urgency,
        guards=[REASON, Guard("not_higher", urging.not_higher, picks=True)], events=[ev.UrgencyChanged],
    ),
    row(
        "43", cmd.ChangeUrgency, OPEN, "same", f"{TRIAGE}|{SUPERIOR}", urging.change_urgency,
        guards=[
            REASON, Guard("not_lower", urging.not_lower), Guard("second_post_needed", urging.second_post_needed),
        ],
        events=[ev.UrgencyChanged],
    ),
    row(
        "a11", cmd.Reclassify, BEFORE_RESULT, "same", TRIAGE, urging.reclassify,
        guards=[Guard("reason_missing", urging.unknown_category), Guard("same_category", urging.same_category)],
        events=[ev.CaseReclassified],
    ),
    row(
        "a12", cmd.SplitOff, BEFORE_RESULT, "same", f"{TRIAGE}|handler", merging.split_off,
        guards=[
            Guard("accept_is_triage", merging.accept_is_triage), Guard("unknown_category", merging.unknown_category),
        ],
        events=[ev.CaseSplitOff],
    ),
    row(
        "a13", cmd.AttachReporter, OPEN, "same", "system", merging.attach_reporter,
        guards=[Guard("already_attached", merging.already_attached)], events=[ev.ReporterAttached, ev.UrgencyChanged],
    ),
    row(
        "a18", cmd.RaiseSecrecy, f"{OPEN}|closed", "same", f"reporter|{INTAKE}", ending.raise_secrecy,
        guards=[A_REPORTER, Guard("secrecy_only_up", ending.secrecy_only_up)],
        events=[ev.SecrecyRaised, ev.RequestAccepted],
    ),
    row(
        "a40", cmd.RecomputeClocks, OPEN, "same", "system", escalation.recompute_clocks,
        guards=[Guard("nothing_provisional", escalation.nothing_provisional)], events=[ev.ClocksRecomputed],
    ),
)  # fmt: skip

SILENCE: tuple[Row, ...] = (
    row(
        "44", cmd.TimePassed, "dispatched", "same", "system", escalation.sign_overdue,
        guards=[Guard("not_due", escalation.not_due)], events=[ev.CaseOverdue], clocks="sign",
    ),
    row(
        "45", cmd.TimePassed, "dispatched|returned|signed|in_progress", "same", "system", escalation.due_soon,
        guards=[Guard("not_due", escalation.not_soon, picks=True)], events=[ev.CaseDueSoon], clocks="result",
    ),
    row(
        "46", cmd.TimePassed, "dispatched|returned|signed|in_progress", "same", "system", escalation.result_overdue,
        guards=[Guard("not_due", escalation.result_not_due)],
        events=[ev.CaseOverdue, ev.CaseSupervised, ev.CaseMarkedHard], clocks="result",
    ),
    row(
        "a14", cmd.TimePassed, OPEN, "same", "system", escalation.clock_overdue,
        guards=[Guard("not_due", escalation.not_due)], events=[ev.CaseOverdue],
        clocks="reply|contact|call_back|dispatch|verify|reassign|adjudicate|assign|check|first_step",
    ),
    row(
        "a15", cmd.TimePassed, SOMEBODY_RESPONSIBLE, "same", "system", escalation.part_overdue,
        guards=[Guard("not_due", escalation.not_due)], events=[ev.CaseOverdue], clocks="part",
    ),
    row(
        "a16", cmd.TimePassed, OPEN, "same", "system", escalation.hazard_open,
        guards=[Guard("not_due", escalation.not_due)], events=[ev.CaseOverdue, ev.CaseSupervised], clocks="hazard",
    ),
    row(
        "a17", cmd.TimePassed, OPEN, "same", "system", escalation.review_due,
        guards=[Guard("not_due", escalation.not_due)], events=[ev.CaseReviewDue], clocks="supervision_review",
    ),
)  # fmt: skip

CASE_FLOW: tuple[Row, ...] = (
    *UNTIL_SOMEBODY_IS_RESPONSIBLE, *HANDED_OVER, *WORK, *ASKED_AND_CLOSED, *AT_ANY_TIME, *SILENCE,
)  # fmt: skip
