import json
import re
import sys
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from policies.cli.trust import trust_answer
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType
from policies.trust import (
    EdgeBlock,
    PolicyCrossing,
    PolicyEdge,
    TrustedResource,
    TrustPrincipal,
    TrustPrincipalKind,
    TrustQuestion,
)
from policies.trust.findings.registry import CHECKS, policy_findings

FILES = sorted(Path(__file__).parent.joinpath("cases").glob("findings_*.json"))
CASES = list(chain.from_iterable(json.loads(file.read_text("utf-8")) for file in FILES))
OWN = "o-own1234567"
ORGANIZATION = {
    "id": OWN,
    "management_account_id": "999988887777",
    "accounts": {
        "111122223333": f"{OWN}/r-ab12/ou-ab12-11111111/",
        "222233334444": f"{OWN}/r-ab12/ou-ab12-22222222/",
        "999988887777": f"{OWN}/r-ab12/",
    },
}
RESOURCES = {
    "role": "arn:aws:iam::111122223333:role/deploy",
    "bucket": "arn:aws:s3:::data",
    "queue": "arn:aws:sqs:eu-west-1:111122223333:q",
    "topic": "arn:aws:sns:eu-west-1:111122223333:t",
    "key": "arn:aws:kms:eu-west-1:111122223333:key/1234",
    "function": "arn:aws:lambda:eu-west-1:111122223333:function:f",
    "file_system": "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1",
}
# Each check's module says its codes in the docstring, each with a colon or "and" behind it.
CODES = {
    code
    for check in CHECKS
    for code in re.findall(r"`([a-z-]+)`(?=:| and|,)", sys.modules[check.__module__].__doc__ or "")
}


def answer(case: dict) -> dict:
    resource = case["resource"]
    if isinstance(resource, str):
        resource = {"arn": RESOURCES[resource], "account_id": "111122223333"}
    policy = {"Version": "2012-10-17", "Statement": case["statements"]}
    line = {"policy": policy, "resource": resource, "organization": ORGANIZATION}
    if "resource_control_policies" in case:
        line["resource_control_policies"] = case["resource_control_policies"]
    found: dict = json.loads(json.dumps(trust_answer(json.dumps(line))))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_finds_what_is_wrong_and_nothing_else(case):
    findings = answer(case)["findings"]
    found = sorted([f["code"], f["severity"], f["statement"]] for f in findings)
    wanted = {tuple(finding) for finding in case["findings"]}
    assert {tuple(finding) for finding in found} == wanted, findings


def test_each_code_has_a_policy_that_it_finds_and_is_documented():
    found = {finding[0] for case in CASES for finding in case["findings"]}
    assert found == CODES
    assert len(CODES) >= len(CHECKS)
    text = Path("docs/trust-findings.md").read_text("utf-8")
    assert [code for code in sorted(CODES) if f"`{code}`" not in text] == []
    assert len(CHECKS) == len(set(CHECKS))


def test_each_remedy_is_a_sentence_and_its_condition_can_be_read():
    for case in CASES:
        for finding in answer(case)["findings"]:
            remedy = finding["remedy"]
            assert remedy["text"].endswith("."), finding
            assert finding["message"].endswith("."), finding
            if "condition" in remedy:
                statement = case["statements"][0] | {"Condition": remedy["condition"]}
                policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
                kind = PolicyType.RESOURCE_POLICY
                problems = parse_policy(policy, kind).errors
                assert not [p for p in problems if "Condition" in p.path], (finding, problems)


class TestBlockedEdges:
    def test_give_no_finding(self):
        text = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
            }
        )
        document = parse_policy(text, PolicyType.TRUST_POLICY).document
        assert document is not None
        resource = TrustedResource(RESOURCES["role"], "111122223333")
        question = TrustQuestion(document, PolicyType.TRUST_POLICY, resource)
        everyone = TrustPrincipal(TrustPrincipalKind.EVERYONE, "*")
        edge = PolicyEdge(0, None, everyone, ("sts:AssumeRole",), PolicyCrossing.PUBLIC)
        blocked = replace(edge, blocked_by=EdgeBlock("resource_control_policy", "r-ab12"))
        assert [finding.code for finding in policy_findings(question, [edge])] == ["public"]
        assert policy_findings(question, [blocked]) == ()


class TestPoliciesThatCannotBeRead:
    def test_are_a_finding_and_never_no_access(self):
        line = {
            "policy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"',
            "resource": {"arn": RESOURCES["role"], "account_id": "111122223333"},
        }
        (finding,) = json.loads(json.dumps(trust_answer(json.dumps(line))))["findings"]
        assert finding["code"] == "unreadable-policy"
        assert "is not known" in finding["message"]

    @pytest.mark.parametrize(
        ("policy", "said"),
        [
            ({"Effect": "Allow", "Action": "sts:AssumeRole"}, "needs 'Principal'"),
            ({"Effect": "Allow", "Principal": {"AWS": []}, "Action": "sts:*"}, "names nobody"),
            ({"Effect": "Allow", "Principal": "*", "Action": []}, "lists nothing"),
            ({"Effect": "Allow", "Principal": {"Aw": "*"}, "Action": "sts:*"}, "not a kind"),
        ],
    )
    def test_that_aws_refuses_are_one_too(self, policy, said):
        answer = self.answer({"Version": "2012-10-17", "Statement": [policy]})
        (finding,) = answer["findings"]
        assert (finding["code"], finding["statement"]) == ("unreadable-policy", 0)
        assert said in finding["message"]
        assert answer["undecided"] == [finding["message"]]

    def test_that_say_an_element_twice_are_one_too(self):
        twice = (
            '{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Effect": "Deny"}'
        )
        answer = self.answer(f'{{"Version": "2012-10-17", "Statement": [{twice}]}}')
        assert [one["code"] for one in answer["findings"]] == ["unreadable-policy"]
        assert "twice" in answer["undecided"][0]

    def answer(self, policy):
        resource = {"arn": RESOURCES["role"], "account_id": "111122223333"}
        line = {"policy": policy, "resource": resource}
        return json.loads(json.dumps(trust_answer(json.dumps(line))))


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("*/ou-ab12-11111111/*", f"{OWN}/*/ou-ab12-11111111/*"),
        ("o-own*", f"{OWN}/*"),
        ("o-*/r-ab12/ou-ab12-11111111/*", f"{OWN}/r-ab12/ou-ab12-11111111/*"),
    ],
)
def test_a_path_in_any_organization_is_mended_by_its_id(path, instead):
    condition = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": path}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    case = {"resource": "role", "statements": [statement | {"Condition": condition}]}
    (found,) = (f for f in answer(case)["findings"] if f["code"] == "guard-does-not-guard")
    meant = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": instead}}
    assert found["remedy"]["condition"] == meant
