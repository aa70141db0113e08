"""Who uses a principal: cases as data."""

import json
from datetime import date
from pathlib import Path

import pytest

from governance.posture.identities.classing import IdentityFacts, classify
from policies import PolicyType, parse_policy

CASES = json.loads(Path(__file__).with_name("identity_cases.json").read_text(encoding="utf-8"))


def trust_of(case):
    if "trust" not in case:
        return None
    statements = [
        {
            "Effect": case.get("effect", "Allow"),
            "Principal": principal,
            "Action": "sts:AssumeRole",
            **({"Condition": case["condition"]} if "condition" in case else {}),
        }
        for principal in case["trust"]
    ] or [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return parse_policy(text, PolicyType.TRUST_POLICY).document


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_tells_who_uses_a_principal_and_why(case):
    found = classify(IdentityFacts(trust=trust_of(case), **case["facts"]))
    assert found.kind == case["kind"]
    assert case["reason"] in found.reason
    assert found.reason.endswith(".")


def test_each_sign_has_a_source_and_the_day_it_was_read():
    read = json.loads(Path("governance/posture/identities/identity_signs.json").read_text("utf-8"))
    sourced = {group for one in read["sources"] for group in one["of"]}
    assert sourced | {"sources", "automation_roles"} == set(read)
    for row in (*read["sources"], *read["automation_roles"]):
        assert row["source"]
        assert date.fromisoformat(row["read_on"])
