"""A guardrail's file is refused with line and suggestion, whatever is wrong in it."""

import pytest

from governance.baseline.guardrails.reading import GuardrailInvalid, read_guardrail

GOOD = """\
id: no-buckets
title: Nobody creates buckets
why: Buckets belong to the platform.
topic: cost
severity: low
effect:
  actions: [s3:CreateBucket]
remedy:
  text: Attach an SCP.
"""


def problems(text):
    with pytest.raises(GuardrailInvalid) as raised:
        read_guardrail(text.encode(), file="no-buckets.yaml")
    assert "no-buckets.yaml" in str(raised.value)
    return [(one.line, one.path, one.message) for one in raised.value.problems]


def test_a_short_file_is_enough():
    document = read_guardrail(GOOD.encode())
    assert document.kind == "effect"
    assert document.effect[0].actions == ("s3:CreateBucket",)


@pytest.mark.parametrize(
    ("was", "becomes", "line", "path", "message"),
    [
        ("topic: cost", "topik: cost", 5, "topik", "did you mean topic?"),
        ("topic: cost", "topic: ''", 5, "topic", "topic is missing; choose one of root, organ"),
        ("severity: low", "severity: lo", 6, "severity", "did you mean low?"),
        (
            "[s3:CreateBucket]",
            "[s3:CreateBuckt]",
            8,
            "effect.actions.0",
            "AWS has no action s3:CreateBuckt; did you mean s3:CreateBucket?",
        ),
        ("[s3:CreateBucket]", "['lamda:*']", 8, "effect.actions.0", "did you mean lambda:*?"),
        (
            "[s3:CreateBucket]",
            "[s3:CreateBucket]\n  unles: {}",
            9,
            "effect.unles",
            "did you mean unless?",
        ),
        (
            "[s3:CreateBucket]",
            "[s3:CreateBucket]\n  unless: {StringEqual: {aws:SourceVpc: vpc-1}}",
            9,
            "effect.unless.StringEqual",
            "did you mean StringEquals?",
        ),
        (
            "[s3:CreateBucket]",
            "[s3:CreateBucket]\n  unless: {StringEquals: {aws:SourceVcp: vpc-1}}",
            9,
            "effect.unless.StringEquals.aws:SourceVcp",
            "did you mean aws:SourceVpc?",
        ),
        (
            "topic: cost",
            "topic: cost\nscope: {environments: [sandbx]}",
            6,
            "scope.environments.0",
            "did you mean sandbox?",
        ),
        (
            "remedy:",
            "state:\n  - {service: cloudtrail, kind: trial, expect: any}\nremedy:",
            10,
            "state.0.kind",
            "did you mean cloudtrail:trail?",
        ),
        (
            "remedy:",
            "state:\n  - {service: ec2, kind: vpc, holds: {defaul: true}}\nremedy:",
            10,
            "state.0.holds.defaul",
            "did you mean default?",
        ),
        ("text: Attach an SCP.", "txt: x", 10, "remedy.txt", "did you mean text?"),
        (
            "[s3:CreateBucket]",
            "[s3:CreateBucket]\n  resources: ['{{isolated_unit}}']",
            9,
            "effect.resources.0",
            "isolated_units?",
        ),
        (
            "[s3:CreateBucket]",
            "[s3:CreateBucket]\n  resources: ['arn:aws:sqs:*:*:queue']",
            8,
            "effect",
            "none of its actions works on its resources",
        ),
        (
            "effect:\n  actions: [s3:CreateBucket]",
            "effect: null",
            2,
            "",
            "give an effect, or a state, that has to hold",
        ),
    ],
)
def test_what_is_not_known_is_refused_where_it_stands(was, becomes, line, path, message):
    found = problems("# A comment.\n" + GOOD.replace(was, becomes))
    assert any((one[0], one[1]) == (line, path) and message in one[2] for one in found), found


def test_a_remedy_that_aws_would_refuse_is_refused():
    text = GOOD + (
        "  policy_type: SERVICE_CONTROL_POLICY\n"
        "  policy:\n"
        '    Version: "2012-10-17"\n'
        "    Statement:\n"
        "      - {Effect: Dany, Action: s3:CreateBucket, Resource: '*'}\n"
    )
    assert any(line == 14 and "Effect" in path for line, path, _ in problems(text))


def test_a_parameter_that_there_is_not_is_refused():
    text = GOOD + (
        "  policy_type: SERVICE_CONTROL_POLICY\n"
        "  policy:\n"
        '    Version: "2012-10-17"\n'
        "    Statement:\n"
        "      - Effect: Deny\n"
        "        Action: s3:CreateBucket\n"
        "        Resource: '*'\n"
        "        Condition: {ArnNotLike: {aws:PrincipalArn: ['{{break_glas_roles}}']}}\n"
    )
    assert any("break_glass_roles?" in message for _, _, message in problems(text))


def test_all_that_is_wrong_is_told_at_once():
    assert len(problems("id: No\ntopic: x\nseverity: y\n")) >= 5
