import gc
import json

import pytest

from policies import (
    ABSENT,
    UNKNOWN,
    Compiler,
    PolicyDocument,
    PolicyType,
    default_compiler,
    load_catalogue,
    parse_policy,
)
from tests.policies.shared_data import aws_managed_policies, shared_files

SCP = PolicyType.SERVICE_CONTROL_POLICY


def document(*statements, version: str = "2012-10-17") -> PolicyDocument:
    text = json.dumps({"Version": version, "Statement": list(statements)})
    found = parse_policy(text, SCP).document
    assert found is not None
    return found


def compiled(statement, **options):
    return default_compiler().document(document(statement, **options))[0]


CONDITION: dict[str, object] = {
    "StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]},
    "Bool": {"aws:SecureTransport": "false"},
}
BASE: dict[str, object] = {
    "Sid": "one",
    "Effect": "Deny",
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"],
    "Condition": CONDITION,
}


class TestStatementIdentity:
    @pytest.mark.parametrize(
        "change",
        [
            {"Sid": "two"},
            {"Action": ["S3:putobject", "s3:getOBJECT", "s3:GetObject"]},
            {"Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/*"]},
            {
                "Condition": {
                    "bool": {"AWS:securetransport": False},
                    "stringequals": {"aws:requestedregion": ["eu-central-1", "eu-west-1"]},
                }
            },
        ],
    )
    def test_ignores_sid_order_and_the_case_of_keys_and_actions(self, change):
        first = compiled(BASE)
        assert compiled(BASE | change) is first

    @pytest.mark.parametrize(
        "change",
        [
            {"Effect": "Allow"},
            {"Action": "s3:GetObject"},
            {"Resource": ["arn:aws:s3:::A/*", "arn:aws:s3:::b/*"]},
            {"Condition": {}},
            {"Condition": CONDITION | {"Bool": {"aws:SecureTransport": "true"}}},
            {"Condition": CONDITION
             | {"StringEquals": {"aws:RequestedRegion": ["EU-west-1", "eu-central-1"]}}},
        ],
    )  # fmt: skip
    def test_keeps_apart_what_means_something_else(self, change):
        first = compiled(BASE)
        assert compiled(BASE | change) is not first

    def test_keeps_two_unknown_operators_apart(self):
        first = compiled(BASE | {"Condition": {"StringIs": {"a:b": "c"}}})
        assert compiled(BASE | {"Condition": {"StringWas": {"a:b": "c"}}}) is not first

    def test_depends_on_the_version_only_where_a_variable_stands(self):
        plain = compiled(BASE)
        assert compiled(BASE, version="2008-10-17") is plain
        variable = BASE | {"Resource": "arn:aws:s3:::${aws:username}"}
        new = compiled(variable)
        assert compiled(variable, version="2008-10-17") is not new


class TestStatement:
    def test_a_star_swallows_the_other_actions(self):
        assert compiled(BASE | {"Action": ["s3:*", "*"]}).action_patterns == ("*",)

    def test_not_action_is_turned_round(self):
        statement = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}
        catalogue = load_catalogue()
        found = compiled(statement)
        assert found.action_bits == catalogue.all_bits & ~catalogue.bits("s3:*")
        assert found.covers_action("iam:Invented")
        assert not found.covers_action("s3:Invented")

    def test_covers_actions_outside_the_catalogue_by_its_patterns(self):
        found = compiled(BASE | {"Action": "s3:Inv*"})
        assert found.action_bits == load_catalogue().bits("s3:Inv*")
        assert found.covers_action("S3:Invented")

    def test_covers_resources_by_pattern(self):
        found = compiled(BASE)
        assert found.covers_resource("arn:aws:s3:::a/x", lambda _: ABSENT) is True
        assert found.covers_resource("arn:aws:s3:::c/x", lambda _: ABSENT) is False
        other = compiled({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::a/*"})
        assert other.covers_resource("arn:aws:s3:::a/x", lambda _: ABSENT) is False
        assert other.covers_resource("arn:aws:s3:::c/x", lambda _: ABSENT) is True

    def test_a_variable_in_a_resource_takes_the_requests_value(self):
        found = compiled(BASE | {"Resource": "arn:aws:s3:::${aws:username}/*"})
        assert found.fixed_resource_test is None
        assert found.covers_resource("arn:aws:s3:::bob/x", lambda _: "bob") is True
        assert found.covers_resource("arn:aws:s3:::eve/x", lambda _: "bob") is False
        assert found.covers_resource("arn:aws:s3:::bob/x", lambda _: ABSENT) is False
        assert found.covers_resource("arn:aws:s3:::bob/x", lambda _: UNKNOWN) is None

    def test_a_condition_with_a_variable_is_open_while_the_variable_is(self):
        (condition,) = compiled(
            BASE | {"Condition": {"StringEquals": {"aws:ResourceTag/o": "${aws:username}"}}}
        ).conditions
        assert condition.variable_keys == {"aws:username"}
        values = {"aws:resourcetag/o": "bob", "aws:username": UNKNOWN}
        assert condition.holds(lambda key: values.get(key, ABSENT)) is None
        values["aws:username"] = "bob"
        assert condition.holds(lambda key: values.get(key, ABSENT)) is True
        del values["aws:username"]
        assert condition.holds(lambda key: values.get(key, ABSENT)) is False

    def test_numeric_values_hold_no_variables(self):
        (condition,) = compiled(
            BASE | {"Condition": {"NumericEquals": {"a:b": "${a:c}"}}}
        ).conditions
        assert condition.variable_keys == frozenset()

    def test_is_unconditional_only_if_nothing_but_the_action_decides(self):
        assert compiled({"Effect": "Allow", "Action": "*", "Resource": "*"}).is_unconditional
        assert not compiled(BASE | {"Condition": {}}).is_unconditional


class TestLevels:
    def test_are_one_object_however_their_statements_are_spread(self):
        other = BASE | {"Effect": "Allow"}
        compiler = default_compiler()
        together = compiler.level([document(BASE, other)])
        assert compiler.level([document(other), document(BASE, BASE)]) is together
        assert (len(together.allows), len(together.denies)) == (1, 1)

    def test_are_kept_only_while_somebody_uses_them(self):
        compiler = Compiler(load_catalogue())
        level = compiler.level([document(BASE)])
        assert len(compiler._levels) == 1
        del level
        gc.collect()
        assert (len(compiler._levels), len(compiler._statements)) == (0, 0)


class TestRealPolicies:
    def test_every_aws_managed_policy_compiles(self):
        compiler = default_compiler()
        for text in aws_managed_policies().values():
            read = parse_policy(text, PolicyType.IDENTITY_POLICY).document
            assert read is not None
            assert len(compiler.document(read)) == len(read.statements)

    def test_every_shared_policy_that_can_be_read_compiles(self):
        compiler = default_compiler()
        levels = set()
        for file in shared_files("[slr]*/**/*.json"):
            read = parse_policy(file.read_text("utf-8"), SCP).document
            if read is not None:
                levels.add(compiler.level([read]))
        assert len(levels) > 100
