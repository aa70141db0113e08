"""Gives some of the demo people roles in a part of the organization alone."""

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inventory.models import Connection

# Who gets which role at the OU directly below the root with the most accounts, or at the one
# below that with the most.
OU_VIEWER: Final = "ou-viewer"
OU_AUTHOR: Final = "ou-author"
OU_AUDITOR: Final = "ou-auditor"
ROLE_AND_DEPTH: Final = {
    OU_VIEWER: ("viewer", 2),
    OU_AUTHOR: ("author", 1),
    OU_AUDITOR: ("auditor", 1),
}


def ensure_places(connection: "Connection", *, now: datetime) -> list[str]:
    """Give the roles to those of the people who hold none yet; return their names."""
    from django.contrib.auth.models import User

    from governance.access.actors import command_actor
    from governance.access.role_assignments import RolePlace, role_assign

    targets = _largest(connection)
    given = []
    for name, (role, depth) in ROLE_AND_DEPTH.items():
        user = User.objects.filter(username=name, role_assignments__isnull=True).first()
        if user is None or len(targets) < depth:
            continue
        role_assign(
            actor=command_actor("demo"),
            role=role,
            place=RolePlace(connection, targets[depth - 1]),
            user=user,
            now=now,
        )
        given.append(name)
    return given


def _largest(connection: "Connection") -> list[str]:
    """Return the OU below the root with the most accounts, then the largest one in it."""
    from inventory.models import Account

    paths = Account.objects.filter(connection=connection, seen_until__isnull=True).values_list(
        "path", flat=True
    )
    steps = [[step for step in path.split("/") if step] for path in paths]
    found: list[str] = []
    for depth in (1, 2):
        below = Counter(
            one[depth] for one in steps if len(one) > depth and (not found or found[-1] in one)
        )
        if not below:
            break
        found.append(min(below, key=lambda unit: (-below[unit], unit)))
    return found
