"""The commands `lint` and `pack`, as another program reaches them."""

import io
import json

import pytest

from policies.cli.dispatch import main
from policies.cli.streams import Streams

DENY = {"Effect": "Deny", "Action": ["s3:GetObjekt", "s3:Get*"], "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [DENY]}
SCP = "SERVICE_CONTROL_POLICY"


def run(*arguments: str, given: object) -> tuple[int, str, str]:
    text = given if isinstance(given, str) else json.dumps(given)
    output, errors = io.StringIO(), io.StringIO()
    status = main(arguments, Streams(io.BytesIO(text.encode()), output, errors))
    return status, output.getvalue(), errors.getvalue()


class TestLint:
    def test_answers_with_findings_and_size(self):
        status, output, errors = run("lint", given={"policy_type": SCP, "policy": POLICY})
        answer = json.loads(output)
        assert (status, errors) == (0, "")
        assert "unknown_action" in {finding["code"] for finding in answer["findings"]}
        assert answer["size_limit"] == 10240

    def test_places_findings_in_a_policy_given_as_text(self):
        text = '{"Version": "2012-10-17",\n "Statement": {"Effect": "Deny", "Action": "s3:Gett"}}'
        _, output, _ = run("lint", given={"policy_type": SCP, "policy": text})
        assert {finding["line"] for finding in json.loads(output)["findings"]} == {2}

    def test_takes_protected_roles_and_the_day(self):
        roles = [{"arn": "arn:aws:iam::*:role/Audit", "purpose": "audit"}]
        given = {
            "policy_type": SCP, "policy": POLICY, "protected_roles": roles,
            "limits_on": "2026-01-01",
        }  # fmt: skip
        answer = json.loads(run("lint", given=given)[1])
        assert "locks_out_protected_role" in {f["code"] for f in answer["findings"]}
        assert answer["size_limit"] == 5120


class TestPack:
    def test_answers_with_policies_and_their_proof(self):
        status, output, _ = run("pack", given={"policy_type": SCP, "policies": [POLICY]})
        answer = json.loads(output)
        assert status == 0
        assert answer["characters_after"] < answer["characters_before"]
        assert answer["proof"]["is_equal"] is True


@pytest.mark.parametrize(
    ("command", "given"),
    [
        ("lint", "{"),
        ("lint", {"policy": POLICY}),
        ("lint", {"policy_type": SCP}),
        ("lint", {"policy_type": "NO_SUCH", "policy": POLICY}),
        ("lint", {"policy_type": SCP, "policy": {"Version": "2012-10-17"}}),
        ("lint", {"policy_type": SCP, "policy": POLICY, "limits_on": "soon"}),
        ("lint", {"policy_type": SCP, "policy": POLICY, "protected_roles": [{"arn": "x"}]}),
        ("pack", {"policy_type": SCP}),
        ("pack", {"policy_type": SCP, "policies": [{}]}),
        ("pack", {"policy_type": SCP, "policies": [POLICY], "slots": "two"}),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_status_2(command, given):
    status, _, errors = run(command, given=given)
    assert status == 2
    assert errors.count("\n") == 1
    assert errors.startswith(f"policies {command}: ")
