"""Guardrails as a Django application."""

from django.apps import AppConfig


class GuardrailsConfig(AppConfig):
    """Guardrails and what is found of them in each account."""

    name = "governance.baseline.guardrails"
    label = "guardrails"
    verbose_name = "Guardrails"

    def ready(self) -> None:
        """Say who sees results, make parameters a setting, and work results out after runs."""
        from governance.approvals.forms import register_form
        from governance.baseline.guardrails import dispatch, visibility
        from governance.baseline.guardrails.parameters import GUARDRAIL_PARAMETERS

        visibility.register()
        register_form(GUARDRAIL_PARAMETERS)
        dispatch.register()
