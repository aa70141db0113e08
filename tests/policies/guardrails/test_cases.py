"""What guardrails are found to do, case by case, through the command; counterexamples pass again.

A case gives statements beside FullAWSAccess (`scps`, `rcps`: at the account; `ou_…`, `root_…`), or
`only_scps` instead of it, and the result in `account`. Without `rcps` RCPs are not enabled.
"""

import json
from io import BytesIO, StringIO
from itertools import chain
from pathlib import Path

import pytest

from policies.cli.dispatch import main
from policies.cli.streams import Streams
from tests.policies.reference.from_question import reference_answer

FILES = sorted(Path(__file__).parent.joinpath("cases").glob("*.json"))
CASES = list(chain.from_iterable(json.loads(file.read_text("utf-8")) for file in FILES))
OWN, MANAGEMENT = "111122223333", "999988887777"
PARENTS = {"r-ab12": None, "ou-ab12-11111111": "r-ab12", OWN: "ou-ab12-11111111"}
PARENTS[MANAGEMENT] = "r-ab12"
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OPEN = {**ALLOW, "Principal": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:*", "Principal": "*"}
PREFIXES = {"r-ab12": "root_", "ou-ab12-11111111": "ou_", OWN: "", MANAGEMENT: "management_"}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def targets(case, kind, full):
    found = []
    for target_id, parent_id in PARENTS.items():
        own = case.get(f"{PREFIXES[target_id]}{kind}", [])
        policies = [policy(full), *(policy(one) for one in own)]
        if target_id == OWN and f"only_{kind}" in case:
            policies = [policy(one) for one in case[f"only_{kind}"]]
        found.append({"target_id": target_id, "parent_id": parent_id, "policies": policies})
    return found


def question_of(case):
    question = {
        "guardrail": {"id": "asked", "scope": {"accounts": list(PARENTS)[2:]}},
        "targets": targets(case, "scps", ALLOW),
        "management_account_id": MANAGEMENT,
        "report_on": [case.get("account", OWN)],
    }
    question["guardrail"]["effect"] = case["effect"]
    if "rcps" in case or "root_rcps" in case:
        question["resource_control_targets"] = targets(case, "rcps", OPEN)
    return question


def asked(question):
    output, errors = StringIO(), StringIO()
    streams = Streams(BytesIO(json.dumps(question).encode()), output, errors)
    status = main(["guardrail"], streams)
    return status, output.getvalue(), errors.getvalue()


def levels(question, name, account):
    listed = {one["target_id"]: one for one in question[name]}
    path, step = [], account
    while step is not None:
        path.append(
            {"target_id": step, "policies": listed[step]["policies"]},
        )
        step = listed[step]["parent_id"]
    return path[::-1]


def evaluated(question, request, account):
    """Return what the reference decides where everything but SCPs and RCPs allows."""
    trust = request["action"].lower().startswith("sts:")
    given = {
        "request": request,
        "organization": {"id": None, "management_account_id": MANAGEMENT},
        "identity_policies": [policy(ALLOW)],
        "resource_policy": policy(TRUST if trust else OPEN),
    }
    if f"::{account}:" in request["principal"]:
        given["service_control_policies"] = levels(question, "targets", account)
    in_account = request.get("resource_account_id", account) == account
    if in_account and "resource_control_targets" in question:
        given["resource_control_policies"] = levels(question, "resource_control_targets", account)
    return reference_answer(given)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case):
    question = question_of(case)
    status, output, errors = asked(question)
    assert (status, errors) == (0, "")
    account = case.get("account", OWN)
    found = json.loads(output)["accounts"][account]
    assert found["result"] == case["result"], found
    assert found["keys"] == case.get("keys", [])
    assert case.get("says", "Service-linked roles are left out") in found["because"]
    request = found["counterexample"]
    assert (request is not None) is (case["result"] == "fails")
    if request is not None:
        assert evaluated(question, request, account) == "allowed"
    if "caller" in case:
        assert (request["principal"] == "anonymous") is (case["caller"] == "anonymous")
        assert (".amazonaws.com" in request["principal"]) is (case["caller"] == "service")


def test_there_are_cases_of_each_result():
    results = [case["result"] for case in CASES]
    assert len(CASES) >= 150
    assert {*results} == {"holds", "fails", "undecided"}
