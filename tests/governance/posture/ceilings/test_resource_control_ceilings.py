"""What RCPs leave of requests to the services that they reach."""

import json

import pytest

from governance.posture.ceilings.assumptions import CeilingAssumptions
from governance.posture.ceilings.groups import account_groups
from governance.posture.ceilings.level_stack import level_stack
from governance.posture.ceilings.organization_ceilings import Binding, CeilingOutcome
from governance.posture.ceilings.services import decision_of, services_of
from governance.posture.ceilings.strategies import Strategy
from governance.posture.state.organization import RCP
from inventory.models import Root
from tests.factories.runs import CoverageFactory
from tests.governance.posture.ceilings.stored_ceilings import (
    MANAGEMENT,
    PAYMENTS,
    ROOT,
    TEST,
    WEBSITE,
    WORKLOADS,
    attach,
    ceilings_of,
)

PERIMETER = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyOurs",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}},
            },
            {"Effect": "Deny", "Principal": "*", "Action": "sqs:DeleteQueue", "Resource": "*"},
        ],
    }
)


def enable_rcps(snapshot, *, collected=True):
    root = Root.objects.get(pk=snapshot.root.pk)
    root.policy_types["RESOURCE_CONTROL_POLICY"] = "ENABLED"
    root.save()
    if collected:
        collector = "organizations.policies.RESOURCE_CONTROL_POLICY"
        CoverageFactory.create(run=snapshot.run, account_id="", collector=collector)


@pytest.mark.django_db
class TestResourceControlPolicies:
    @pytest.fixture
    def ceilings(self, viewer, snapshot):
        enable_rcps(snapshot)
        attach(snapshot, "perimeter", PERIMETER, WORKLOADS, RCP)
        return ceilings_of(viewer, snapshot, CeilingAssumptions(()), RCP)

    def test_limit_requests_to_the_services_on_their_list_alone(self, ceilings):
        index = ceilings.catalogue.index_of
        test = ceilings.of(TEST)
        assert test.outcome(index["s3:getobject"]) is CeilingOutcome.CONDITIONAL
        assert test.outcome(index["sqs:deletequeue"]) is CeilingOutcome.NEVER
        assert test.outcome(index["sqs:sendmessage"]) is CeilingOutcome.ALWAYS
        assert test.outcome(index["ec2:runinstances"]) is CeilingOutcome.ALWAYS
        rows = services_of(ceilings, TEST, level_stack(ceilings, TEST))
        assert {row.prefix for row in rows} == set(ceilings.catalogue.rcp_services)
        assert sum(row.total for row in rows) == ceilings.scope.bit_count()

    def test_count_no_other_action_at_any_level(self, ceilings):
        steps = level_stack(ceilings, TEST)
        assert steps[0].always == ceilings.scope
        workloads = steps[1]
        assert ceilings.catalogue.actions(workloads.removed) == ["sqs:DeleteQueue"]
        assert workloads.made_conditional == ceilings.catalogue.bits("s3:*")
        assert [step.strategy for step in steps[:2]] == [Strategy.NONE, Strategy.DENY_LIST]
        assert not any(step.breaks for step in steps)

    def test_name_the_statement_that_decides_and_what_it_hangs_on(self, ceilings):
        decision = decision_of(ceilings, TEST, ceilings.catalogue.index_of["s3:getobject"])
        assert decision.depends_on == ("aws:PrincipalOrgID",)
        (statement,) = decision.statements
        assert (statement.policy.name, statement.sid) == ("perimeter", "OnlyOurs")
        assert statement.target.name == "Workloads"

    def test_never_bind_the_management_account(self, ceilings):
        assert ceilings.binding(MANAGEMENT) is Binding.MANAGEMENT
        assert ceilings.of(MANAGEMENT).always == ceilings.catalogue.all_bits

    def test_make_what_they_reach_unknown_where_one_cannot_be_read(self, viewer, snapshot):
        enable_rcps(snapshot)
        attach(snapshot, "perimeter", PERIMETER, WORKLOADS, RCP)
        attach(snapshot, "broken", "{", WORKLOADS, RCP)
        ceilings = ceilings_of(viewer, snapshot, CeilingAssumptions(()), RCP)
        index = ceilings.catalogue.index_of
        test = ceilings.of(TEST)
        assert test.outcome(index["sqs:sendmessage"]) is CeilingOutcome.UNKNOWN
        # Another denies it for certain; and no RCP reaches EC2, whatever it says.
        assert test.outcome(index["sqs:deletequeue"]) is CeilingOutcome.NEVER
        assert test.outcome(index["ec2:runinstances"]) is CeilingOutcome.ALWAYS
        steps = level_stack(ceilings, TEST)
        assert steps[-1].left == ceilings.scope & ~ceilings.catalogue.bits("sqs:DeleteQueue")
        assert steps[-1].unknown == steps[-1].left

    def test_are_not_in_use_or_not_known_which_is_not_the_same(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot, CeilingAssumptions(()), RCP)
        assert ceilings.binding(TEST) is Binding.NOT_ENABLED
        assert ceilings.of(TEST).unknown == 0

    def test_are_not_known_where_they_were_never_read(self, viewer, snapshot):
        enable_rcps(snapshot, collected=False)
        ceilings = ceilings_of(viewer, snapshot, CeilingAssumptions(()), RCP)
        assert ceilings.binding(TEST) is Binding.NOT_COLLECTED
        assert ceilings.of(TEST).unknown == ceilings.scope

    def test_tell_accounts_apart_within_the_services_they_reach(self, ceilings):
        groups = {frozenset(one.account_ids): one for one in account_groups(ceilings, ROOT)}
        below = groups[frozenset({PAYMENTS, WEBSITE, TEST})]
        assert below.removed == ceilings.catalogue.bits("sqs:DeleteQueue")
        assert below.ceiling.possible | below.ceiling.never == ceilings.scope
