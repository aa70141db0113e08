"""Sends work on change requests to the workers, by the names of their tasks."""

from typing import Any, Final

from governance.jobs.sending import send_on_commit
from inventory.models import InventoryRun
from inventory.signals import run_ended

CHECK: Final = "changes.check"
RESUME_CHECKS: Final = "changes.resume_checks"
COMPARE_DENIALS: Final = "changes.compare_denials"
RECHECK: Final = "changes.recheck"
RECHECK_DUE: Final = "changes.recheck_due"
CHECK_ENTITLEMENTS: Final = "changes.check_entitlements"
EXPIRE: Final = "changes.expire"
ESCALATE: Final = "changes.escalate"
START_DUE: Final = "changes.start_due"


def send_check(change_request_id: int) -> None:
    """Have a request checked once this transaction commits.

    A broker that cannot be reached is logged: `changes.resume_checks` sends it again.
    """
    send_on_commit(CHECK, change_request_id=change_request_id)


def send_recheck(change_request_id: int) -> None:
    """Have a request held against the world again once this transaction commits."""
    send_on_commit(RECHECK, change_request_id=change_request_id)


def recheck_request(*, run: InventoryRun, **_: Any) -> None:
    """Have the open requests of an organization rechecked that a complete run has read.

    While a run goes on, evidence is of the state before it: so not when the organization is stored.
    """
    if run.account_ids is None:
        send_on_commit(RECHECK_DUE, connection_id=run.connection_id)


def register() -> None:
    """Ask for rechecks whenever a run of a whole organization has ended."""
    run_ended.connect(recheck_request, dispatch_uid="changes.recheck")
