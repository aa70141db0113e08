"""Addresses of change requests, below an organization's."""

from django.urls import URLPattern, URLResolver, include, path

from governance.api import (
    change_discussion,
    change_evidence,
    change_reviews,
    change_rollouts,
    change_transfers,
    changes,
)

_COMMENT = [
    path("/resolve", change_discussion.ChangeThreadResolve.as_view(), name="change-resolve"),
    path("/reopen", change_discussion.ChangeThreadReopen.as_view(), name="change-reopen"),
    path(
        "/take-over",
        change_discussion.ChangeSuggestionTakeOver.as_view(),
        name="change-take-over",
    ),
]
_REQUEST: list[URLPattern | URLResolver] = [
    path("", changes.ChangeRequestDetail.as_view(), name="change-request"),
    path("/submit", changes.ChangeRequestSubmit.as_view(), name="change-submit"),
    path("/withdraw", changes.ChangeRequestWithdraw.as_view(), name="change-withdraw"),
    path("/comments", change_discussion.ChangeComments.as_view(), name="change-comments"),
    path("/comments/<int:comment_id>", include(_COMMENT)),
    path("/bundle", change_transfers.ChangeBundle.as_view(), name="change-bundle"),
    path("/files", change_transfers.ChangeFiles.as_view(), name="change-files"),
    path("/undo", change_transfers.ChangeUndo.as_view(), name="change-undo"),
    path("/reviews", change_reviews.ChangeReviews.as_view(), name="change-reviews"),
    path("/overrides", change_reviews.ChangeOverrides.as_view(), name="change-overrides"),
    path("/schedule", change_reviews.ChangeSchedule.as_view(), name="change-schedule"),
    path("/start", change_reviews.ChangeStart.as_view(), name="change-start"),
    path("/halt", change_rollouts.ChangeHalt.as_view(), name="change-halt"),
    path("/resume", change_rollouts.ChangeResume.as_view(), name="change-resume"),
    path("/roll-back", change_rollouts.ChangeRollBack.as_view(), name="change-roll-back"),
    path("/rings/<int:ring>/go", change_rollouts.ChangeRingGo.as_view(), name="change-ring-go"),
    path("/emergency", change_rollouts.ChangeEmergency.as_view(), name="change-emergency"),
    path("/ratify", change_rollouts.ChangeRatify.as_view(), name="change-ratify"),
    path("/evidence", change_evidence.ChangeEvidenceEndpoint.as_view(), name="change-evidence"),
    path("/plan", change_evidence.ChangePlanEndpoint.as_view(), name="change-plan"),
    path("/conflicts", change_evidence.ChangeConflicts.as_view(), name="change-conflicts"),
    path("/timeline", change_evidence.ChangeTimeline.as_view(), name="change-timeline"),
    path("/journal", change_rollouts.ChangeJournal.as_view(), name="change-journal"),
    path("/verdict", change_evidence.ChangeVerdict.as_view(), name="change-verdict"),
]
CHANGE_REQUESTS: list[URLPattern | URLResolver] = [
    path("/change-requests/import", change_transfers.ChangeImport.as_view(), name="change-import"),
    path("/change-requests", changes.ChangeRequestList.as_view(), name="change-requests"),
    path("/change-requests/<int:number>", include(_REQUEST)),
]
