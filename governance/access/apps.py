"""Access as a Django application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """Keeps the groups and their rights as `rights.py` says, after each migration."""

    name = "governance.access"
    label = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        """Have the groups made once the permissions of all applications exist."""
        from governance.access.groups import sync_groups_after_migrate

        post_migrate.connect(sync_groups_after_migrate, dispatch_uid="access.groups")
