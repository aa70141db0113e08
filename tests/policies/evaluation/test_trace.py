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
