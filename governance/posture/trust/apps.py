"""Trust as a Django application: it keeps who may get in from where."""

from django.apps import AppConfig


class TrustConfig(AppConfig):
    """Edges of trust, and what is wrong with them."""

    name = "governance.posture.trust"
    label = "trust"
    verbose_name = "Trust"

    def ready(self) -> None:
        """Say who sees what, make limits a setting, and work edges out when a run has ended."""
        from governance.approvals.forms import register_form
        from governance.posture.trust import dispatch, visibility
        from governance.posture.trust.findings.registry import register_facts_mark
        from governance.posture.trust.findings.thresholds import TRUST_LIMITS, limits_mark

        visibility.register()
        register_form(TRUST_LIMITS)
        register_facts_mark("limits", limits_mark)
        dispatch.register()
