"""What a connection test found, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.collection.connection_tests import (
    APPLY_CHECK,
    Check,
    CheckState,
    ConnectionReport,
)
from inventory.models import Connection

_LOOKS = {
    CheckState.PASSED: "complete",
    CheckState.DENIED: "denied",
    CheckState.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """One step. `state`: a key of the looks."""

    action: str
    state: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """The steps of one role, or those before any role."""

    title: str
    checks: tuple[ShownCheck, ...]
    problems: int

    @property
    def passed(self) -> int:
        """How many steps passed."""
        return len(self.checks) - self.problems


def check_groups(report: ConnectionReport, connection: Connection) -> list[CheckGroup]:
    """Group a report's steps: the worker itself, the organization role, each account's audit role.

    The organization role is the first that is assumed; accounts come after it.
    """
    groups: list[tuple[str, list[Check]]] = [("Endpoint and the worker's own credentials", [])]
    roles = 0
    for check in report.checks:
        if check.action == "sts:AssumeRole":
            roles += 1
            title = (
                f"Organization role in account {check.account_id}"
                if roles == 1
                else f"{connection.audit_role_name} in account {check.account_id}"
            )
            groups.append((title, []))
        elif check.action == APPLY_CHECK:
            groups.append(("Apply role", []))
        groups[-1][1].append(check)
    return [_group(title, checks) for title, checks in groups if checks]


def _group(title: str, checks: Sequence[Check]) -> CheckGroup:
    return CheckGroup(
        title=title,
        checks=tuple(
            ShownCheck(check.action, _LOOKS[check.state], check.message, check.remedy)
            for check in checks
        ),
        problems=sum(check.state != CheckState.PASSED for check in checks),
    )


def report_title(report: ConnectionReport) -> str:
    """Say how many steps did not pass."""
    count = len(report.problems)
    return f"{count} of {len(report.checks)} steps did not pass"


def report_words(report: ConnectionReport) -> str:
    """Say how far the test came."""
    if not report.organization_id:
        return "The organization was not reached; later steps were not tested."
    tested, known = len(report.accounts_tested), report.accounts_in_organization
    words = f"Organization {report.organization_id}"
    if known:
        words += f" has {known:,} accounts"
    accounts = "1 account" if tested == 1 else f"{tested} accounts"
    return f"{words}. The audit role was tried in {accounts}; runs try it in each."
