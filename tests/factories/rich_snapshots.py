"""The small organization with something of every kind that screens show, the odd included."""

import json
from datetime import timedelta

from inventory.models import CollectionTask, InventoryRun
from tests.factories.accounts import IdentityProviderFactory
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import (
    AccountFactory,
    DelegatedAdministratorFactory,
    TrustedServiceFactory,
)
from tests.factories.policies import (
    FULL_ACCESS,
    PolicyAttachmentFactory,
    PolicyFactory,
    content,
    denying,
)
from tests.factories.principals import (
    GroupPrincipalFactory,
    IamPolicyFactory,
    PrincipalActivityFactory,
    RoleFactory,
    UserCredentialFactory,
    UserPrincipalFactory,
)
from tests.factories.resources import BLOCKED, BucketFactory, account_block, bucket_policy
from tests.factories.rich_trust import rich_trust
from tests.factories.runs import (
    CoverageFactory,
    DeniedCoverageFactory,
    InventoryRunFactory,
    TaskFactory,
)
from tests.factories.snapshots import Snapshot, organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT

DEPLOYER_ACCOUNT = "222222222224"
PERIMETER = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "OnlyOurs",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*", "sqs:*"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}},
        },
    },
    indent=2,
)


def rich_snapshot(slug: str = "acme") -> Snapshot:
    """Store it: RCPs, a policy that cannot be read, a broken allow chain, refused accounts, roles.

    `Deployer` in payments-test may do everything that its SCPs leave.
    """
    made = organization_snapshot(connection=ConnectionFactory.create(slug=slug, name="Acme"))
    _store_policies(made)
    _store_identities(made)
    _store_runs(made)
    rich_trust(made.connection)
    return made


def _store_policies(made: Snapshot) -> None:
    rows = {"connection": made.connection, "seen_from": FIRST_RUN_AT}
    made.root.policy_types["RESOURCE_CONTROL_POLICY"] = "ENABLED"
    made.root.save()
    CoverageFactory.create(
        run=made.run,
        account_id="",
        collector="organizations.policies.RESOURCE_CONTROL_POLICY",
    )
    regions = made.policies["deny-regions"]
    PolicyFactory.create(
        connection=made.connection,
        policy_id=regions.policy_id,
        name=regions.name,
        text=denying("ec2:*"),
        seen_from=FIRST_RUN_AT - timedelta(days=3),
        seen_until=FIRST_RUN_AT,
    )
    for name, policy_type, text, target_id in (
        ("perimeter", "RESOURCE_CONTROL_POLICY", PERIMETER, "ou-ab12-work0001"),
        ("broken", "SERVICE_CONTROL_POLICY", '{"Version": ', "ou-ab12-sec00001"),
    ):
        policy = PolicyFactory.create(name=name, type=policy_type, text=text, **rows)
        PolicyAttachmentFactory.create(policy_id=policy.policy_id, target_id=target_id, **rows)
        made.policies[name] = policy
    # No FullAWSAccess, nor anything else: nothing is allowed there.
    made.accounts["stray"] = AccountFactory.create(name="stray", account_id="555555555551", **rows)
    DelegatedAdministratorFactory.create(account_id="333333333331", **rows)
    TrustedServiceFactory.create(**rows)


def _store_identities(made: Snapshot) -> None:
    rows = {"connection": made.connection, "account_id": DEPLOYER_ACCOUNT}
    boundary = IamPolicyFactory.create(name="boundary", text=FULL_ACCESS, **rows)
    deployer = RoleFactory.create(
        name="Deployer",
        path="/ci/",
        inline_policies={"own": content(FULL_ACCESS).sha256},
        attached_policy_arns=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        boundary_arn=boundary.arn,
        tags={"team": "payments"},
        **rows,
    )
    PrincipalActivityFactory.create(connection=made.connection, arn=deployer.arn)
    BucketFactory.create(
        connection=made.connection,
        account_id=DEPLOYER_ACCOUNT,
        name="acme-data",
        content=content(bucket_policy({"Principal": "*"})),
    )
    account_block(made.connection, DEPLOYER_ACCOUNT, BLOCKED)
    group = GroupPrincipalFactory.create(name="operators", **rows)
    UserPrincipalFactory.create(name="olga", groups=[group.name], **rows)
    UserCredentialFactory.create(**rows)
    IdentityProviderFactory.create(**rows)


def _store_runs(made: Snapshot) -> None:
    run = InventoryRunFactory.create(
        connection=made.connection,
        started_at=SECOND_RUN_AT,
        state=InventoryRun.State.PARTIAL,
    )
    for account_id, state in (
        ("222222222222", CollectionTask.State.COMPLETE),
        ("222222222223", CollectionTask.State.FAILED),
    ):
        TaskFactory.create(run=run, account_id=account_id, state=state)
    DeniedCoverageFactory.create(run=run, account_id="222222222223")
