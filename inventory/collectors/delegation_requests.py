"""IAM delegation requests: access for a time that an outsider asked for and may have been given."""

import json
from collections.abc import Iterator
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import GLOBAL_REGION, Action, Collector, Scope, alone
from inventory.collectors.resource_reading import resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import GRANTS, AccessGrant, GranteeKind

_TYPE: Final = "delegation-request"
# A request in one of these states gives the requestor a session.
_GIVEN: Final = frozenset({"ACCEPTED", "FINALIZED"})
_ENDED: Final = frozenset({"REJECTED", "EXPIRED"})


def collect_delegation_requests(iam: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each request of the account that was not rejected and has not expired.

    One that was accepted lets the requestor's account do what its permission policy allows. AWS
    does not list those that nobody owns yet. One call a hundred requests.
    AWS: iam:ListDelegationRequests.
    """
    for request in iam.paginate("list_delegation_requests", "DelegationRequests"):
        if request["State"] not in _ENDED:
            yield _record(iam, request)


def _record(iam: AwsClient, request: AwsAnswer) -> ResourcePolicyRecord:
    request_id: str = request["DelegationRequestId"]
    account_id = request.get("OwnerAccountId") or iam.account_id
    expires_at = request.get("ExpirationTime")
    policy = str(request.get("PermissionPolicy") or "")
    grants = []
    if request["State"] in _GIVEN:
        grants = [
            AccessGrant(
                GranteeKind.ACCOUNT,
                request["RequestorId"],
                "iam delegation request",
                _allowed(policy),
                name=request_id,
                expires_at=expires_at.isoformat() if expires_at else "",
            )
        ]
    return ResourcePolicyRecord(
        service="iam",
        region=GLOBAL_REGION,
        resource_type=_TYPE,
        arn=f"arn:{iam.partition}:iam::{account_id}:{_TYPE}/{request_id}",
        name=request_id,
        content=None,
        facts={
            "state": request["State"],
            "requestor": request.get("RequestorName", ""),
            "description": request.get("Description", ""),
            "permission_policy": policy,
            "session_seconds": request.get("SessionDuration"),
            GRANTS: [each.as_json() for each in grants],
        },
    )


def _allowed(policy: str) -> tuple[str, ...]:
    """Return the actions that a permission policy allows by name, sorted; none if it is unread."""
    try:
        statements = json.loads(policy)["Statement"]
    except (ValueError, LookupError, TypeError):
        return ()
    found: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            found.update(_texts(statement.get("Action", [])))
    return tuple(sorted(found))


def _texts(value: Any) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value])]


COLLECTORS = (
    Collector(
        name="iam.delegation_requests",
        label="IAM delegation requests",
        scope=Scope.GLOBAL,
        service="iam",
        actions=(
            Action(
                "iam:ListDelegationRequests",
                "outside parties that requested temporary access and got it",
                given={"MaxItems": 1},
            ),
        ),
        read=alone(collect_delegation_requests),
        covers=resources("iam", _TYPE),
    ),
)
