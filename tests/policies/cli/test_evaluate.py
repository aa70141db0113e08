"""The command line: a fault is one clear line, and belongs to its own question alone."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from policies.cli.dispatch import main
from policies.cli.streams import Streams

ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}
REQUEST = {
    "principal": "arn:aws:iam::111111111111:role/Dev",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::bucket/key",
    "context": {"aws:RequestedRegion": "eu-west-1", "aws:TagKeys": ["a", "b"]},
    "unknown_context": ["aws:SourceVpce"],
}
QUESTION = {"request": REQUEST, "identity_policies": [ALLOW]}


def run(command, text):
    output, errors = io.StringIO(), io.StringIO()
    data = text if isinstance(text, bytes) else text.encode()
    status = main([command], Streams(io.BytesIO(data), output, errors))
    return status, output.getvalue(), errors.getvalue()


def error_of(question):
    text = question if isinstance(question, (str, bytes)) else json.dumps(question)
    status, output, errors = run("evaluate", text)
    assert (status, errors) == (0, "")
    answer = json.loads(output)
    assert list(answer) == ["error"]
    assert "\n" not in answer["error"]
    return answer["error"]


class TestEvaluate:
    def test_answers_with_decision_deciders_unknown_keys_and_trace(self):
        status, output, _ = run("evaluate", json.dumps(QUESTION))
        answer = json.loads(output)
        assert status == 0
        assert list(answer) == ["decision", "decided_by", "unknown_keys", "trace"]
        assert answer["decision"] == "allowed"
        assert answer["decided_by"] == ["identity_policy"]
        [level] = answer["trace"]
        assert level["policy_type"] == "identity_policy"
        assert level["result"] == "allowed"
        assert level["statements"][0]["sid"] == "All"
        assert level["statements"][0]["matched"] is True

    def test_the_trace_says_which_condition_failed_with_which_value(self):
        policy = json.loads(json.dumps(ALLOW))
        policy["Statement"][0]["Condition"] = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
        _, output, _ = run("evaluate", json.dumps({**QUESTION, "identity_policies": [policy]}))
        statement = json.loads(output)["trace"][0]["statements"][0]
        reason = statement["because"][-1]
        assert statement["matched"] is False
        assert reason["holds"] is False
        assert (reason["operator"], reason["key"]) == ("StringEquals", "aws:RequestedRegion")
        assert (reason["values"], reason["value"]) == (["us-east-1"], "eu-west-1")

    def test_keeps_order_and_answers_the_lines_around_a_bad_one(self):
        _, output, _ = run("evaluate", f"{json.dumps(QUESTION)}\nno json\n{json.dumps(QUESTION)}\n")
        answers = [json.loads(line) for line in output.splitlines()]
        assert [next(iter(answer)) for answer in answers] == ["decision", "error", "decision"]

    def test_takes_a_policy_as_text_in_quotes(self):
        question = {**QUESTION, "identity_policies": [json.dumps(ALLOW)]}
        _, output, _ = run("evaluate", json.dumps(question))
        assert json.loads(output)["decision"] == "allowed"

    @pytest.mark.parametrize(
        ("question", "message"),
        [
            ("", None),
            ("[1]", "a question must be an object"),
            ("{", "not JSON"),
            (b"\xff", "byte 1 is not UTF-8"),
            ("{}", 'lacks "request"'),
            ('{"request": {}} x', "not JSON"),
            ('{"request": {}, "request": {}}', "twice"),
            ({"request": {"action": "s3:GetObject"}}, 'lacks "principal"'),
            ({"request": {**REQUEST, "principal": "Bob"}}, "not a principal"),
            ({"request": {**REQUEST, "principal": 5}}, "not a principal"),
            ({"request": {**REQUEST, "action": "GetObject"}}, "not an action"),
            ({"request": {**REQUEST, "action": "s3:*"}}, "not an action"),
            ({"request": {**REQUEST, "resource": "bucket"}}, "not a resource"),
            ({"request": {**REQUEST, "resource_account_id": "12"}}, "12 digits"),
            ({"request": {**REQUEST, "contxt": {}}}, 'no "contxt"'),
            ({"request": {**REQUEST, "context": []}}, '"context" must be an object'),
            ({"request": {**REQUEST, "context": {"aws:a": None}}}, "'aws:a' must be text"),
            ({"request": {**REQUEST, "context": {"aws:a": {"b": 1}}}}, "'aws:a' must be text"),
            ({"request": {**REQUEST, "context": {"a:b": "1", "A:B": "2"}}}, "ignore case"),
            ({"request": {**REQUEST, "unknown_context": ["aws:TagKeys"]}}, "declared unknown"),
            ({**QUESTION, "identity_policy": []}, 'no "identity_policy"'),
            ({**QUESTION, "identity_policies": {}}, '"identity_policies" must be a list'),
            ({**QUESTION, "identity_policies": [{}]}, "identity_policies[0] is not a policy"),
            ({**QUESTION, "resource_policy": [ALLOW]}, "must be one policy"),
            ({**QUESTION, "service_control_policies": [{}]}, 'lacks "target_id"'),
            ({**QUESTION, "organization": {"name": "x"}}, 'no "name"'),
        ],
    )
    def test_a_bad_question_is_answered_by_what_is_wrong_with_it(self, question, message):
        if message is None:
            assert run("evaluate", question) == (0, "", "")
            return
        assert message in error_of(question)

    def test_deep_nesting_is_an_error_of_its_line(self):
        assert "deep" in error_of('{"request": ' + "[" * 200_000)


class TestExplain:
    def test_tells_in_words_what_decides(self):
        status, output, _ = run("explain", json.dumps(QUESTION))
        assert status == 0
        assert "ALLOWED by: Identity policies" in output
        assert "Allow “All” (policy 1) holds" in output

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"request": {"principal": "x"}}'])
    def test_bad_input_is_one_line_on_stderr_and_exit_2(self, text):
        status, output, errors = run("explain", text)
        assert (status, output) == (2, "")
        assert errors.count("\n") == 1
        assert errors.startswith("policies explain: ")


class TestDispatch:
    @pytest.mark.parametrize("arguments", [["--help"], ["evaluate", "--help"]])
    def test_help_is_there(self, arguments):
        done = subprocess.run(
            [sys.executable, "-m", "policies", *arguments], capture_output=True, text=True
        )
        assert done.returncode == 0
        assert "usage:" in done.stdout

    def test_the_module_answers_on_standard_streams(self):
        done = subprocess.run(
            [sys.executable, "-m", "policies", "evaluate"],
            input=json.dumps(QUESTION) + "\n",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0
        assert json.loads(done.stdout)["decision"] == "allowed"
