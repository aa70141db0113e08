"""The command refuses what it cannot decide, in one line."""

import json

import pytest

from tests.policies.guardrails.test_cases import MANAGEMENT, OWN, asked, question_of

CASE = {"effect": {"actions": ["cloudtrail:StopLogging"]}}


def with_effect(**effect):
    return question_of({"effect": {"actions": ["cloudtrail:StopLogging"], **effect}})


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (with_effect(actions=["cloudtrail:StopLoging"]), "Did you mean cloudtrail:StopLogging?"),
        (with_effect(actions=["cloudtrial:*"]), "Did you mean cloudtrail:*?"),
        (with_effect(actions=["s3:Nothing*"]), "matches no action of AWS's"),
        (with_effect(actions=[]), "has no actions"),
        (with_effect(resources=["logs"]), "is not a pattern of a resource"),
        (
            with_effect(resources=["arn:aws:s3:::logs"]),
            "none of its actions works on its resources",
        ),
        (with_effect(unless={"StringEqual": {"aws:userid": "x"}}), "unless.StringEqual"),
        (with_effect(unless=[{}]), "unless[0] has no conditions"),
        (with_effect(principal_except=["x"]), 'has no "principal_except"'),
        ({**question_of(CASE), "report_on": ["123456789012"]}, None),
        ({**question_of(CASE), "reporton": []}, 'has no "reporton"'),
        ({"targets": []}, 'lacks "guardrail"'),
    ],
)
def test_refuses_with_a_sentence(question, said):
    status, output, errors = asked(question)
    if said is None:
        # Outside the guardrail's scope: nothing is said of it.
        assert (status, json.loads(output)["accounts"]) == (0, {})
        return
    assert (status, output) == (2, "")
    assert errors.startswith("policies guardrail: ")
    assert said in errors
    assert errors.count("\n") == 1


def test_an_account_of_the_scope_that_is_no_target_is_refused():
    question = question_of(CASE)
    question["guardrail"]["scope"] = {"accounts": ["123456789012"]}
    question["report_on"] = ["123456789012"]
    assert "account 123456789012 is not among the targets" in asked(question)[2]


def test_without_scope_and_report_on_every_account_is_reported():
    question = question_of(CASE)
    del question["guardrail"]["scope"], question["report_on"]
    assert list(json.loads(asked(question)[1])["accounts"]) == [OWN, MANAGEMENT]
