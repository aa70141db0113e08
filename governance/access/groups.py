"""Keeps Django's groups as `rights.GROUPS` says."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from governance.access.rights import GROUPS


class UnknownRight(ImproperlyConfigured):
    """A group names a right that no application declares."""


@transaction.atomic
def sync_groups() -> None:
    """Make the groups and give each exactly its rights; other groups are left alone.

    :raises UnknownRight: a right in `rights.GROUPS` does not exist.
    """
    known = {
        f"{app_label}.{codename}": pk
        for pk, app_label, codename in Permission.objects.values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for name, rights in GROUPS.items():
        missing = [right for right in rights if right not in known]
        if missing:
            raise UnknownRight(f"group {name} names unknown rights: {', '.join(missing)}")
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set([known[right] for right in rights])


def sync_groups_after_migrate(*, app_config: Any, **_: Any) -> None:
    """Run after the last of Orgwarden's applications has its permissions."""
    if app_config.label == "access":
        sync_groups()
