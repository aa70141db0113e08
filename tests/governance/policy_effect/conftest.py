"""What the tests of one policy's effect share: the small organization, with RCPs in force too."""

import json
from collections.abc import Mapping

import pytest

from governance.policy_effect.reach import PolicyReach, policy_reach
from inventory.models import Policy, Root
from inventory.viewing import Viewer
from policies import PolicyType
from policies.full_access import FULL_ACCESS_TEXTS
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.runs import CoverageFactory
from tests.factories.snapshots import Snapshot, organization_snapshot

RCP = "RESOURCE_CONTROL_POLICY"


@pytest.fixture
def viewer() -> Viewer:
    return Viewer(sees_inventory=True)


def target_id(snapshot: Snapshot, name: str) -> str:
    """Return the id of the root, an OU or an account by its name."""
    if name == "Root":
        return snapshot.root.target_id
    if name in snapshot.units:
        return snapshot.units[name].target_id
    return snapshot.accounts[name].account_id


def document(*statements: Mapping[str, object]) -> str:
    """Return a policy's text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def with_rcps(snapshot: Snapshot) -> None:
    """Enable RCPs as AWS does it: RCPFullAWSAccess is attached to every target."""
    common = {"connection": snapshot.connection}
    Root.objects.filter(**common).update(
        policy_types={"SERVICE_CONTROL_POLICY": "ENABLED", RCP: "ENABLED", "TAG_POLICY": "ENABLED"}
    )
    CoverageFactory.create(
        run=snapshot.run, account_id="", collector=f"organizations.policies.{RCP}"
    )
    full = PolicyFactory.create(
        **common,
        policy_id="p-RCPFullAWSAccess",
        name="RCPFullAWSAccess",
        type=RCP,
        aws_managed=True,
        text=FULL_ACCESS_TEXTS[PolicyType(RCP)],
    )
    for name in ("Root", *snapshot.units, *snapshot.accounts):
        PolicyAttachmentFactory.create(
            **common, policy_id=full.policy_id, target_id=target_id(snapshot, name)
        )


@pytest.fixture
def snapshot(db: None) -> Snapshot:
    made = organization_snapshot()
    with_rcps(made)
    return made


@pytest.fixture
def attach(snapshot: Snapshot):
    """Return a function that stores a policy and attaches it to targets by their names."""

    def attach(text: str, *names: str, **values: object) -> Policy:
        policy = PolicyFactory.create(connection=snapshot.connection, text=text, **values)
        for name in names:
            PolicyAttachmentFactory.create(
                connection=snapshot.connection,
                policy_id=policy.policy_id,
                target_id=target_id(snapshot, name),
            )
        return policy

    return attach


@pytest.fixture
def reach(viewer: Viewer, snapshot: Snapshot):
    """Return a function that tells whom a policy reaches."""

    def reach(policy: Policy, as_of=None) -> PolicyReach:
        return policy_reach(viewer, connection=snapshot.connection, policy=policy, as_of=as_of)

    return reach
