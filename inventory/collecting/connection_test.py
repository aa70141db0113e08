"""Tests a connection step by step: which role or permission is missing, and what to do.

Nothing is stored. Each permission that a collector needs is tried by one cheap call; an answer
that the thing asked for does not exist shows that the asking is allowed.
"""

import re
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.conf import settings

from inventory.aws.client import AwsClient, CallLog, Patience, assume_role
from inventory.aws.endpoints import check_endpoint
from inventory.aws.errors import (
    AwsError,
    AwsMalformed,
    AwsNotFound,
    AwsReadDenied,
    AwsRoleNotAssumed,
    AwsUnsupported,
    EndpointRefused,
)
from inventory.aws.explain import AssumedRole
from inventory.aws.session import RoleRequest, own_client, session_policy
from inventory.collecting.sessions import APPLY_TEMPLATE, Session, audit_role, organization_role
from inventory.collectors import registry
from inventory.collectors.collector import Action, Reader
from inventory.models import Connection

_WAITING_SECONDS: Final = 10.0
# Well within what a web server gives a request.
USUAL_SECONDS: Final = 20.0
# Ids in AWS's form that name nothing, for asking where nothing else is known.
_NO_ROOT: Final = "r-0000"
_ASSUME_ROLE: Final = "sts:AssumeRole"
# How the step is named that looks whether the role that writes is closed to this process.
APPLY_CHECK: Final = "apply role"
# The group whose collectors name what all else rests on.
_ORGANIZATIONS: Final = "organizations"
# What a parameter is given that is a name and nothing else.
_NAME: Final = re.compile(r"\{([^{}]+)\}")


class CheckState(StrEnum):
    """PASSED: allowed. DENIED: a role or permission is missing. FAILED: it could not be told."""

    PASSED = "passed"
    DENIED = "denied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One step. `action`: the IAM action tried, or `endpoint`. `account_id`: where; may be empty.

    `message` and `remedy`: what is wrong and what to do; of one that passed empty, unless there was
    nothing to try it on.
    """

    action: str
    account_id: str
    state: CheckState
    message: str = ""
    remedy: str = ""


@dataclass(slots=True)
class ConnectionReport:
    """What the test found. `worker_arn`: who the worker is; trust policies must let that in."""

    worker_arn: str = ""
    organization_id: str = ""
    management_account_id: str = ""
    accounts_in_organization: int = 0
    accounts_tested: tuple[str, ...] = ()
    checks: list[Check] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every step passed."""
        return all(check.state == CheckState.PASSED for check in self.checks)

    @property
    def problems(self) -> list[Check]:
        """The steps that did not pass."""
        return [check for check in self.checks if check.state != CheckState.PASSED]


def check_connection(
    connection: Connection,
    *,
    account_ids: Iterable[str] | None = None,
    sample: int = 3,
    seconds: float = USUAL_SECONDS,
) -> ConnectionReport:
    """Try the worker's credentials, both roles, and every permission that the collectors need.

    `account_ids`: the accounts whose audit role is tried; None: the management account and the
    first `sample` others that are active. A step that others rest on ends the test if it fails;
    a step that would begin after `seconds` fails and says so.
    """
    report = ConnectionReport()
    ends_at = time.monotonic() + seconds
    if not _check_endpoint(connection, report) or not _check_worker(connection, report, ends_at):
        return report
    session = _open(connection, "", _ORGANIZATIONS, report, ends_at)
    if session is None:
        return report
    active = _check_organization(session, report)
    for group in registry.groups(Reader.ORGANIZATION):
        if group != _ORGANIZATIONS:
            _check_group(connection, "", group, report, ends_at)
    _check_apply_role(connection, report, ends_at)
    if account_ids is not None:
        chosen = list(account_ids)
    else:
        others = [each for each in active if each != report.management_account_id]
        chosen = [each for each in [report.management_account_id] if each] + others[:sample]
    report.accounts_tested = tuple(chosen)
    for account_id in chosen:
        _check_account(connection, account_id, report, ends_at)
    return report


def _check_endpoint(connection: Connection, report: ConnectionReport) -> bool:
    try:
        check_endpoint(connection.endpoint_url)
    except EndpointRefused as error:
        report.checks.append(_failed("endpoint", "", error))
        return False
    return True


def _check_worker(connection: Connection, report: ConnectionReport, ends_at: float) -> bool:
    sts = AwsClient(
        own_client("sts", region=connection.home_region, endpoint_url=connection.endpoint_url),
        credentials=None,
        role=None,
        log=CallLog(),
        patience=_patience(ends_at),
    )
    try:
        identity = sts.call("get_caller_identity")
        report.worker_arn = identity["Arn"]
        account_id = identity["Account"]
    except AwsError as error:
        report.checks.append(_failed("sts:GetCallerIdentity", "", error))
        return False
    report.checks.append(Check("sts:GetCallerIdentity", account_id, CheckState.PASSED))
    return True


def _check_apply_role(connection: Connection, report: ConnectionReport, ends_at: float) -> None:
    """Let the role that writes pass if it does not let this process in: only the apply worker."""
    if not connection.apply_role_arn:
        return
    role = AssumedRole(connection.apply_role_arn, APPLY_TEMPLATE)
    sts = AwsClient(
        own_client("sts", region=connection.home_region, endpoint_url=connection.endpoint_url),
        credentials=None,
        role=None,
        log=CallLog(),
        patience=_patience(ends_at),
    )
    request = RoleRequest(
        role=role,
        external_id=connection.external_id,
        session_name="orgwarden-connection-test",
        duration_seconds=900,
        policy=session_policy(["organizations:ListRoots"]),
    )
    try:
        assume_role(sts, request)
    except AwsRoleNotAssumed:
        said = "access denied, as it should be: only the apply worker may assume it"
        report.checks.append(Check(APPLY_CHECK, role.account_id, CheckState.PASSED, said))
    except AwsError as error:
        report.checks.append(_failed(APPLY_CHECK, role.account_id, error))
    else:
        report.checks.append(
            Check(
                APPLY_CHECK,
                role.account_id,
                CheckState.FAILED,
                f"{role} trusts {report.worker_arn}, which is not the apply worker",
                f"give the apply worker its own identity, and deploy {APPLY_TEMPLATE} again with "
                "only that one as the trusted principal",
            )
        )


def _open(
    connection: Connection,
    account_id: str,
    group: str,
    report: ConnectionReport,
    ends_at: float,
) -> Session | None:
    """Assume the role that reads an account, or the organization, with what a group needs."""
    role = audit_role(connection, account_id) if account_id else organization_role(connection)
    session = Session(
        connection,
        role,
        collectors=registry.group_collectors(
            Reader.ACCOUNT if account_id else Reader.ORGANIZATION, group
        ),
        live=True,
        paced=not account_id,
        session_name="orgwarden-connection-test",
        duration_seconds=900,
        patience=_patience(ends_at),
    )
    try:
        session.open()
    except AwsError as error:
        report.checks.append(_failed(_ASSUME_ROLE, role.account_id, error))
        return None
    if not _tried(_ASSUME_ROLE, role.account_id, report):
        report.checks.append(Check(_ASSUME_ROLE, role.account_id, CheckState.PASSED))
    return session


def _tried(action: str, account_id: str, report: ConnectionReport) -> bool:
    return any(each.action == action and each.account_id == account_id for each in report.checks)


def _check_organization(session: Session, report: ConnectionReport) -> list[str]:
    """Try each permission of the organization's role; return the active accounts it lists."""
    known = {"root_id": _NO_ROOT, "account_id": session.role.account_id}
    active: list[str] = []
    # What later probes name is asked for first.
    first = ("organizations:DescribeOrganization", "organizations:ListRoots")
    rest = [each for each in session.needed if each not in first]
    for action in (*first, *rest):
        try:
            answer = _probe(session, action, known)
            if action == "organizations:DescribeOrganization":
                found = answer["Organization"]
                report.organization_id = found["Id"]
                report.management_account_id = found["MasterAccountId"]
                known["account_id"] = found["MasterAccountId"]
            elif action == "organizations:ListRoots":
                known["root_id"] = answer["Roots"][0]["Id"] if answer["Roots"] else _NO_ROOT
            elif action == "organizations:ListAccounts":
                active = _active_accounts(session, report)
        except (AwsNotFound, AwsUnsupported):
            report.checks.append(Check(action, session.role.account_id, CheckState.PASSED))
        except AwsError as error:
            report.checks.append(_failed(action, session.role.account_id, error))
        else:
            report.checks.append(Check(action, session.role.account_id, CheckState.PASSED))
    return active


def _active_accounts(session: Session, report: ConnectionReport) -> list[str]:
    client = session.client("organizations", paced=True)
    accounts = list(client.paginate("list_accounts", "Accounts"))
    report.accounts_in_organization = len(accounts)
    return [
        account["Id"]
        for account in accounts
        if (account.get("State") or account["Status"]) == "ACTIVE"
    ]


def _check_account(
    connection: Connection, account_id: str, report: ConnectionReport, ends_at: float
) -> None:
    """Try what each group needs in an account; if its role can be assumed, the groups at once.

    One after another they would take longer than a web server gives a request.
    """
    first, *others = registry.groups(Reader.ACCOUNT)
    if not _check_group(connection, account_id, first, report, ends_at):
        return

    def tried(group: str) -> ConnectionReport:
        part = ConnectionReport()
        _check_group(connection, account_id, group, part, ends_at)
        return part

    with ThreadPoolExecutor(max_workers=len(others)) as pool:
        parts = list(pool.map(tried, others))
    for check in [check for part in parts for check in part.checks]:
        refused = check.action == _ASSUME_ROLE and check.state != CheckState.PASSED
        if refused or not _tried(check.action, check.account_id, report):
            report.checks.append(check)


def _check_group(
    connection: Connection, account_id: str, group: str, report: ConnectionReport, ends_at: float
) -> bool:
    """Try each permission that a group needs and that was not tried yet; False: no role."""
    session = _open(connection, account_id, group, report, ends_at)
    if session is None:
        return False
    where = session.role.account_id
    known = {
        "account_id": where,
        "partition": session.role.arn.split(":")[1],
        "region": connection.home_region,
    }
    # What the others name is asked for first.
    for action in sorted(session.needed, key=lambda each: not session.needed[each][1].finds):
        if _tried(action, where, report):
            continue
        try:
            answer = _probe(session, action, known)
            known |= _found(session.needed[action][1], answer)
        except KeyError as unknown:
            report.checks.append(Check(action, where, CheckState.PASSED, _nothing_to_try(unknown)))
        except (AwsNotFound, AwsUnsupported):
            report.checks.append(Check(action, where, CheckState.PASSED))
        except AwsError as error:
            report.checks.append(_failed(action, where, error))
        else:
            report.checks.append(Check(action, where, CheckState.PASSED))
    return True


def _probe(session: Session, action: str, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the call that tries an action.

    :raises KeyError: it needs a name that nothing found.
    """
    service, needed = session.needed[action]
    given = {name: _filled(value, known) for name, value in needed.given.items()}
    client = session.client(service, paced=service == "organizations")
    if needed.region:
        client = client.in_region(needed.region.format(**known))
    return client.call(needed.method, **given)


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    """Return a parameter with what is known in the place of names; one alone keeps its type."""
    if isinstance(value, list):
        return [_filled(each, known) for each in value]
    if not isinstance(value, str):
        return value
    alone = _NAME.fullmatch(value)
    return known[alone.group(1)] if alone else value.format(**known)


def _found(action: Action, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an answer has for the names that other actions need."""
    found: dict[str, Any] = {}
    for name, way in action.finds.items():
        value: Any = answer
        try:
            for step in way:
                value = value[step]
        except (LookupError, AwsMalformed):
            continue
        found[name] = value
    return found


def _nothing_to_try(unknown: KeyError) -> str:
    return f"not tried: the account has no {str(unknown.args[0]).partition('_')[0]} to try it on"


def _failed(action: str, account_id: str, error: AwsError) -> Check:
    state = CheckState.DENIED if isinstance(error, AwsReadDenied) else CheckState.FAILED
    return Check(action, account_id, state, error.message, error.remedy)


def _patience(ends_at: float) -> Patience:
    return Patience(
        ends_at=ends_at,
        throttled_attempts=4,
        failed_attempts=2,
        timed_out_attempts=1,
        waiting_seconds=_WAITING_SECONDS,
        longest_wait_seconds=settings.AWS_CONNECT_TIMEOUT_SECONDS,
    )
