"""SES: identities that mail is sent from, and their policies."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import (
    ResourceParts,
    read_resources,
    resources,
    together,
)
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import POLICIES, POLICY


def collect_identities(ses: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each identity of a region with what its policies say together.

    One call a thousand identities, and one an identity, which may have twenty policies by name.
    AWS: ses:ListEmailIdentities, GetEmailIdentityPolicies.
    """
    yield from read_resources(
        ses,
        "ses",
        lambda: ses.paginate("list_email_identities", "EmailIdentities", PageSize=1000),
        _identity,
        id_of=lambda listed: str(listed["IdentityName"]),
        gone=("NotFoundException",),
    )


def _identity(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    name: str = listed["IdentityName"]
    policies = parts.part(
        POLICY,
        "get_email_identity_policies",
        lambda answer: dict(answer["Policies"]),
        EmailIdentity=name,
    )
    client = parts.client
    arn = f"arn:{client.partition}:ses:{client.region}:{client.account_id}:identity/{name}"
    yield parts.record(
        "identity",
        arn,
        name,
        together(policies or {}),
        facts={POLICIES: policies} if policies else {},
    )


COLLECTORS = (
    Collector(
        name="applications.ses_identities",
        label="SES identities",
        scope=Scope.REGIONAL,
        service="sesv2",
        actions=(
            Action(
                "ses:ListEmailIdentities",
                "identities",
                given={"PageSize": 1},
                finds={"identity": ("EmailIdentities", 0, "IdentityName")},
            ),
            Action(
                "ses:GetEmailIdentityPolicies",
                "each identity's policies",
                given={"EmailIdentity": "{identity}"},
            ),
        ),
        read=alone(collect_identities),
        covers=resources("ses", "identity"),
    ),
)
