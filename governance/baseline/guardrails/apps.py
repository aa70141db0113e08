"""Guardrails as a Django application."""

from django.apps import AppConfig


class GuardrailsConfig(AppConfig):
    """Guardrails and what is found of them in each account."""

    name = "governance.baseline.guardrails"
    label = "guardrails"
    verbose_name = "Guardrails"
