import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import PolicyType, parse_policy
from policies.compiled import CompiledCondition, default_compiler
from policies.language.conditions.values import ABSENT, ContextValue
from policies.lint import (
    LintReport,
    LintSettings,
    LintSeverity,
    ProtectedRole,
    RolePurpose,
    lint_decoded_policy,
    lint_policy,
)
from policies.lint.keys import find_key
from policies.lint.management import management_schemas
from policies.lint.rules.condition_values import literal_wildcards
from policies.lint.rules.region_lock import global_services
from policies.lint.rules.request_tags import created_resources
from policies.lint.settings import role_actions
from tests.policies.shared_data import aws_managed_policies, shared_files

CASES = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))
SCP = PolicyType.SERVICE_CONTROL_POLICY
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def settings_of(row: dict | None) -> LintSettings:
    row = row or {}
    return LintSettings(
        limits_on=date.fromisoformat(row["limits_on"]) if "limits_on" in row else None,
        attached_count=row.get("attached_count"),
        protected_roles=tuple(
            ProtectedRole(
                arn=role["arn"],
                purpose=RolePurpose(role["purpose"]),
                actions=tuple(role.get("actions", ())),
            )
            for role in row.get("protected_roles", ())
        ),
    )


def lint(policy: dict, policy_type: str, settings: dict | None) -> LintReport:
    return lint_decoded_policy(policy, PolicyType(policy_type), settings=settings_of(settings))


def codes(report: LintReport) -> set[str]:
    return {finding.code for finding in report.findings}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['code']}: {case['name']}")
class TestEachRule:
    def test_finds_what_it_is_for(self, case):
        report = lint(case["hit"], case["policy_type"], case.get("settings"))
        found = [finding for finding in report.findings if finding.code == case["code"]]
        assert found, codes(report)
        assert case.get("says", "") in found[0].message
        assert (found[0].line, found[0].column) >= (1, 1)

    def test_is_silent_where_all_is_well(self, case):
        settings = case.get("miss_settings", case.get("settings"))
        assert case["code"] not in codes(lint(case["miss"], case["policy_type"], settings))


class TestLintPolicy:
    def test_places_a_finding_at_its_element_and_names_its_statement(self):
        text = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [DENY, DENY | {"Sid": "B", "Action": "s3:Gett"}],
            },
            indent=2,
        )
        (finding,) = (f for f in lint_policy(text, SCP).findings if f.code == "unknown_action")
        assert text.split("\n")[finding.line - 1][finding.column - 1 :].startswith('"Action"')
        assert (finding.path, finding.statement, finding.sid) == ("Statement[1].Action", 1, "B")

    def test_reports_what_aws_would_refuse_as_an_error_with_its_statement(self):
        text = json.dumps({"Version": "2012-10-17", "Statement": [DENY | {"Principal": "*"}]})
        report = lint_policy(text, SCP)
        (finding,) = (f for f in report.findings if f.code == "forbidden_element")
        assert (finding.severity, finding.statement) == (LintSeverity.ERROR, 0)
        assert report.has_errors

    def test_tells_the_size_in_per_cent_of_the_limit_of_the_day(self):
        text = json.dumps({"Version": "2012-10-17", "Statement": [DENY]})
        before = lint_policy(text, SCP, settings=LintSettings(limits_on=date(2026, 1, 1)))
        after = lint_policy(text, SCP, settings=LintSettings(limits_on=date(2026, 6, 1)))
        assert (before.size, before.size_limit, after.size_limit) == (len(text), 5120, 10240)
        assert before.size_per_cent == pytest.approx(100 * len(text) / 5120, abs=0.05)

    def test_finds_nothing_in_a_sound_policy(self):
        text = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "DenyLeaving",
                        "Effect": "Deny",
                        "Action": "organizations:LeaveOrganization",
                        "Resource": "*",
                    }
                ],
            }
        )
        assert lint_policy(text, SCP).findings == ()

    def test_says_that_a_text_is_no_policy(self):
        report = lint_policy('{"Version": "2012-10-17"', SCP)
        assert not report.is_policy
        assert report.has_errors

    def test_counts_a_guard_that_another_policy_holds(self):
        exempt = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}}
        guard = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Action": ["iam:CreateRole", "iam:UpdateAssumeRolePolicy"],
                "Resource": "*",
                "Condition": exempt,
            },
        }
        text = json.dumps({"Version": "2012-10-17", "Statement": DENY | {"Condition": exempt}})
        companion = parse_policy(json.dumps(guard), SCP).document
        assert companion is not None
        assert "exemption_by_creatable_name" in codes(lint_policy(text, SCP))
        guarded = lint_policy(text, SCP, settings=LintSettings(companions=(companion,)))
        assert "exemption_by_creatable_name" not in codes(guarded)

    @given(st.text() | st.recursive(st.none() | st.booleans() | st.floats() | st.text(),
                                    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
                                        ["Statement", "Action", "Effect", "Condition", "tags",
                                         "@@assign", "plans"]) | st.text(), inner)).map(json.dumps),
           st.sampled_from(PolicyType))  # fmt: skip
    def test_never_raises(self, text, policy_type):
        assert lint_policy(text, policy_type).size >= 0

    @given(st.data())
    def test_never_raises_on_mutations_of_policies(self, data):
        case = data.draw(st.sampled_from(CASES))
        text = json.dumps(case["hit"])
        at = data.draw(st.integers(0, len(text)))
        width = data.draw(st.integers(0, 12))
        piece = data.draw(st.sampled_from(["", "${", "*", "?", "[]", '"', ":", "é", "{}", "\x00"]))
        mutated = text[:at] + piece + text[at + width :]
        report = lint_policy(
            mutated, PolicyType(case["policy_type"]), settings=settings_of(case.get("settings"))
        )
        assert report.size >= 0


CONDITIONS = st.dictionaries(
    st.sampled_from(
        [
            "StringEquals", "StringNotEquals", "StringLike", "StringNotLikeIfExists", "Null",
            "ForAllValues:StringEquals", "ForAnyValue:StringLike", "ForAnyValue:StringNotEquals",
        ]
    ),
    st.lists(
        st.sampled_from(["true", "false", "a", "ab", "a*", "*b", "?", "*"]), min_size=1, max_size=2
    ),
    min_size=1,
    max_size=3,
)  # fmt: skip
VALUES = (ABSENT, "true", "false", "a", "ab", "abb", "b", "x", ("a", "b"), ("a", "ab"), ())


def met(condition: CompiledCondition, value: ContextValue) -> bool:
    def lookup(_: str) -> ContextValue:
        return value

    return condition.holds(lookup) is True


class TestNeverApplies:
    @given(CONDITIONS)
    def test_is_silent_where_some_value_meets_every_condition(self, operators):
        key = "aws:TagKeys"
        deny = DENY | {"Condition": {name: {key: values} for name, values in operators.items()}}
        text = json.dumps({"Version": "2012-10-17", "Statement": deny})
        document = parse_policy(text, SCP).document
        assert document is not None
        (compiled,) = default_compiler().document(document)
        if any(all(met(c, value) for c in compiled.conditions) for value in VALUES):
            assert "never_applies" not in codes(lint_policy(text, SCP))

    def test_binds_service_linked_roles_by_policies_of_resources(self):
        arn = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/aws-service-role/*"}}
        statement = DENY | {"Principal": "*", "Condition": arn}
        report = lint_decoded_policy(
            {"Version": "2012-10-17", "Statement": statement}, PolicyType.RESOURCE_POLICY
        )
        assert "never_applies" not in codes(report)


class TestDataFiles:
    def test_name_only_created_resource_types_that_their_action_has(self, catalogue):
        for action, creates in created_resources().items():
            kinds = {kind.name for kind, _ in catalogue.resource_types(catalogue.index_of[action])}
            assert set(creates) < kinds, action

    def test_name_only_literal_wildcards_of_keys_that_exist(self, catalogue):
        names = {facts.name for key in literal_wildcards() if (facts := find_key(catalogue, key))}
        assert names == set(literal_wildcards())

    def test_name_only_actions_that_exist(self, catalogue):
        patterns = [row["actions"] for row in global_services()]
        patterns += [name for names in role_actions().values() for name in names]
        assert [pattern for pattern in patterns if not catalogue.bits(pattern)] == []

    def test_know_global_keys_and_keys_of_services_in_any_case(self, catalogue):
        region = find_key(catalogue, "AWS:requestedREGION")
        tag = find_key(catalogue, "ec2:ResourceTag/Team")
        assert region is not None
        assert tag is not None
        assert (region.name, tag.name) == ("aws:RequestedRegion", "ec2:ResourceTag/${TagKey}")
        assert find_key(catalogue, "aws:NoSuchKey") is None

    def test_hold_one_root_for_each_schema(self):
        assert all(len(schema) == 1 for schema in management_schemas().values())


def shared_policies() -> Iterator[tuple[str, PolicyType, str]]:
    for pattern, policy_type in (
        ("scp-*/**/*.json", SCP),
        ("lza-universal/service-control-policies/*.json", SCP),
        ("rcp-*/**/*.json", PolicyType.RESOURCE_CONTROL_POLICY),
        ("lza-universal/rcp-policies/*.json", PolicyType.RESOURCE_CONTROL_POLICY),
        ("lza-universal/tagging-policies/*.json", PolicyType.TAG_POLICY),
        ("lza-universal/backup-policies/*.json", PolicyType.BACKUP_POLICY),
        ("lza-universal/declarative-policies/*.json", PolicyType.DECLARATIVE_POLICY_EC2),
        ("lza-universal/iam-policies/*.json", PolicyType.IDENTITY_POLICY),
        ("lza-universal/vpc-endpoint-policies/*.json", PolicyType.VPC_ENDPOINT_POLICY),
    ):
        for path in shared_files(pattern):
            yield path.name, policy_type, path.read_text("utf-8", "replace")


class TestRealPolicies:
    def test_of_others_lint_without_a_crash_and_malformed_ones_get_errors(self):
        seen = 0
        for name, policy_type, text in shared_policies():
            report = lint_policy(text, policy_type)
            seen += 1
            assert report.is_policy or report.has_errors, name
        assert seen > 150

    def test_of_others_have_no_resource_condition_or_exemption_that_never_applies(self):
        new = {
            "resource_never_matches", "principal_arn_never_matches", "never_applies",
            "repeated_condition_key", "request_tag_on_existing_resource",
            "blocks_federated_sign_in", "source_ip_without_exemption", "private_source_address",
        }  # fmt: skip
        found = {
            (name, code)
            for name, policy_type, text in shared_policies()
            for code in codes(lint_policy(text, policy_type)) & new
        }
        assert found == set()

    def test_of_aws_lint_without_an_error_of_the_grammar(self):
        for name, text in list(aws_managed_policies().items())[::4]:
            report = lint_policy(text, PolicyType.IDENTITY_POLICY)
            errors = {f.code for f in report.findings if f.severity is LintSeverity.ERROR}
            assert errors <= {"policy_too_large", "duplicate_sid", "sid_characters"}, name
