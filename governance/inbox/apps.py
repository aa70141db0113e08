"""Findings inbox as a Django application."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Findings of structure, trust, guardrails and drift: one list with one life."""

    name = "governance.inbox"
    label = "inbox"
    verbose_name = "Findings inbox"
