"""The organization's policies of each type, by policy: what they say, where they are attached."""

from collections.abc import Iterator
from functools import partial

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, Slice, alone
from inventory.collectors.listed import read_listed
from inventory.policy_types import POLICY_TYPES, OrganizationPolicyType
from inventory.records import PolicyAttachmentRecord, PolicyRecord


def collect_policies(
    organizations: AwsClient, *, policy_type: str
) -> Iterator[PolicyRecord | PolicyAttachmentRecord]:
    """Yield each policy of one type, AWS's own too, and every target it is attached to.

    Read by policy and not by target: ∝ policies + attachments / 20 calls.
    AWS: organizations:ListPolicies, DescribePolicy, ListTargetsForPolicy.
    :raises AwsUnsupported: AWS does not know this type here.
    :raises AwsInconsistent: a policy is listed and not found; AWS's own never go.
    """
    yield from read_listed(
        lambda: organizations.paginate("list_policies", "Policies", Filter=policy_type),
        lambda summary: _policy(organizations, summary),
        id_of=lambda summary: str(summary["Id"]),
        lasts=lambda summary: bool(summary["AwsManaged"]),
    )


def _policy(
    organizations: AwsClient, summary: AwsAnswer
) -> list[PolicyRecord | PolicyAttachmentRecord]:
    policy_id = summary["Id"]
    content = organizations.call("describe_policy", PolicyId=policy_id)["Policy"]["Content"]
    targets = list(organizations.paginate("list_targets_for_policy", "Targets", PolicyId=policy_id))
    policy = PolicyRecord(
        policy_id=policy_id,
        arn=summary["Arn"],
        name=summary["Name"],
        description=summary.get("Description", ""),
        type=summary["Type"],
        aws_managed=summary["AwsManaged"],
        content=content,
    )
    return [
        policy,
        *(
            PolicyAttachmentRecord(
                policy_id=policy_id, target_id=target["TargetId"], target_type=target["Type"]
            )
            for target in targets
        ),
    ]


_ACTIONS = (
    Action(
        "organizations:ListPolicies",
        "policies of every type",
        given={"Filter": "SERVICE_CONTROL_POLICY", "MaxResults": 1},
    ),
    Action("organizations:DescribePolicy", "their text", given={"PolicyId": "p-FullAWSAccess"}),
    Action(
        "organizations:ListTargetsForPolicy",
        "where they are attached",
        given={"PolicyId": "p-FullAWSAccess", "MaxResults": 1},
    ),
)
# What tells whether the targets of a change request are still as the newest run read them.
_LIVE_ACTIONS = (
    Action(
        "organizations:ListParents",
        "where the accounts are that a change request names",
        given={"ChildId": "{account_id}"},
    ),
    Action(
        "organizations:ListPoliciesForTarget",
        "what is attached to the targets that a change request names",
        given={"TargetId": "{root_id}", "Filter": "SERVICE_CONTROL_POLICY", "MaxResults": 1},
    ),
)


def _collector(policy_type: OrganizationPolicyType) -> Collector:
    return Collector(
        name=f"organizations.policies.{policy_type.name}",
        label=f"Policies and attachments: {policy_type.label}",
        scope=Scope.ORGANIZATION,
        service="organizations",
        actions=_ACTIONS,
        read=alone(partial(collect_policies, policy_type=policy_type.name)),
        # Attachments first: which of them belong to the type is told by the policies kept so far.
        covers=(
            Slice(PolicyAttachmentRecord, {"type": policy_type.name}),
            Slice(PolicyRecord, {"type": policy_type.name}),
        ),
        paced=True,
        live_actions=_LIVE_ACTIONS,
    )


# One a type, so that a type which is denied or not known leaves the others complete.
COLLECTORS = tuple(_collector(policy_type) for policy_type in POLICY_TYPES)
