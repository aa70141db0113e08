"""A first version of each setting that a second person confirms, to visit."""

from django.contrib.auth.models import User
from django.utils import timezone

from governance.approvals.forms import form_of
from governance.approvals.models import SettingVersion
from inventory.models import Connection


def keep_setting_versions(connection: Connection, proposer: User) -> None:
    """Keep a version 1 of each setting; where there is none yet, one that was withdrawn."""
    now = timezone.now()
    for kind in SettingVersion.Kind:
        SettingVersion.objects.get_or_create(
            connection=connection,
            kind=kind,
            version=1,
            defaults={
                "state": SettingVersion.State.WITHDRAWN,
                "content": form_of(kind.value).default(connection),
                "proposed_by": proposer,
                "proposed_at": now,
                "decided_by": proposer,
                "decided_at": now,
            },
        )
