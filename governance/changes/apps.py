"""Changes as a Django application."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """Change requests from the draft to the rollout."""

    name = "governance.changes"
    label = "changes"
    verbose_name = "Changes"
