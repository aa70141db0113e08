"""The statements of a draft's text, and the text without one of them."""

import json

import pytest

from governance.edits.statements import NoSuchStatement, text_statements, without_statement

TWO = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "NoLeaving", "Effect": "Deny", "Action": "organizations:Leave*"},
            {"Effect": "Deny", "NotAction": ["iam:*", "sts:*", "s3:*"], "Resource": "*"},
        ],
    }
)


class TestStatements:
    def test_are_named_by_sid_or_by_what_they_do(self):
        named = [(one.number, one.effect, one.name) for one in text_statements(TWO)]
        assert named == [(1, "Deny", "NoLeaving"), (2, "Deny", "all but iam:*, sts:* and 1 more")]

    @pytest.mark.parametrize("text", ["{", "[]", '{"Statement": ["x"]}', "[" * 100_000])
    def test_of_a_text_that_cannot_be_read_are_none(self, text):
        assert text_statements(text) == ()

    def test_one_alone_may_stand_without_a_list(self):
        (only,) = text_statements('{"Statement": {"Effect": "Allow", "Action": "*"}}')
        assert (only.name, only.effect) == ("*", "Allow")

    def test_are_taken_out_and_all_else_stays(self):
        first, second = text_statements(TWO)
        left = without_statement(TWO, first.sha256)
        assert text_statements(left)[0].sha256 == second.sha256
        assert json.loads(left)["Version"] == "2012-10-17"

    def test_that_are_gone_are_refused(self):
        first, _ = text_statements(TWO)
        with pytest.raises(NoSuchStatement, match="gone"):
            without_statement(without_statement(TWO, first.sha256), first.sha256)
        with pytest.raises(NoSuchStatement, match="cannot be read"):
            without_statement("{", first.sha256)
