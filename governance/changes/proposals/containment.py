"""Containing an account or a principal: what an emergency change would do, and its draft.

An account is cut off by an SCP that denies all but the roles that look into and run it, or by a
move to the quarantine OU. Orgwarden writes no IAM: for a principal there is an SCP that denies it
alone, and the text that ends its sessions, to be put on the role by hand.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Final

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.owners.targets import ORGANIZATIONAL_UNIT, OwnedTree, target_tree
from governance.changes.life.content import LONGEST_TITLE, ChangeContent
from governance.changes.life.drafting import change_create
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeRequest
from governance.changes.proposals.spared_roles import spared_roles
from governance.edits.operations import Operation, OperationKind
from inventory.models import Connection, Organization

QUARANTINE_NAMES: Final = ("quarantine", "isolation", "isolated", "incident")
_NEW: Final = "new-quarantine"
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(role|user)/(.+)")
_NAME: Final = re.compile(r"[^\w+=,.@-]")


class Containment(StrEnum):
    """What is cut off, and how."""

    DENY_ACCOUNT = "deny_account"
    MOVE_ACCOUNT = "move_account"
    DENY_PRINCIPAL = "deny_principal"


CONTAINMENT_LABELS: Final[Mapping[Containment, str]] = {
    Containment.DENY_ACCOUNT: "Quarantine the account by an SCP",
    Containment.MOVE_ACCOUNT: "Move the account to the quarantine OU",
    Containment.DENY_PRINCIPAL: "Deny the principal by an SCP",
}


class CannotContain(CannotChangeRequest):
    """This cannot be contained so; the message says why."""


@dataclass(frozen=True, slots=True)
class ContainmentPlan:
    """What would be done. `text`: of the SCP, empty for a move. `revocation`: see module."""

    kind: Containment
    title: str
    operations: tuple[Operation, ...]
    text: str
    revocation: str


def possible_containments(
    connection: Connection, account_id: str, principal: str
) -> tuple[Containment, ...]:
    """Return the ways in which an account and a principal of it can be contained."""
    found = []
    if account_id != _management_account(connection):
        found.append(Containment.DENY_ACCOUNT)
        if _quarantine_unit(target_tree(connection), account_id):
            found.append(Containment.MOVE_ACCOUNT)
    match = _ROLE.fullmatch(principal)
    if match is not None and match[1] != _management_account(connection):
        found.append(Containment.DENY_PRINCIPAL)
    return tuple(found)


def containment_plan(
    connection: Connection, kind: Containment, *, account_id: str, principal: str, now: datetime
) -> ContainmentPlan:
    """Return what contains an account or a principal.

    :raises CannotContain: SCPs do not bind the management account, the account is not in the
        organization, or there is no quarantine OU.
    """
    tree = target_tree(connection)
    match = _ROLE.fullmatch(principal)
    if kind is Containment.DENY_PRINCIPAL:
        if match is None:
            raise CannotContain("give the ARN of a role or a user")
        account_id = match[1]
    if account_id == _management_account(connection):
        raise CannotContain(
            "no SCP binds the management account: end the sessions there, and rotate credentials"
        )
    account = tree.by_id.get(account_id)
    if account is None:
        raise CannotContain(f"account {account_id} is not in the organization")
    revocation = revocation_policy(now) if match is not None and match[2] == "role" else ""
    if kind is Containment.MOVE_ACCOUNT:
        unit_id = _quarantine_unit(tree, account_id)
        if not unit_id:
            names = ", ".join(QUARANTINE_NAMES)
            raise CannotContain(f"there is no other OU with one of the names {names}")
        move = Operation(OperationKind.MOVE_ACCOUNT, target_id=account_id, parent_id=unit_id)
        title = f"Contain {account.name}: move to {tree.by_id[unit_id].name}"
        return ContainmentPlan(kind, title[:LONGEST_TITLE], (move,), "", revocation)
    if kind is Containment.DENY_PRINCIPAL and match is not None:
        text = json.dumps(_principal_policy(principal), indent=2)
        subject = match[3].rpartition("/")[2]
    else:
        text = json.dumps(_account_policy(connection, principal), indent=2)
        subject = account.name
    name = _NAME.sub("-", f"quarantine-{subject}-{now.astimezone(UTC):%Y%m%d%H%M}")[:128]
    operations = (
        Operation(
            OperationKind.CREATE_POLICY,
            policy_id=_NEW,
            name=name,
            policy_type="SERVICE_CONTROL_POLICY",
            text=text,
        ),
        Operation(OperationKind.ATTACH_POLICY, policy_id=_NEW, target_id=account_id),
    )
    where = f" in {account.name}" if kind is Containment.DENY_PRINCIPAL else ""
    title = f"Contain {subject}{where} by an SCP"
    return ContainmentPlan(kind, title[:LONGEST_TITLE], operations, text, revocation)


@transaction.atomic
def change_contain(
    *,
    by: ActingPerson,
    connection: Connection,
    kind: Containment,
    account_id: str,
    principal: str,
    reason: str,
    now: datetime,
) -> ChangeRequest:
    """Draft the change request that contains; its author begins the emergency on its page.

    :raises MayNot: the right to emergency changes is missing.
    :raises CannotContain: see `containment_plan`; or no reason is given.
    """
    by.require(rights.EMERGENCY_CHANGE, connection)
    if not reason.strip():
        raise CannotContain("say what happened")
    plan = containment_plan(connection, kind, account_id=account_id, principal=principal, now=now)
    content = ChangeContent(
        title=plan.title,
        reason=reason.strip(),
        operations=tuple(one.as_json() for one in plan.operations),
    )
    return change_create(by=by, connection=connection, content=content, now=now)


def revocation_policy(now: datetime) -> str:
    """Return the inline policy that ends every session of a role that began before now.

    Source: IAM user guide, "Revoke IAM role temporary security credentials".
    """
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "RevokeOlderSessions",
                    "Effect": "Deny",
                    "Action": ["*"],
                    "Resource": ["*"],
                    "Condition": {
                        "DateLessThan": {
                            "aws:TokenIssueTime": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
                        }
                    },
                }
            ],
        },
        indent=2,
    )


def _account_policy(connection: Connection, principal: str) -> dict[str, Any]:
    """Return an SCP that denies everything but to the roles that look into and run accounts.

    A role that is to be contained itself is none of them.
    """
    spared = [one for one in spared_roles(connection) if not fnmatchcase(principal, one)]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Quarantine",
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"ArnNotLike": {"aws:PrincipalArn": spared}},
            }
        ],
    }


def _principal_policy(principal: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "QuarantinePrincipal",
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"ArnEquals": {"aws:PrincipalArn": principal}},
            }
        ],
    }


def _management_account(connection: Connection) -> str:
    row = Organization.objects.filter(connection=connection, seen_until__isnull=True).first()
    return "" if row is None else row.management_account_id


def _quarantine_unit(tree: OwnedTree, account_id: str) -> str:
    """Return the OU for quarantined accounts that an account is not in; empty: there is none."""
    account = tree.by_id.get(account_id)
    if account is None:
        return ""
    return next(
        (
            one.target_id
            for one in tree.by_id.values()
            if one.kind == ORGANIZATIONAL_UNIT
            and one.name.lower() in QUARANTINE_NAMES
            and one.target_id != account.parent_id
        ),
        "",
    )
