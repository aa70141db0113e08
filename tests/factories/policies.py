"""The organization's policies, their texts and attachments."""

import hashlib
import json

import factory

from inventory.models import Connection, Policy, PolicyAttachment, PolicyContent
from tests.factories.versions import VersionFactory

FULL_ACCESS = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


def denying(*actions: str) -> str:
    """Return the text of an SCP that denies `actions`."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Action": list(actions), "Resource": "*"}],
        }
    )


def content(text: str) -> PolicyContent:
    """Return the one row that holds `text`."""
    row, _ = PolicyContent.objects.get_or_create(
        sha256=hashlib.sha256(text.encode()).hexdigest(), defaults={"text": text}
    )
    return row


def target_type(target_id: str) -> str:
    """Return AWS's word for the kind of target that an id names."""
    kinds = PolicyAttachment.TargetType
    if target_id.startswith("r-"):
        return kinds.ROOT
    return kinds.ORGANIZATIONAL_UNIT if target_id.startswith("ou-") else kinds.ACCOUNT


class PolicyFactory(VersionFactory[Policy]):
    """An SCP of the customer's; give `text` or `content`."""

    class Meta:
        model = Policy

    class Params:
        text = factory.Sequence(lambda n: denying(f"ec2:RunInstances{n}"))

    policy_id = factory.Sequence(lambda n: f"p-{n:08x}")
    arn = factory.LazyAttribute(
        lambda policy: (
            f"arn:aws:organizations::111111111111:policy/o-exampleorg1/"
            f"{policy.type.lower()}/{policy.policy_id}"
        )
    )
    name = factory.Sequence(lambda n: f"policy-{n}")
    description = ""
    type = "SERVICE_CONTROL_POLICY"
    aws_managed = False
    content = factory.LazyAttribute(lambda policy: content(policy.text))
    tags = factory.LazyFunction(dict)


class PolicyAttachmentFactory(VersionFactory[PolicyAttachment]):
    """A policy at the root, unless another `target_id` is given; the type follows from it."""

    class Meta:
        model = PolicyAttachment

    policy_id = "p-FullAWSAccess"
    target_id = "r-ab12"

    target_type = factory.LazyAttribute(lambda attachment: target_type(attachment.target_id))


def attached_policy(
    connection: Connection, text: str, *target_ids: str, **values: object
) -> Policy:
    """Store a policy, and attach it to targets by their ids."""
    policy = PolicyFactory.create(connection=connection, text=text, **values)
    for target_id in target_ids:
        PolicyAttachmentFactory.create(
            connection=connection, policy_id=policy.policy_id, target_id=target_id
        )
    return policy
