"""The test of a connection, asked for by somebody."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.models import AuditEntry
from governance.audit.services import audit_record
from inventory.collecting.connection_test import (
    APPLY_CHECK,
    Check,
    CheckState,
    ConnectionReport,
    check_connection,
)
from inventory.models import Connection

__all__ = ["APPLY_CHECK", "Check", "CheckState", "ConnectionReport", "connection_test"]

_ASSUME_ROLE = "sts:AssumeRole"


@dataclass(frozen=True, slots=True)
class LastConnectionTest:
    """What the newest test of a connection found. `problems`: each step that did not pass."""

    steps: int
    problems: tuple[str, ...]

    @property
    def assumed_roles(self) -> bool:
        """Whether every role that was tried could be assumed, and one was."""
        came_far = len(self.problems) < self.steps
        return came_far and not any(one.startswith(_ASSUME_ROLE) for one in self.problems)


def last_connection_test(connection: Connection) -> LastConnectionTest | None:
    """Return the newest test; None: never tested, or not since its settings changed."""
    entry = (
        AuditEntry.objects.filter(
            object_kind="connection",
            object_id=str(connection.pk),
            action__in=(actions.CONNECTION_TEST, actions.CONNECTION_CHANGE),
        )
        .order_by("-pk")
        .first()
    )
    if entry is None or entry.action != actions.CONNECTION_TEST or not entry.after:
        return None
    return LastConnectionTest(entry.after["steps"], tuple(entry.after["problems"]))


def connection_test(*, actor: Actor, connection: Connection, now: datetime) -> ConnectionReport:
    """Try both roles and every permission; AWS is asked a little, and nothing of it is stored."""
    report = check_connection(connection)
    with transaction.atomic():
        audit_record(
            actor=actor,
            action=actions.CONNECTION_TEST,
            object_kind="connection",
            object_id=str(connection.pk),
            object_name=connection.name,
            connection_id=connection.pk,
            after={
                "steps": len(report.checks),
                "problems": [f"{one.action}: {one.message}" for one in report.problems],
                "accounts_tested": list(report.accounts_tested),
            },
            outcome="failed" if report.problems else "done",
            now=now,
        )
    return report
