"""Exceptions as a Django application."""

from django.apps import AppConfig


class GuardrailExceptionsConfig(AppConfig):
    """Where a guardrail need not hold, why, and until when."""

    name = "governance.baseline.exceptions"
    label = "exceptions"
    verbose_name = "Exceptions"
