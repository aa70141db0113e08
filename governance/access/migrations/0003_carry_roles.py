"""Turns members of the groups that were roles into role assignments everywhere."""

from typing import Any

from django.db import migrations
from django.utils import timezone

ROLES = ("viewer", "author", "approver", "security", "administrator")


def carry(apps: Any, _editor: Any) -> None:
    """Assign what groups and being a superuser gave, then drop the groups of these names.

    Only these groups gave rights; what Django keeps as permissions counts for nothing any more.
    """
    group_model = apps.get_model("auth", "Group")
    user_model = apps.get_model("auth", "User")
    assignment = apps.get_model("access", "RoleAssignment")
    now = timezone.now()
    held = set(
        group_model.objects.filter(name__in=ROLES, user__isnull=False).values_list("user", "name")
    )
    held |= {
        (pk, "administrator")
        for pk in user_model.objects.filter(is_superuser=True).values_list("pk", flat=True)
    }
    assignment.objects.bulk_create(
        assignment(user_id=user_id, role=role, source="carried_over", created_at=now)
        for user_id, role in sorted(held)
    )
    group_model.objects.filter(name__in=ROLES).delete()
    group_model.permissions.through.objects.all().delete()
    user_model.user_permissions.through.objects.all().delete()


def carry_back(apps: Any, _editor: Any) -> None:
    """Make the groups again with those who hold the roles everywhere."""
    group_model = apps.get_model("auth", "Group")
    assignment = apps.get_model("access", "RoleAssignment")
    for role in ROLES:
        group, _ = group_model.objects.get_or_create(name=role)
        holders = assignment.objects.filter(
            role=role, connection__isnull=True, user__isnull=False
        ).values_list("user_id", flat=True)
        group.user_set.add(*holders)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_role_assignments"),
    ]

    operations = [migrations.RunPython(carry, carry_back)]
