"""An RCP or SCP that is offered against a finding closes it, and nothing else."""

import json
from collections import Counter
from dataclasses import replace

from policies.evaluation.policy_set import TargetPolicies
from policies.full_access import FULL_ACCESS_TEXTS
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType
from policies.trust.closing import closing_caller_control, closing_control
from policies.trust.findings.registry import policy_findings
from policies.trust.reading import trust_edges
from tests.policies.trust.test_findings import CASES, RESOURCES
from tests.policies.trust.test_fixing import question

RCP = PolicyType.RESOURCE_CONTROL_POLICY


def rcp(text):
    """Return an RCP's document."""
    document = parse_policy(text, RCP).document
    assert document is not None
    return document


FULL = rcp(FULL_ACCESS_TEXTS[RCP])
LEVELS = tuple(TargetPolicies(one, (FULL,)) for one in ("r-ab12", "111122223333"))
SCP = PolicyType.SERVICE_CONTROL_POLICY
FULL_SCP = parse_policy(FULL_ACCESS_TEXTS[SCP], SCP).document
assert FULL_SCP is not None
SCP_LEVELS = tuple(TargetPolicies(one, (FULL_SCP,)) for one in ("r-ab12", "222233334444"))


def bound(statements, resource):
    """Return a question about a resource whose account RCPs bind."""
    asked, _ = question(statements, resource)
    return replace(asked, resource_control_policies=LEVELS)


def offered():
    """Yield the cases with one code each, and what is offered against it."""
    for case in CASES:
        if not isinstance(case["resource"], str) or "resource_control_policies" in case:
            continue
        asked = bound(case["statements"], case["resource"])
        for finding in policy_findings(asked, trust_edges(asked)):
            if finding.statement is not None:
                yield case["name"], asked, finding


def test_is_found_for_outsiders_federated_callers_services_and_the_public():
    found = Counter(
        finding.code
        for _, asked, finding in offered()
        if closing_control(asked, finding.statement, finding) is not None
    )
    for code in (
        "external-without-external-id",
        "public",
        "oidc-without-subject",
        "confused-deputy",
        "cognito-without-audience",
    ):
        assert found[code], (code, found)


def test_closes_its_finding_wherever_it_is_offered():
    for name, asked, finding in offered():
        control = closing_control(asked, finding.statement, finding)
        if control is None:
            continue
        levels = (*LEVELS[:1], TargetPolicies("111122223333", (FULL, rcp(control.text))))
        after = replace(asked, resource_control_policies=levels)
        was = Counter(one.code for one in policy_findings(asked, trust_edges(asked)))
        left = Counter(one.code for one in policy_findings(after, trust_edges(after)))
        assert left[finding.code] < was[finding.code], name


class TestWhatIsNotOffered:
    ROLE = RESOURCES["role"]
    OPEN = [{"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "sts:AssumeRole"}]

    def test_where_rcps_are_not_enabled(self):
        asked = replace(bound(self.OPEN, "role"), resource_control_policies=())
        assert closing_control(asked, 0) is None

    def test_in_the_management_account_which_they_do_not_bind(self):
        asked = bound(self.OPEN, "role")
        organization = replace(asked.organization, management_account_id="111122223333")
        assert closing_control(replace(asked, organization=organization), 0) is None

    def test_that_would_shut_out_whom_another_statement_lets_in(self):
        other = {
            "Effect": "Allow",
            "Principal": {"AWS": "888888888888"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"sts:ExternalId": "b1d4c8a7-6e2f-4d0b-93ce-8a57f1e06d42"}
            },
        }
        assert closing_control(bound(self.OPEN, "role"), 0) is not None
        assert closing_control(bound([*self.OPEN, other], "role"), 0) is None

    def test_an_account_within_is_denied_by_its_id(self):
        within = [{**self.OPEN[0], "Principal": {"AWS": "222233334444"}}]
        control = closing_control(bound(within, "role"), 0)
        assert control is not None
        (statement,) = json.loads(control.text)["Statement"]
        assert statement["Condition"] == {
            "StringEquals": {"aws:PrincipalAccount": ["222233334444"]}
        }


class TestTheCallersSide:
    CALLER = "222233334444"

    def asked(self, *statements):
        """Return a question about a role; SCPs bind the account of the callers."""
        allowing = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        found = bound([{**allowing, **one} for one in statements], "role")
        return replace(found, service_control_policies={self.CALLER: SCP_LEVELS})

    def test_a_role_is_kept_away_by_its_arn_so_that_others_of_its_account_still_come(self):
        arn = f"arn:aws:iam::{self.CALLER}:role/ci"
        other = f"arn:aws:iam::{self.CALLER}:role/app"
        asked = self.asked({"Principal": {"AWS": arn}}, {"Principal": {"AWS": other}})
        control = closing_caller_control(asked, 0)
        assert control is not None
        assert control.account_ids == (self.CALLER,)
        (statement,) = json.loads(control.text)["Statement"]
        assert statement["Condition"] == {"ArnEquals": {"aws:PrincipalArn": [arn]}}
        assert [bool(edge.blocked_by) for edge in control.after] == [True, False]

    def test_an_account_is_kept_away_as_a_whole_unless_one_of_it_is_let_in_besides(self):
        account = {"Principal": {"AWS": self.CALLER}}
        control = closing_caller_control(self.asked(account), 0)
        assert control is not None
        assert "Condition" not in json.loads(control.text)["Statement"][0]
        besides = {"Principal": {"AWS": f"arn:aws:iam::{self.CALLER}:role/app"}}
        assert closing_caller_control(self.asked(account, besides), 0) is None

    def test_nobody_outside_and_no_management_account_is_kept_away(self):
        outside = self.asked({"Principal": {"AWS": "999999999999"}})
        assert closing_caller_control(outside, 0) is None
        inside = self.asked({"Principal": {"AWS": self.CALLER}})
        assert inside.organization is not None
        managed = replace(inside.organization, management_account_id=self.CALLER)
        assert closing_caller_control(replace(inside, organization=managed), 0) is None

    def test_without_the_callers_chain_nothing_is_proven(self):
        asked = replace(
            self.asked({"Principal": {"AWS": self.CALLER}}), service_control_policies={}
        )
        assert closing_caller_control(asked, 0) is None
