"""What tests of guardrails share: parameters with values, and a plain organization."""

import json

import pytest

from governance.baseline.guardrails.parameters import GuardrailParameters, filled
from policies import PolicyType, default_compiler, parse_policy
from policies.full_access import full_access
from policies.guardrails import GuardrailChecker
from policies.targets import Target, TargetTree

SCP, RCP = PolicyType.SERVICE_CONTROL_POLICY, PolicyType.RESOURCE_CONTROL_POLICY
ROOT_ID, ACCOUNT, MANAGEMENT = "r-ab12", "222222222222", "111111111111"

PARAMETERS = GuardrailParameters(
    0,
    {
        "break_glass_roles": ("arn:aws:iam::*:role/BreakGlass",),
        "audit_roles": ("arn:aws:iam::*:role/OrgwardenAudit",),
        "platform_roles": ("arn:aws:iam::*:role/Pipeline-*",),
        "allowed_regions": ("eu-central-1", "eu-west-1"),
        "expected_networks": ("203.0.113.0/24",),
        "expected_vpcs": ("vpc-0a1b2c3d",),
        "required_tag_keys": ("Owner", "CostCenter"),
        "trusted_account_ids": ("999988887777",),
        "isolated_units": ("ou-ab12-11111111",),
        "organization_id": ("o-exampleorgid",),
        "management_account_id": (MANAGEMENT,),
        "root_id": (ROOT_ID,),
    },
)


def plain_checker(*documents):
    """Return a checker of a root with one account, beside the management account.

    `documents`: SCPs and RCPs that are attached to the root, beside AWS's own.
    """
    compiler = default_compiler()
    trees = {}
    for kind in (SCP, RCP):
        full = full_access(kind)
        own = [one for one in documents if one.policy_type is kind]
        trees[kind] = TargetTree(
            [
                Target(ROOT_ID, None, compiler.level((full, *own))),
                Target(ACCOUNT, ROOT_ID, compiler.level((full,))),
                Target(MANAGEMENT, ROOT_ID, compiler.level((full,))),
            ]
        )
    return GuardrailChecker(
        compiler, trees[SCP], trees[RCP], MANAGEMENT, organization_id="o-exampleorgid"
    )


def remedy_document(guardrail, parameters=PARAMETERS):
    """Return the policy that makes a guardrail hold."""
    text = json.dumps(filled(guardrail.remedy.policy, parameters))
    parsed = parse_policy(text, guardrail.remedy.policy_type)
    assert not parsed.diagnostics, parsed.diagnostics
    return parsed.document


@pytest.fixture(scope="session")
def without_policies():
    """The plain organization with AWS's own policies alone."""
    return plain_checker()
