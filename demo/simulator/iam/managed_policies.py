"""AWS managed policies, made when an account first needs one.

moto either knows none or makes all 1,582 in every account, which costs a second and 20 MB each.
"""

import base64
import functools
import hashlib
import json
from datetime import datetime
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

_PREFIX = "arn:aws:iam::aws:policy"


@functools.cache
def _catalogue() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return name and data of every AWS managed policy by ARN."""
    return {
        f"{_PREFIX}{data.get('Path', '/')}{name}": (name, data)
        for name, data in json.loads(aws_managed_policies_data).items()
    }


@functools.cache
def _arns_by_name() -> dict[str, str]:
    return {name: arn for arn, (name, _) in _catalogue().items()}


def aws_policy_arn(name: str) -> str | None:
    """Return the ARN of the AWS managed policy of that name, None if AWS has none."""
    return _arns_by_name().get(name)


def ensure_aws_policy(backend: IAMBackend, policy_arn: str) -> None:
    """Make an AWS managed policy known to an account; other ARNs are left to moto."""
    if policy_arn in backend.managed_policies or policy_arn not in _catalogue():
        return
    name, data = _catalogue()[policy_arn]
    policy = AWSManagedPolicy(  # type: ignore[abstract]
        name,
        account_id=backend.account_id,
        region="us-east-1",
        default_version_id=data.get("DefaultVersionId"),
        path=data.get("Path"),
        document=_document(policy_arn),
        create_date=datetime.fromisoformat(data["CreateDate"]),
        update_date=datetime.fromisoformat(data["UpdateDate"]),
    )
    # AWS gives a managed policy the same id in every account.
    policy.id = "ANPA" + stable_id(policy_arn)
    backend.managed_policies[policy_arn] = policy


@functools.cache
def _document(policy_arn: str) -> str:
    return json.dumps(_catalogue()[policy_arn][1].get("Document"))


def stable_id(text: str) -> str:
    """Return the 17 letters and digits of an IAM unique id, always the same for `text`."""
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:17]
