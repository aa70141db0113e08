"""A drafted policy closes its finding, brings no graver one and lets in nobody new."""

import json
from collections import Counter

import pytest

from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType
from policies.trust import TrustedResource, TrustOrganization, TrustQuestion
from policies.trust.findings.registry import policy_findings
from policies.trust.fixing import fixed_policy, is_fixable
from policies.trust.reading import trust_edges
from tests.policies.trust.test_findings import CASES, RESOURCES

PARENTS = {"111122223333": "ou-ab12-11111111/", "222233334444": "ou-ab12-22222222/"}
OWN = TrustOrganization(
    "o-own1234567",
    "999988887777",
    {
        account: f"o-own1234567/r-ab12/{PARENTS.get(account, '')}"
        for account in (*PARENTS, "999988887777")
    },
)
NOT_PROVEN = {
    # The only principal is gone: there is nobody to write the policy for.
    ("A principal that was deleted", "deleted-principal"),
    # The organization's id stands beside the unfinished path, which stays open as before.
    ("A bucket for an organizational unit whose id goes on", "guard-does-not-guard"),
    # What else to ask of Sentinel is not known; its audience is asked for already.
    ("Sentinel for government without a session name", "oidc-without-subject"),
}


def question(statements, resource):
    given = {"arn": RESOURCES[resource], "account_id": "111122223333"}
    found = given if isinstance(resource, str) else resource
    is_role = ":role/" in found["arn"]
    kind = PolicyType.TRUST_POLICY if is_role else PolicyType.RESOURCE_POLICY
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    document = parse_policy(text, kind).document
    assert document is not None
    return TrustQuestion(document, kind, TrustedResource(**found), OWN), text


def fixable():
    for case in CASES:
        codes = Counter(code for code, _, _ in case["findings"])
        if isinstance(case["resource"], str) and "resource_control_policies" not in case:
            yield from ((case, code) for code in sorted(codes))


@pytest.mark.parametrize(("case", "code"), list(fixable()), ids=lambda one: str(one)[:60])
def test_closes_its_finding_and_brings_no_graver_one(case, code):
    asked, text = question(case["statements"], case["resource"])
    before = policy_findings(asked, trust_edges(asked))
    wanted = [one for one in before if one.code == code and is_fixable(one)]
    for finding in wanted:
        fixed = fixed_policy(asked, text, finding)
        if (case["name"], code) in NOT_PROVEN:
            assert fixed is None
            continue
        assert fixed is not None, finding
        assert json.loads(fixed.text)["Version"] == "2012-10-17"
        was, now = Counter(f.code for f in before), Counter(f.code for f in fixed.left)
        assert now[code] < was[code]


GITHUB = "token.actions.githubusercontent.com"


class TestText:
    def role(self, principal, **condition):
        statement = {"Sid": "In", "Effect": "Allow", "Principal": principal}
        statement |= {"Action": "sts:AssumeRole"}
        other: dict[str, object] = {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
        }
        other |= {"Action": "sts:AssumeRole"}
        statement |= {"Condition": condition} if condition else {}
        asked, text = question([other, statement], "role")
        edges = trust_edges(asked)
        finding = next(one for one in policy_findings(asked, edges) if is_fixable(one))
        fixed = fixed_policy(asked, text, finding)
        assert fixed is not None
        return fixed

    def test_keeps_every_other_statement_and_says_what_to_fill_in(self):
        fixed = self.role({"AWS": "333344445555"})
        other, mended = json.loads(fixed.text)["Statement"]
        assert other["Principal"] == {"Service": "ec2.amazonaws.com"}
        assert mended["Sid"] == "In"
        asked_for = {"StringEquals": {"sts:ExternalId": "ID_FROM_THE_OTHER_COMPANY"}}
        assert mended["Condition"] == asked_for
        assert fixed.placeholders == ("ID_FROM_THE_OTHER_COMPANY",)
        assert fixed.lets_somebody_in

    def test_writes_the_condition_in_place_of_the_one_that_does_not_guard(self):
        weak = {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-own1234567"}}
        allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
        bucket = {**allow, "Resource": "arn:aws:s3:::data/*", "Condition": weak}
        asked, text = question([bucket], "bucket")
        finding = policy_findings(asked, trust_edges(asked))[0]
        fixed = fixed_policy(asked, text, finding)
        assert fixed is not None
        (mended,) = json.loads(fixed.text)["Statement"]
        assert mended["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-own1234567"}}
        assert fixed.placeholders == ()
        assert [edge.principal.id for edge in fixed.after] == ["o-own1234567"]

    def test_removes_a_deleted_principal_alone(self):
        fixed = self.role({"AWS": ["AROAEXAMPLEEXAMPLE123", "arn:aws:iam::111122223333:root"]})
        mended = json.loads(fixed.text)["Statement"][1]
        assert mended["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}

    def test_is_not_offered_where_the_remedy_is_no_text(self):
        statement: dict[str, object] = {"Effect": "Allow", "NotPrincipal": {"AWS": "333344445555"}}
        statement |= {"Action": "sts:AssumeRole"}
        asked, text = question([statement], "role")
        findings = policy_findings(asked, trust_edges(asked))
        finding = next(one for one in findings if one.code == "allow-with-not-principal")
        assert not is_fixable(finding)
        assert fixed_policy(asked, text, finding) is None
