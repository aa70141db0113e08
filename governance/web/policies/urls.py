"""Addresses of the policies, under an organization."""

from django.urls import URLPattern, path

from governance.web.policies.attachments import PolicyAttachmentsTab
from governance.web.policies.listing import PoliciesPage
from governance.web.policies.reached import PolicyAccountsTab
from governance.web.policies.text import PolicyPackingPart, PolicyStatementsPart, PolicyTextTab
from governance.web.policies.versions import PolicyMeaningPart, PolicyVersionsTab

_POLICY = "policies/<str:policy_id>"

policy_patterns: list[URLPattern] = [
    path("policies/", PoliciesPage.as_view(), name="policies"),
    path(f"{_POLICY}/", PolicyTextTab.as_view(), name="policy"),
    path(f"{_POLICY}/statements/", PolicyStatementsPart.as_view(), name="policy-statements"),
    path(f"{_POLICY}/packing/", PolicyPackingPart.as_view(), name="policy-packing"),
    path(f"{_POLICY}/attachments/", PolicyAttachmentsTab.as_view(), name="policy-attachments"),
    path(f"{_POLICY}/accounts/", PolicyAccountsTab.as_view(), name="policy-accounts"),
    path(f"{_POLICY}/versions/", PolicyVersionsTab.as_view(), name="policy-versions"),
    path(f"{_POLICY}/versions/meaning/", PolicyMeaningPart.as_view(), name="policy-meaning"),
]
