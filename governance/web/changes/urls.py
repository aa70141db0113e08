"""Addresses of change requests, under an organization. Words like `new` are no request's number."""

from django.urls import URLPattern, path

from governance.web.changes.acts import (
    ChangeAct,
    ChangeSimulate,
    ChangeStatePart,
)
from governance.web.changes.changes_tab import ChangeTexts
from governance.web.changes.deciding import ChangeReview, FindingOverride
from governance.web.changes.discussion import ChangeCommentAct, ChangeCommentAdd, ChangeDiscussion
from governance.web.changes.downloads import ChangeBundleZip, HandedOutZip
from governance.web.changes.evidence_tab import ChangeEvidence
from governance.web.changes.from_unused import ChangeFromUnused
from governance.web.changes.listing import ChangeQueue
from governance.web.changes.overview import ChangeOverview
from governance.web.changes.proposing import ChangeCreate, ChangeEdit
from governance.web.changes.starting import ChangeFromFile, ChangeFromTemplate, ChangeTemplates
from governance.web.changes.withdrawing import ChangesWithdrawPage

_ONE = "changes/<int:number>"

change_patterns: list[URLPattern] = [
    path("changes/", ChangeQueue.as_view(), name="change-requests"),
    path("changes/new/", ChangeCreate.as_view(), name="change-request-create"),
    path("changes/new/file/", ChangeFromFile.as_view(), name="change-from-file"),
    path("changes/new/unused/", ChangeFromUnused.as_view(), name="change-from-unused"),
    path("changes/withdraw/", ChangesWithdrawPage.as_view(), name="changes-withdraw"),
    path("changes/templates/", ChangeTemplates.as_view(), name="change-templates"),
    path(
        "changes/templates/<str:template_id>/",
        ChangeFromTemplate.as_view(),
        name="change-from-template",
    ),
    path(f"{_ONE}/", ChangeOverview.as_view(), name="change-request"),
    path(f"{_ONE}/changes/", ChangeTexts.as_view(), name="change-request-changes"),
    path(f"{_ONE}/evidence/", ChangeEvidence.as_view(), name="change-request-evidence"),
    path(
        f"{_ONE}/evidence/<str:finding_key>/override/",
        FindingOverride.as_view(),
        name="change-request-override",
    ),
    path(f"{_ONE}/review/", ChangeReview.as_view(), name="change-request-review"),
    path(f"{_ONE}/discussion/", ChangeDiscussion.as_view(), name="change-request-discussion"),
    path(f"{_ONE}/discussion/comments/", ChangeCommentAdd.as_view(), name="change-request-comment"),
    path(
        f"{_ONE}/discussion/comments/<int:comment_id>/",
        ChangeCommentAct.as_view(),
        name="change-request-comment-act",
    ),
    path(f"{_ONE}/edit/", ChangeEdit.as_view(), name="change-request-edit"),
    path(f"{_ONE}/act/", ChangeAct.as_view(), name="change-request-act"),
    path(f"{_ONE}/simulate/", ChangeSimulate.as_view(), name="change-request-simulate"),
    path(f"{_ONE}/files/", HandedOutZip.as_view(), name="change-request-files"),
    path(f"{_ONE}/bundle/", ChangeBundleZip.as_view(), name="change-request-bundle"),
    path(f"{_ONE}/state/", ChangeStatePart.as_view(), name="change-request-state"),
]
