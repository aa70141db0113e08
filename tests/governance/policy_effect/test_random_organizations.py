"""Random small organizations: what is said of a statement is held against single requests."""

import copy
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.policy_effect.reach import PolicyReach
from governance.policy_effect.statements import PolicyStatements, StatementState
from governance.posture.state.organization import (
    RCP,
    SCP,
    CompiledOrganization,
    ControlPolicies,
    ControlPolicy,
    InForce,
    TargetName,
)
from policies import default_compiler
from policies.evaluation.request import OrganizationIds
from policies.targets import Target, TargetTree
from tests.policies.comparison import random_organizations
from tests.policies.comparison.brute_force import Oracle, documents
from tests.policies.comparison.random_organizations import FULL, Organization

REQUESTS = 60


def compiled(made: Organization) -> CompiledOrganization:
    """Return a random organization as it would be loaded; equal documents stay policies apart."""
    compiler = default_compiler()
    by_id: dict[str, ControlPolicy] = {}
    attached: dict[str, tuple[ControlPolicy, ...]] = {}
    for target_id, listed in made.policies.items():
        here = []
        for number, decoded in enumerate(listed):
            policy_id = "p-full" if decoded == FULL else f"p-{target_id}-{number}"
            if policy_id not in by_id:
                (document,) = documents([decoded])
                by_id[policy_id] = ControlPolicy(
                    policy_id, policy_id, False, policy_id, document, ()
                )
            here.append(by_id[policy_id])
        attached[target_id] = tuple(here)
    names = {}
    for target_id, parent_id in made.parents.items():
        kind = "ACCOUNT" if target_id.isdecimal() else "ORGANIZATIONAL_UNIT"
        names[target_id] = TargetName(target_id, kind, target_id, parent_id)
    levels = {
        target_id: compiler.level(policy.document for policy in here if policy.document)
        for target_id, here in attached.items()
    }
    nothing = compiler.level_of(())
    trees = [
        TargetTree(
            Target(one, parent_id, levels[one] if kind is SCP else nothing)
            for one, parent_id in made.parents.items()
        )
        for kind in (SCP, RCP)
    ]
    return CompiledOrganization(
        key=("random",),
        organization=OrganizationIds("o-random", None),
        root_id="r-1",
        names=names,
        unplaced={},
        service_control=ControlPolicies(SCP, InForce.IN_FORCE, trees[0], attached, by_id),
        resource_control=ControlPolicies(RCP, InForce.NOT_ENABLED, trees[1], {}, {}),
    )


def without(made: Organization, policy_id: str, number: int) -> Organization:
    """Return the organization with a policy that lacks one of its statements."""
    after = copy.deepcopy(made)
    for target_id, listed in after.policies.items():
        for place, decoded in enumerate(listed):
            known = "p-full" if decoded == FULL else f"p-{target_id}-{place}"
            if known == policy_id:
                statements = decoded["Statement"]
                assert isinstance(statements, list)
                del statements[number - 1]
    return after


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_statement_without_effect_changes_no_request_and_one_with_effect_is_counted(seed):
    rng = random.Random(seed)
    made = random_organizations.organization(rng, variables=rng.random() < 0.3)
    organization = compiled(made)
    control = organization.service_control
    for policy in control.by_id.values():
        attached = tuple(one for one in organization.names if policy in control.attached[one])
        reach = PolicyReach(
            organization, policy.policy_id, SCP.value, InForce.IN_FORCE, attached, ()
        )
        statements = PolicyStatements(reach, policy, SCP)
        for number in range(1, len(statements.statements) + 1):
            found = statements.of(number)
            assert found.accounts <= found.reached
            assert (found.state is StatementState.EFFECT) == bool(found.accounts)
            if found.state is not StatementState.NO_EFFECT:
                continue
            assert found.reasons
            after = without(made, policy.policy_id, number)
            for account_id in reach.bound_ids:
                was, becomes = (
                    Oracle(one, account_id, default_compiler()) for one in (made, after)
                )
                for _ in range(REQUESTS):
                    request = random_organizations.request(rng, account_id)
                    if _is_listed(request) or found.reasons[0].why.value != "no_action":
                        assert was.passes(request) == becomes.passes(request), (found, request)


def _is_listed(request: dict[str, object]) -> bool:
    return str(request["action"]).lower() in default_compiler().catalogue.index_of
