"""Addresses of change requests, below an organization's."""

from django.urls import URLPattern, URLResolver, include, path

from governance.api import change_discussion, change_transfers, changes

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
]
CHANGE_REQUESTS: list[URLPattern | URLResolver] = [
    path("/change-requests/import", change_transfers.ChangeImport.as_view(), name="change-import"),
    path("/change-requests", changes.ChangeRequestList.as_view(), name="change-requests"),
    path("/change-requests/<int:number>", include(_REQUEST)),
]
