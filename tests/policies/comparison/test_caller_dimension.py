"""What is remembered of callers answers as a search does that remembers nothing."""

import json
import random

import pytest

from policies.comparison.caller_dimension import CallerDimension
from policies.comparison.callers import CallerScope, CallersOrganization
from policies.comparison.domains import Domains
from policies.comparison.space import CALLER, Space
from policies.compiled import default_compiler
from policies.evaluation.request import OrganizationIds
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType
from policies.targets import Target, TargetTree
from tests.policies.comparison import random_organizations as common
from tests.policies.comparison import random_resource_controls as controls

RCP = PolicyType.RESOURCE_CONTROL_POLICY
ACCOUNT = common.ACCOUNTS[0]
SCOPES = (
    CallerScope(),
    CallerScope(own=False),
    CallerScope(others=False, providers=False),
    CallerScope(providers=False, own_resource=False),
)


def organization(ids):
    nothing = default_compiler().level_of(())
    root = Target("r-1", None, nothing)
    return CallersOrganization(
        TargetTree([root, *(Target(one, "r-1", nothing) for one in common.ACCOUNTS)]), ids
    )


def space_of(statements, ids, scope):
    """Return a space that holds some statements, with nothing known of its callers."""
    catalogue = default_compiler().catalogue
    space = Space(
        catalogue,
        Domains(RCP, ACCOUNT, catalogue.rcp_services),
        list_keys=frozenset({"aws:principalorgpaths", "aws:sourceorgpaths"}),
        callers=CallerDimension(ACCOUNT, organization(ids), scope),
    )
    for statement in statements:
        space.box(statement)
    return space


@pytest.mark.parametrize("seed", range(60))
def test_finds_a_box_empty_just_where_a_search_without_memory_does(seed):
    rng = random.Random(f"callers {seed}")
    document = {
        "Version": "2012-10-17",
        "Statement": [controls.statement(rng, False) for _ in range(6)],
    }
    parsed = parse_policy(json.dumps(document), RCP).document
    assert parsed is not None
    statements = default_compiler().document(parsed)
    ids = rng.choice((None, OrganizationIds(controls.ORGANIZATION, None)))
    scope = rng.choice(SCOPES)
    warm = space_of(statements, ids, scope)
    at = warm.names.index(CALLER)
    bits = [bit for bit, _ in warm.atoms() if bit & warm.masks[at]]
    for _ in range(25):
        chosen = rng.sample(bits, min(len(bits), rng.randint(1, 6)))
        true = sum(bit for bit in chosen if rng.random() < 0.5)
        false = sum(chosen) & ~true
        searched = space_of(statements, ids, scope).value(at, true, false)
        assert warm.is_empty(at, true, false) is (searched is None)


def test_names_of_services_are_in_lower_case():
    name = "cloudtrail.amazonaws.com"
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {
            "StringEqualsIgnoreCase": {"aws:PrincipalServiceName": name},
            "StringNotEquals": {"aws:PrincipalServiceName": name},
        },
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    document = parse_policy(text, RCP).document
    assert document is not None
    made = default_compiler().document(document)
    space = space_of(made, None, CallerScope())
    box = space.box(made[0])
    assert space.is_empty(space.names.index(CALLER), box.true, box.false)
