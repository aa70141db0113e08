"""The test of a connection, asked for by somebody."""

from datetime import datetime

from django.db import transaction

from governance.audit import actions
from governance.audit.actors import Actor
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
