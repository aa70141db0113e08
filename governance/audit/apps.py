"""The audit log as a Django application."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Entries of the audit log, written by the services of the stages above."""

    name = "governance.audit"
    label = "audit"
    verbose_name = "Audit"
