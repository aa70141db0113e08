"""Changes as a Django application."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """Change requests from the draft to the rollout."""

    name = "governance.changes"
    label = "changes"
    verbose_name = "Changes"

    def ready(self) -> None:
        """Let what follows a request's states know of them."""
        from governance.changes.elsewhere import dispatch, handing_out

        dispatch.register()
        handing_out.register()
