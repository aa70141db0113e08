"""Whom a policy lets in, case by case; every witness is asked of `evaluate` again."""

import json
from itertools import chain
from pathlib import Path

import pytest

from policies.cli.question import QuestionReader
from policies.cli.trust import trust_answer

FILES = sorted(Path(__file__).parent.joinpath("cases").glob("edges_*.json"))
CASES = list(chain.from_iterable(json.loads(file.read_text("utf-8")) for file in FILES))

OWN, MEMBER, OTHER, MANAGEMENT = "111122223333", "222233334444", "333344445555", "999988887777"
ID, ROOT, OU_ONE, OU_TWO = "o-own1234567", "r-ab12", "ou-ab12-11111111", "ou-ab12-22222222"
PARENTS = {OWN: (ROOT, OU_ONE), MEMBER: (ROOT, OU_ONE), OTHER: (ROOT, OU_TWO), MANAGEMENT: (ROOT,)}
ORGANIZATION = {
    "id": ID,
    "management_account_id": MANAGEMENT,
    "accounts": {account: "/".join((ID, *parents)) + "/" for account, parents in PARENTS.items()},
}
RESOURCES = {
    "role": f"arn:aws:iam::{OWN}:role/deploy",
    "bucket": "arn:aws:s3:::bucket",
    "key": f"arn:aws:kms:eu-west-1:{OWN}:key/1",
    "queue": f"arn:aws:sqs:eu-west-1:{OWN}:queue",
    "topic": f"arn:aws:sns:eu-west-1:{OWN}:topic",
    "function": f"arn:aws:lambda:eu-west-1:{OWN}:function:worker",
}
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
FULL_RCP = {**FULL, "Principal": "*"}


def policy(*statements: dict, version: str | None = "2012-10-17") -> dict:
    return {"Version": version, "Statement": list(statements)}


def levels(account: str, full: dict, own: dict[str, list[dict]]) -> list[dict]:
    """Return the levels above an account; `own`: further policies, or all in place of `full`."""
    found = []
    for target in (*PARENTS[account], account):
        given = own.get(target, [])
        replaces = own.get(f"only {target}")
        policies = [policy(full), *(policy(one) for one in given)]
        if replaces is not None:
            policies = [policy(one) for one in replaces]
        found.append({"target_id": target, "policies": policies})
    return found


def line(case: dict) -> dict:
    resource = case.get("on", "role")
    account = case.get("account", OWN)
    written = case.get("policy") or policy(
        *case["statements"], version=case.get("version", "2012-10-17")
    )
    asked = {
        "policy": written,
        "resource": {"arn": RESOURCES.get(resource, resource), "account_id": account},
    }
    if case.get("organization", True):
        asked["organization"] = ORGANIZATION
        unknown = case.get("no_chain", [])
        asked["service_control_policies"] = {
            each: levels(each, FULL, case.get("scps", {}))
            for each in PARENTS
            if each not in unknown
        }
        if account in PARENTS:
            asked["resource_control_policies"] = levels(account, FULL_RCP, case.get("rcps", {}))
    return asked


def evaluated(asked: dict, witness: dict) -> str:
    account = witness["principal"].split(":")[4] if ":" in witness["principal"] else ""
    question = {
        "request": witness,
        "resource_policy": asked["policy"],
        "identity_policies": [policy(FULL)],
    }
    if "organization" in asked:
        question["organization"] = {"id": ID, "management_account_id": MANAGEMENT}
        question["resource_control_policies"] = asked.get("resource_control_policies")
        question["service_control_policies"] = asked["service_control_policies"].get(account)
    decision: str = json.loads(QuestionReader().answer(json.dumps(question)))["decision"]
    return decision


def told(edge: dict) -> str:
    """Return an edge in one line: whom, what it crosses, what becomes of it."""
    principal, blocked = edge["principal"], edge["blocked_by"]
    whom = f"{edge['statement']}: {principal['kind']} {principal['id']}, {edge['crossing']}"
    if edge["undecided"]:
        return f"{whom}, undecided"
    if blocked is None:
        return f"{whom}, open"
    place = "" if blocked["target_id"] is None else f" at {blocked['target_id']}"
    if blocked["by"] == "policy":
        return f"{whom}, blocked by statement {blocked['statement']}"
    what = "none allows" if blocked["statement"] is None else f"statement {blocked['statement']}"
    kind = {"service_control_policy": "SCP", "resource_control_policy": "RCP"}[blocked["by"]]
    return f"{whom}, blocked by {kind}{place} ({what})"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_says_whom_a_policy_lets_in(case):
    asked = line(case)
    answer: dict = json.loads(json.dumps(trust_answer(json.dumps(asked))))
    assert [told(edge) for edge in answer["edges"]] == case["edges"], answer["edges"]
    for edge, actions in zip(answer["edges"], case.get("actions", ()), strict=False):
        assert edge["actions"] == actions
    for edge in answer["edges"]:
        assert (edge["witness"] is None) is bool(edge["blocked_by"] or edge["undecided"])
        if edge["witness"] is not None:
            assert evaluated(asked, edge["witness"]) == "allowed"
            for key, value in case.get("witness", {}).items():
                assert edge["witness"]["context"].get(key, edge["witness"].get(key)) == value
        if edge["blocked_by"] is not None:
            assert edge["blocked_by"]["because"]


def test_case_names_are_told_apart():
    assert len({case["name"] for case in CASES}) == len(CASES) >= 110
