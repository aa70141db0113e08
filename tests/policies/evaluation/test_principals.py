"""Searching many principals gives what evaluating each of them gives."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.cli.question import QuestionReader, read_policy
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import parse_principal
from policies.evaluation.principals import Candidate, allowed_principals
from policies.evaluation.request import OrganizationIds, make_request
from policies.language.policy_types import PolicyType
from tests.policies.evaluation.random_questions import MANAGEMENT, PRINCIPALS, levels, policies

IDENTITIES = [name for name in PRINCIPALS if ":11111" in name]


def parsed(policy, policy_type):
    return read_policy(json.loads(json.dumps(policy)), policy_type, "the policy")


@st.composite
def searches(draw):
    resource_policy = draw(st.none() | policies(True))
    shared = PolicySet(
        OrganizationIds("o-1", MANAGEMENT),
        tuple(
            TargetPolicies(
                level["target_id"],
                tuple(parsed(p, PolicyType.SERVICE_CONTROL_POLICY) for p in level["policies"]),
            )
            for level in draw(levels(False))
        ),
        resource_policy=resource_policy and parsed(resource_policy, PolicyType.RESOURCE_POLICY),
    )
    candidates = [
        Candidate(
            principal,
            [
                parsed(policy, PolicyType.IDENTITY_POLICY)
                for policy in draw(st.lists(policies(), max_size=2))
            ],
            parsed(boundary, PolicyType.PERMISSION_BOUNDARY)
            if (boundary := draw(st.none() | policies()))
            else None,
        )
        for principal in draw(st.lists(st.sampled_from(IDENTITIES), min_size=1, max_size=5))
    ]
    return shared, candidates


class TestAllowedPrincipals:
    @settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
    @given(searches())
    def test_finds_exactly_those_whom_evaluating_one_by_one_does_not_deny(self, search):
        shared, candidates = search
        request = make_request(
            IDENTITIES[0],
            "s3:GetObject",
            "arn:aws:s3:::bucket/alice",
            resource_account_id="111111111111",
            context={"x:text": "a"},
            unknown_context=["x:number"],
        )
        expected = []
        for principal, identity, boundary in candidates:
            one = PolicySet(
                shared.organization,
                shared.service_control_policies,
                identity_policies=tuple(identity),
                permission_boundary=boundary,
                resource_policy=shared.resource_policy,
            )
            own = request._replace(principal=parse_principal(principal))
            decision = Evaluator(one).evaluate(own)
            if not decision.is_denied:
                expected.append((principal, decision))
        assert allowed_principals(shared, candidates, request) == expected

    def test_a_role_that_only_a_variable_lets_in_is_found(self):
        document = parsed(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": "s3:*",
                    "Resource": "arn:aws:s3:::bucket/${aws:username}",
                },
            },
            PolicyType.IDENTITY_POLICY,
        )
        users = [f"arn:aws:iam::111111111111:user/{name}" for name in ("alice", "bob")]
        request = make_request(users[0], "s3:GetObject", "arn:aws:s3:::bucket/bob")
        found = allowed_principals(PolicySet(), [Candidate(u, [document]) for u in users], request)
        assert [principal for principal, _ in found] == [users[1]]

    def test_the_reader_finds_the_same_policies_again_by_their_text(self):
        reader = QuestionReader()
        question = {
            "request": {"principal": IDENTITIES[0], "action": "s3:GetObject"},
            "identity_policies": [
                {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
            ],
        }
        longer = {
            **question,
            "identity_policies": [*question["identity_policies"], {"Statement": []}],
        }
        assert reader.explain(json.dumps(question)).decision.decision == "allowed"
        assert reader.explain(json.dumps(longer)).decision.decision == "allowed"
        assert reader.explain(json.dumps(question)).decision.decision == "allowed"
