"""Changes as a Django application."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """Change requests from the draft to the rollout."""

    name = "governance.changes"
    label = "changes"
    verbose_name = "Changes"

    def ready(self) -> None:
        """Let what follows a request's states know of them, and who may see requests."""
        from governance.changes.elsewhere import dispatch, handing_out
        from governance.changes.life import visibility

        visibility.register()
        dispatch.register()
        handing_out.register()
