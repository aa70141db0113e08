"""The trace says why a statement reaches a caller, and which of AWS's own rules decides."""

from __future__ import annotations

import json

from policies.cli.question import QuestionReader
from policies.evaluation.explain import Explanation

USER = "arn:aws:iam::111111111111:user/alice"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def explained(**question: object) -> Explanation:
    return QuestionReader().explain(json.dumps(question))


class TestNotPrincipalUnderABoundary:
    def explained(self, **more: object) -> Explanation:
        return explained(
            request={
                "principal": USER,
                "action": "s3:GetObject",
                "resource": "arn:aws:s3:::bucket/key",
            },
            resource_policy={
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Deny",
                    "NotPrincipal": {"AWS": [USER, "111111111111"]},
                    "Action": "s3:*",
                    "Resource": "*",
                },
            },
            identity_policies=[ALLOW_ALL],
            **more,
        )

    def test_names_the_boundary_as_the_reason(self):
        level = self.explained(permission_boundary=ALLOW_ALL).layers[0]
        [statement] = level.statements
        [reason] = [one for one in statement.because if one.element == "NotPrincipal"]
        assert reason.holds is True
        assert "permissions boundary" in reason.text

    def test_says_in_words_why_it_holds(self):
        text = self.explained(permission_boundary=ALLOW_ALL).text()
        assert "+ the caller has a permissions boundary" in text

    def test_without_a_boundary_the_caller_is_excepted(self):
        level = self.explained().layers[0]
        [statement] = level.statements
        assert [(one.element, one.holds) for one in statement.because] == [("NotPrincipal", False)]


class TestAwsRules:
    def test_what_aws_never_permits_is_the_first_level_with_its_source(self):
        explanation = explained(
            request={
                "principal": USER,
                "action": "iam:DeletePolicy",
                "resource": "arn:aws:iam::aws:policy/ReadOnlyAccess",
            },
            identity_policies=[ALLOW_ALL],
        )
        level = json.loads(explanation.json_text)["trace"][0]
        assert (level["policy_type"], level["result"]) == ("never_permitted", "explicitDeny")
        assert level["statements"] == []
        assert level["rule"]["text"].startswith("AWS managed policies")
        assert "IAM user guide" in level["rule"]["source"]
        assert explanation.text().splitlines()[1:3] == [
            "DENIED explicitly by: AWS itself, which never permits this",
            "AWS itself, which never permits this: AWS managed policies are changed, deleted and "
            "tagged by AWS alone (IAM user guide, AWS managed policies; IAM API reference, "
            "TagPolicy)",
        ]

    def test_a_rule_that_hangs_on_an_unknown_key_is_not_known(self):
        explanation = explained(
            request={
                "principal": USER,
                "action": "kms:TagResource",
                "resource": "arn:aws:kms:eu-west-1:111111111111:key/1",
                "unknown_context": ["kms:ResourceAliases"],
            },
            identity_policies=[ALLOW_ALL],
        )
        assert (explanation.layers[0].decider, explanation.layers[0].result) == (
            "never_permitted",
            "unknown",
        )
        assert ": perhaps, the properties" in explanation.text()

    def test_a_rule_that_does_not_hold_is_left_out(self):
        explanation = explained(
            request={
                "principal": USER,
                "action": "iam:DeletePolicy",
                "resource": "arn:aws:iam::111111111111:policy/Own",
            },
            identity_policies=[ALLOW_ALL],
        )
        assert [level.decider for level in explanation.layers] == ["identity_policy"]

    def test_what_needs_no_permission_says_so(self):
        explanation = explained(request={"principal": USER, "action": "sts:GetSessionToken"})
        assert (explanation.layers[0].decider, explanation.layers[0].result) == (
            "always_allowed",
            "allowed",
        )

    def test_a_bucket_policy_that_does_not_bind_the_owner_is_not_applied(self):
        explanation = explained(
            request={
                "principal": "arn:aws:iam::111111111111:root",
                "action": "s3:DeleteBucketPolicy",
                "resource": "arn:aws:s3:::bucket",
            },
            resource_policy={
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
                ],
            },
        )
        [level] = [one for one in explanation.layers if one.decider == "resource_policy"]
        assert level.result is None
        assert level.exempt
        assert "root user of the bucket's account" in level.exempt
