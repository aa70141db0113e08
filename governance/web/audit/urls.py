"""Addresses of the screen Audit."""

from django.urls import URLPattern, path

from governance.web.audit.entry import AuditEntryPage, AuditProof
from governance.web.audit.listing import AuditPage, AuditVerify

audit_patterns: list[URLPattern] = [
    path("audit/", AuditPage.as_view(), name="audit"),
    path("audit/verify/", AuditVerify.as_view(), name="audit-verify"),
    path("audit/entries/<int:entry_id>/", AuditEntryPage.as_view(), name="audit-entry"),
    path("audit/entries/<int:entry_id>/proof/", AuditProof.as_view(), name="audit-proof"),
]
