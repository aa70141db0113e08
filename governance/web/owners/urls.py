"""Addresses of owners; those of grants and absence lie outside of any organization."""

from django.urls import URLPattern, path

from governance.web.owners.absence import AbsencePage, AbsenceRemove, DeputyRemove
from governance.web.owners.confirming import OwnersToConfirm
from governance.web.owners.editing import OwnersEdit
from governance.web.owners.grants import GrantDecide, GrantsPage
from governance.web.owners.importing import OwnersImportPage
from governance.web.owners.listing import OwnersPage
from governance.web.owners.recertifying import OwnersRecertification
from governance.web.owners.rules import OwnerRuleEnd, OwnerRules

owner_patterns: list[URLPattern] = [
    path("owners/", OwnersPage.as_view(), name="owners"),
    path("owners/to-confirm/", OwnersToConfirm.as_view(), name="owners-to-confirm"),
    path("owners/recertification/", OwnersRecertification.as_view(), name="owners-recertification"),
    path("owners/rules/", OwnerRules.as_view(), name="owner-rules"),
    path("owners/rules/<str:of>/<int:rule_id>/end/", OwnerRuleEnd.as_view(), name="owner-rule-end"),
    path("owners/import/", OwnersImportPage.as_view(), name="owners-import"),
    path("owners/of/<str:target_id>/", OwnersEdit.as_view(), name="owners-edit"),
]

grant_patterns: list[URLPattern] = [
    path("grants/", GrantsPage.as_view(), name="grants"),
    path("grants/<int:proposal_id>/", GrantDecide.as_view(), name="grant-decide"),
    path("absence/", AbsencePage.as_view(), name="absence"),
    path("absence/<int:absence_id>/remove/", AbsenceRemove.as_view(), name="absence-remove"),
    path("deputies/<int:term_id>/remove/", DeputyRemove.as_view(), name="deputy-remove"),
]
