"""Brings the database up to date and makes the demo people: one a role, one of the staff, some
whose roles hold in a part of the organization (`demo.places` gives them once it was read), and the
owners of OUs (`demo.owners` gives them what they own), who approve.

`python -m demo.people FILE KEY`; FILE keeps their passwords, made once, readable by its owner only.
KEY signs the audit log; it is made the first time.
"""

import json
import secrets
import sys
from pathlib import Path

import django
from django.core.management import call_command
from django.db import transaction

from demo import identity_provider
from demo.new_database import prepare_database
from demo.owners import DOMAIN, LEFT, OWNERS
from demo.places import ROLE_AND_DEPTH
from demo.stack.postgres import write_secret

STAFF = "staff"
# Ratifies what `security` applied in an emergency: nobody ratifies their own.
SECOND_SECURITY = "sigrid"
# Who owns OUs and still works here.
OWNING = tuple(name for name in OWNERS if name != LEFT)


def _passwords(path: Path) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return kept


def ensure_people(path: Path) -> list[str]:
    """Make who is missing, with a password that is noted in `path`; return their names.

    Somebody whose password is not in the file gets another one; the others are left alone.
    """
    from django.contrib.auth.models import User
    from django.utils import timezone

    from governance.access.models import RoleAssignment
    from governance.access.roles import Role

    kept = _passwords(path)
    names = [*Role.values, STAFF, SECOND_SECURITY, *ROLE_AND_DEPTH, *OWNING]
    present = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    missing = [name for name in names if name not in kept or name not in present]
    if not missing:
        return []
    with transaction.atomic():
        for name in missing:
            user, _ = User.objects.get_or_create(
                username=name,
                defaults=_described(name),
            )
            kept[name] = secrets.token_urlsafe(12)
            user.set_password(kept[name])
            user.save()
            if name in ROLE_AND_DEPTH:
                continue
            RoleAssignment.objects.get_or_create(
                user=user,
                role=_role(name),
                connection=None,
                defaults={"created_at": timezone.now()},
            )
        write_secret(path, json.dumps({name: kept[name] for name in names}, indent=1))
    return missing


def _described(name: str) -> dict[str, str | bool]:
    if name in OWNERS:
        first, last = OWNERS[name]
        return {"first_name": first, "last_name": last, "email": f"{name}@{DOMAIN}"}
    if name == SECOND_SECURITY:
        return {"first_name": "Sigrid", "last_name": "Dahl", "email": f"{name}@{DOMAIN}"}
    return {
        "first_name": "Demo",
        "last_name": name.capitalize(),
        "email": f"{name}@example.com",
        "is_staff": name == STAFF,
    }


def _role(name: str) -> str:
    from governance.access.roles import Role

    if name in OWNERS:
        return Role.APPROVER
    if name == SECOND_SECURITY:
        return Role.SECURITY
    return Role.ADMINISTRATOR if name == STAFF else name


def ensure_claim_rules() -> None:
    """Have two groups of the demo's identity provider give roles."""
    from django.utils import timezone

    from governance.access.models import ClaimRule
    from governance.access.roles import Role

    for value, role in (
        (identity_provider.SECURITY_GROUP, Role.SECURITY),
        (identity_provider.READERS_GROUP, Role.VIEWER),
    ):
        ClaimRule.objects.get_or_create(
            provider_id=identity_provider.PROVIDER_ID,
            value=value,
            role=role,
            connection=None,
            defaults={"created_at": timezone.now()},
        )


def main(path: Path, audit_key: Path) -> None:
    """Make or migrate the tables, then the people and, the first time, the audit log's key."""
    django.setup()
    if not audit_key.exists():
        call_command("audit_key", str(audit_key), make=True)
    prepare_database(verbosity=1)
    made = ensure_people(path)
    ensure_claim_rules()
    print(f"made {', '.join(made)}" if made else "everyone is there")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
