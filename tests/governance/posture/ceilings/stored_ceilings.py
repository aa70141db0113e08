"""Ceilings of the organization that tests store, and policies attached to it."""

from governance.posture.ceilings.assumptions import CeilingAssumptions
from governance.posture.ceilings.organization_ceilings import (
    organization_ceilings,
)
from governance.posture.state.organization import SCP, load_organization
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.times import FIRST_RUN_AT

PAYMENTS, WEBSITE, TEST = "222222222222", "222222222223", "222222222224"
ARCHIVE, MANAGEMENT = "333333333331", "111111111111"
ROOT, WORKLOADS, PROD = "r-ab12", "ou-ab12-work0001", "ou-ab12-prod0001"

EU = CeilingAssumptions(("aws:RequestedRegion=eu-west-1", "principal!=root"))


def attach(snapshot, name, text, target_id, policy_type="SERVICE_CONTROL_POLICY"):
    policy = PolicyFactory.create(
        connection=snapshot.connection,
        seen_from=FIRST_RUN_AT,
        name=name,
        text=text,
        type=policy_type,
    )
    PolicyAttachmentFactory.create(
        connection=snapshot.connection,
        seen_from=FIRST_RUN_AT,
        policy_id=policy.policy_id,
        target_id=target_id,
    )
    return policy


def ceilings_of(viewer, snapshot, assumed=EU, policy_type=SCP):
    organization = load_organization(viewer, connection=snapshot.connection)
    return organization_ceilings(organization, assumed, policy_type)
