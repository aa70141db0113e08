import io
import json

from policies.cli.dispatch import main
from policies.cli.streams import Streams

ROLE = {"arn": "arn:aws:iam::111122223333:role/deploy", "account_id": "111122223333"}
OTHER = "444455556666"


def trust(*lines: str | bytes | dict) -> list[dict]:
    written = [json.dumps(line).encode() if isinstance(line, dict) else line for line in lines]
    given = b"\n".join(line.encode() if isinstance(line, str) else line for line in written)
    output = io.StringIO()
    assert main(["trust"], Streams(io.BytesIO(given), output, io.StringIO())) == 0
    return [json.loads(line) for line in output.getvalue().splitlines()]


def policy(**changes: object) -> dict:
    statement = {
        "Sid": "Vendor",
        "Effect": "Allow",
        "Principal": {"AWS": OTHER},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "x-7f3a"}},
    }
    return {"Version": "2012-10-17", "Statement": [{**statement, **changes}]}


def test_an_edge_has_all_of_its_members():
    (answer,) = trust({"policy": policy(), "resource": ROLE})
    (edge,) = answer["edges"]
    (guard,) = edge.pop("guards")
    assert guard.keys() == {"kind", "key", "operator", "values", "holds", "leaves_open"}
    assert edge == {
        "statement": 0,
        "sid": "Vendor",
        "principal": {
            "kind": "account",
            "id": OTHER,
            "account_id": OTHER,
            "provider": None,
            "tenant": None,
        },
        "actions": ["sts:AssumeRole"],
        "crossing": "external",
        "blocked_by": None,
        "undecided": [],
        "witness": {
            "principal": f"arn:aws:iam::{OTHER}:role/ExampleRole",
            "action": "sts:AssumeRole",
            "resource": ROLE["arn"],
            "resource_account_id": "111122223333",
            "context": {"sts:ExternalId": "x-7f3a"},
        },
    }


def test_a_policy_may_be_given_as_its_text():
    as_text, as_object = trust(
        {"policy": json.dumps(policy()), "resource": ROLE}, {"policy": policy(), "resource": ROLE}
    )
    assert as_text == as_object


def test_a_line_that_cannot_be_read_is_an_error_of_that_line_alone():
    good = {"policy": policy(), "resource": ROLE}
    answers = trust(
        "{", good, b"\xff", {"policy": policy()}, {**good, "scps": {}}, '{"policy": 1, "policy": 2}'
    )
    assert [sorted(answer) for answer in answers] == [
        ["error"],
        ["edges", "findings"],
        *[["error"]] * 4,
    ]
    assert "not JSON" in answers[0]["error"]
    assert "UTF-8" in answers[2]["error"]
    assert '"resource"' in answers[3]["error"]
    assert '"scps"' in answers[4]["error"]
    assert "twice" in answers[5]["error"]


def test_accounts_and_levels_are_checked():
    good = {"policy": policy(), "resource": ROLE}
    answers = trust(
        {**good, "resource": {**ROLE, "account_id": "1111"}},
        {**good, "organization": {"accounts": {"prod": "o-x/r-1/"}}},
        {**good, "service_control_policies": {"444455556666": [{"policies": []}]}},
        {**good, "resource_control_policies": {}},
    )
    assert ["12 digits" in answer["error"] for answer in answers] == [True, True, False, False]
    assert '"target_id"' in answers[2]["error"]
    assert "must be a list" in answers[3]["error"]


def test_a_policy_that_cannot_be_read_is_a_finding_and_not_known():
    for written in ("{", '{"Statement": [{"Effect": "Perhaps"}]}', {"Statement": [1]}):
        (answer,) = trust({"policy": written, "resource": ROLE})
        assert answer["edges"] == []
        assert [one["code"] for one in answer["findings"]] == ["unreadable-policy"]
        assert answer["undecided"]


def test_nulls_are_as_members_that_are_left_out():
    given = {"policy": policy(), "resource": ROLE}
    with_nulls = {
        **given,
        "organization": None,
        "service_control_policies": None,
        "resource_control_policies": None,
    }
    first, second = trust(given, with_nulls)
    assert first == second


def test_an_organization_without_its_accounts_leaves_open_who_is_of_it():
    own = {"StringEquals": {"aws:PrincipalOrgID": "o-own1234567"}}
    asked = {"resource": ROLE, "organization": {"id": "o-own1234567"}}
    named, everyone = trust(
        {**asked, "policy": policy(Condition=own)},
        {**asked, "policy": policy(Principal="*", Condition=own)},
    )
    for answer, kind in ((named, "account"), (everyone, "organization")):
        (edge,) = answer["edges"]
        assert edge["principal"]["kind"] == kind
        assert edge["undecided"]
        assert edge["blocked_by"] is None
