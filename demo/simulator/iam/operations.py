"""The IAM operations the front answers itself, and what it prepares for moto's own."""

from datetime import datetime
from typing import Any

from moto.iam.models import IAMBackend

from demo.simulator.calls import Call
from demo.simulator.errors import AwsError
from demo.simulator.iam.authorization_details import get_account_authorization_details
from demo.simulator.iam.credential_report import CredentialReports
from demo.simulator.iam.managed_policies import ensure_aws_policy

_NAMING_A_POLICY = frozenset(
    {
        *("AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy", "GetPolicy"),
        *("GetPolicyVersion", "ListPolicyVersions", "ListEntitiesForPolicy"),
    }
)


def answer_iam(
    call: Call, backend: IAMBackend, reports: CredentialReports, now: datetime
) -> dict[str, Any] | None:
    """Return the answer, or None where moto is to answer.

    :raises AwsError: what IAM refuses.
    """
    match call.operation:
        case "GetAccountAuthorizationDetails":
            return get_account_authorization_details(backend, call.parameters)
        case "GenerateCredentialReport":
            return reports.generate(backend, now)
        case "GetCredentialReport":
            return reports.get(backend, now)
        case "PutUserPermissionsBoundary" | "DeleteUserPermissionsBoundary":
            return _set_user_boundary(call, backend)
    arn = call.parameters.get("PolicyArn")
    if call.operation in _NAMING_A_POLICY and isinstance(arn, str):
        ensure_aws_policy(backend, arn)
    return None


def _set_user_boundary(call: Call, backend: IAMBackend) -> dict[str, Any]:
    # moto's users have no boundary; the front keeps it as an attribute of moto's user.
    name = call.parameters.get("UserName", "")
    user = backend.users.get(name)
    if user is None:
        raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", status=404)
    arn = None
    if call.operation == "PutUserPermissionsBoundary":
        arn = call.parameters.get("PermissionsBoundary", "")
        ensure_aws_policy(backend, arn)
        if arn not in backend.managed_policies:
            raise AwsError(
                "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", status=404
            )
    setattr(user, "permissions_boundary_arn", arn)  # noqa: B010
    return {}
