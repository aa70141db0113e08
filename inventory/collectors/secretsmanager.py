"""Secrets Manager: secrets and the policies on them, never their values."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord


def collect_secrets(secretsmanager: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each secret of a region with its policy.

    One call a hundred secrets, and one a secret.
    AWS: secretsmanager:ListSecrets, GetResourcePolicy.
    """
    yield from read_resources(
        secretsmanager,
        "secretsmanager",
        lambda: secretsmanager.paginate("list_secrets", "SecretList", MaxResults=100),
        _secret,
        id_of=lambda listed: str(listed["ARN"]),
    )


def _secret(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    arn: str = listed["ARN"]
    content = parts.policy("get_resource_policy", "ResourcePolicy", SecretId=arn)
    yield parts.record("Secret", arn, listed["Name"], content)


COLLECTORS = (
    Collector(
        name="data.secrets",
        label="Secrets",
        scope=Scope.REGIONAL,
        service="secretsmanager",
        actions=(
            Action(
                "secretsmanager:ListSecrets",
                "secrets",
                given={"MaxResults": 1},
                finds={"secret_arn": ("SecretList", 0, "ARN")},
            ),
            Action(
                "secretsmanager:GetResourcePolicy",
                "each secret's policy",
                given={"SecretId": "{secret_arn}"},
            ),
        ),
        read=alone(collect_secrets),
        covers=resources("secretsmanager", "Secret"),
    ),
)
