"""Trust as a Django application: it keeps who may get in from where."""

from django.apps import AppConfig


class TrustConfig(AppConfig):
    """Edges of trust, and what is wrong with them."""

    name = "governance.posture.trust"
    label = "trust"
    verbose_name = "Trust"

    def ready(self) -> None:
        """Say who sees what, and work edges out when a run has ended."""
        from governance.posture.trust import dispatch, visibility

        visibility.register()
        dispatch.register()
