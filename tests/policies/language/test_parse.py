import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import (
    MANAGEMENT_POLICY_TYPES,
    Effect,
    Operator,
    ParsedPolicy,
    PolicyDocument,
    PolicyType,
    Position,
    PrincipalElement,
    Severity,
    parse_decoded_policy,
    parse_policy,
)
from policies.language.json_reader import decoded, read_json
from tests.policies.shared_data import aws_managed_policies, shared_files

SCP = PolicyType.SERVICE_CONTROL_POLICY
RCP = PolicyType.RESOURCE_CONTROL_POLICY
IDENTITY = PolicyType.IDENTITY_POLICY

DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def policy(*statements, **elements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | elements)


def read(text: str, policy_type: PolicyType = SCP) -> PolicyDocument:
    document = parse_policy(text, policy_type).document
    assert document is not None
    return document


def read_of(parsed: ParsedPolicy) -> PolicyDocument:
    assert parsed.document is not None
    return parsed.document


def codes(parsed):
    return [diagnostic.code for diagnostic in parsed.diagnostics]


class TestParsePolicy:
    def test_reads_a_statement_given_as_an_object_with_texts_for_lists(self):
        parsed = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": DENY}), SCP)
        (statement,) = read_of(parsed).statements
        assert parsed.diagnostics == ()
        assert (statement.effect, statement.actions) == (Effect.DENY, ("s3:*",))
        assert statement.path == ("Statement",)

    def test_keeps_numbers_and_booleans_of_conditions_as_they_were_written(self):
        text = policy(DENY).replace(
            '"Resource"',
            '"Condition": {"NumericLessThan": {"a:b": [1.50, 12345678901234567890]},'
            ' "Bool": {"a:c": false}}, "Resource"',
        )
        first, second = read(text).statements[0].conditions
        assert first.values == ("1.50", "12345678901234567890")
        assert second.values == ("false",)

    def test_takes_an_operator_apart(self):
        text = policy(DENY | {"Condition": {"ForAnyValue:StringNotLikeIfExists": {"a:B": "x"}}})
        (condition,) = read(text).statements[0].conditions
        assert (condition.operator, condition.negated, condition.if_exists, condition.key) == (
            Operator.STRING_LIKE, True, True, "a:B",
        )  # fmt: skip

    def test_reads_elements_in_odd_case_and_says_so(self):
        parsed = parse_policy('{"version":"2012-10-17","statement":{"effect":"Deny",'
                              '"ACTION":"s3:*","resource":"*"}}', SCP)  # fmt: skip
        assert len(read_of(parsed).statements) == 1
        assert set(codes(parsed)) == {"element_case"}
        assert parsed.is_acceptable

    def test_tells_anybody_from_any_aws_principal(self):
        text = policy(DENY | {"Principal": "*"}, DENY | {"Principal": {"AWS": ["*", 123456789012]}})
        first, second = read(text, PolicyType.RESOURCE_POLICY).statements
        assert first.principals == (PrincipalElement("*", "*"),)
        assert second.principals == (
            PrincipalElement("AWS", "*"), PrincipalElement("AWS", "123456789012"),
        )  # fmt: skip

    def test_locates_statements_and_conditions(self):
        text = '{\n "Version": "2012-10-17",\n "Statement": [\n  {"Effect": "Deny",\n   "Action": "*", "Resource": "*",\n   "Condition": {"Bool":\n     {"a:b": "true"}}}]}'  # noqa: E501
        document = read(text)
        statement = document.statements[0]
        assert document.position(statement.path) == Position(4, 3)
        assert document.position(statement.conditions[0].path) == Position(7, 7)

    def test_gives_a_decoded_policy_the_same_meaning(self):
        value = json.loads(policy(DENY | {"Condition": {"Bool": {"a:b": False}}}))
        from_text = read(json.dumps(value))
        assert parse_decoded_policy(value, SCP).document == from_text


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "code", "line", "column"),
        [
            ("", "empty_text", 1, 1),
            ("{}{}", "text_after_policy", 1, 3),
            ("[" * 5_000_000, "nested_too_deep", 1, 65),
            ('{"a":' * 2_000_000, "nested_too_deep", 1, 321),
            ('{"Version": "a\0"}', "control_character", 1, 15),
            ('{\n"a": 1,\n}', "trailing_comma", 2, 7),
            ('{"a": tru}', "json_syntax", 1, 7),
            ('{"a": NaN}', "json_syntax", 1, 7),
            ('{"a": "b', "unclosed_string", 1, 7),
            ('{"a": "\\x"}', "bad_escape", 1, 8),
            ('{"a": 1', "unexpected_end", 1, 8),
            ("\x00", "json_syntax", 1, 1),
            ('"{}"', "not_an_object", 1, 1),
            ("[]", "not_an_object", 1, 1),
            ('{"Statement": "x"}', "statement_type", 1, 2),
            ('{"Version": "2012-10-17"}', "missing_statement", 1, 1),
        ],
        ids=range(16),
    )
    def test_names_the_fault_and_its_place(self, text, code, line, column):
        parsed = parse_policy(text, SCP)
        found = [d for d in parsed.diagnostics if d.code == code]
        assert parsed.document is None
        assert [(d.line, d.column) for d in found] == [(line, column)]
        assert not parsed.is_acceptable

    def test_a_repeated_key_is_an_error_at_its_second_place(self):
        text = policy(DENY).replace('"Effect": "Deny"', '"Effect": "Allow", "Effect": "Deny"')
        parsed = parse_policy(text, SCP)
        assert codes(parsed) == ["duplicate_key"]
        assert read_of(parsed).statements[0].effect is Effect.DENY
        assert text[parsed.diagnostics[0].column - 1 :].startswith('"Effect": "Deny"')

    def test_a_byte_order_mark_a_surrogate_and_a_nul_are_errors(self):
        text = "\ufeff" + policy(DENY | {"Sid": "a"}, Id="\ud800").replace('"a"', '"\\u0000"')
        assert {"byte_order_mark", "lone_surrogate", "nul_character"} <= set(
            codes(parse_policy(text, SCP))
        )

    def test_a_surrogate_in_the_text_itself_is_an_error(self):
        text = policy(DENY, Id="X").replace("X", "\udc00")
        assert codes(parse_policy(text, SCP)) == ["lone_surrogate"]

    def test_a_misspelt_operator_is_an_error_with_a_suggestion(self):
        text = policy(DENY | {"Condition": {"StringLikes": {"a:b": "c"}}})
        (diagnostic,) = parse_policy(text, SCP).diagnostics
        assert diagnostic.code == "unknown_operator"
        assert "'StringLike'" in diagnostic.message
        assert diagnostic.path == "Statement[0].Condition.StringLikes"

    @pytest.mark.parametrize(
        ("policy_type", "change", "code"),
        [
            (SCP, {"Principal": "*"}, "forbidden_element"),
            (SCP, {"Resource": None}, "missing_resource"),
            (SCP, {"Action": None}, "missing_action"),
            (SCP, {"Effect": None}, "missing_effect"),
            (SCP, {"Effect": "Refuse"}, "bad_effect"),
            (SCP, {"Effect": "deny"}, "effect_case"),
            (SCP, {"Action": "s3:* "}, "surrounding_space"),
            (SCP, {"Action": "GetObject"}, "action_form"),
            (SCP, {"NotAction": "iam:*"}, "element_and_its_negation"),
            (SCP, {"Resource": "[ROLE]"}, "resource_form"),
            (SCP, {"Actoin": "iam:*"}, "unknown_element"),
            (SCP, {"Condition": {"Bool": {"a:b": None}}}, "condition_value"),
            (SCP, {"Condition": {"Bool": {"a:b": []}}}, "empty_list"),
            (SCP, {"Condition": []}, "condition_type"),
            (IDENTITY, {"Action": "s*:Get"}, "wildcard_in_service"),
            (IDENTITY, {"Sid": "a b"}, "sid_characters"),
            (RCP, {}, "missing_principal"),
            (RCP, {"Principal": {"AWS": "123456789012"}}, "forbidden_principal"),
            (RCP, {"Principal": "*", "Action": "*"}, "forbidden_action"),
            (RCP, {"Principal": "*", "Effect": "Allow"}, "forbidden_effect"),
            (RCP, {"Principal": "*", "Action": None, "NotAction": "s3:*"}, "forbidden_element"),
            (PolicyType.TRUST_POLICY, {"Principal": "*"}, "forbidden_element"),
            (PolicyType.RESOURCE_POLICY, {}, "missing_principal"),
            (PolicyType.RESOURCE_POLICY, {"Principal": "123456789012"}, "principal_type"),
            (PolicyType.RESOURCE_POLICY, {"Principal": {"Aws2": "1"}}, "unknown_principal_kind"),
        ],
    )
    def test_says_what_a_statement_may_not_hold(self, policy_type, change, code):
        statement = {k: v for k, v in (DENY | change).items() if v is not None}
        parsed = parse_policy(policy(statement), policy_type)
        assert code in codes(parsed)
        assert not parsed.is_acceptable

    def test_accepts_wildcards_in_the_service_of_an_scp(self):
        assert parse_policy(policy(DENY | {"Action": "s*:Get*"}), SCP).diagnostics == ()

    def test_accepts_rcp_full_access(self):
        statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
        assert parse_policy(policy(statement), RCP).diagnostics == ()

    def test_counts_the_characters_as_the_type_does(self):
        text = policy(DENY) + " " * 10_240
        assert codes(parse_policy(text, SCP)) == ["policy_too_large"]
        assert codes(parse_policy(text, IDENTITY)) == []


class TestManagementPolicies:
    def test_reads_settings_with_their_operators(self):
        text = '{"tags": {"CostCenter": {"tag_value": {"@@assign": ["100", "200"]}}}}'
        parsed = parse_policy(text, PolicyType.TAG_POLICY)
        assert parsed.document is None
        assert parsed.management is not None
        assert parsed.management.root_key == "tags"
        assert parsed.management.settings == (
            (("tags", "CostCenter", "tag_value", "@@assign"), ("100", "200")),
        )

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            (policy(DENY), "statement_in_management_policy"),
            ('{"plans": {"@@assign": "x"}}', "root_element"),
            ('{"tags": {"@@set": "x"}}', "unknown_inheritance_operator"),
            ('{"tags": {"a": "x"}}', "setting_without_operator"),
            ('{"tags": {"a": {"@@assign": "x", "b": {"@@assign": "y"}}}}',
             "operator_beside_settings"),
            ('{"tags": {"a": {"@@assign": "x", "@@append": "y"}}}', "assign_beside_change"),
            ('{"tags": {"@@operators_allowed_for_child_policies": ["@@some"]}}',
             "child_control_value"),
            ('{"tags": {"a": {"@@assign": {}}}}', "operator_value"),
        ],
    )  # fmt: skip
    def test_says_what_it_may_not_hold(self, text, code):
        assert code in codes(parse_policy(text, PolicyType.TAG_POLICY))

    def test_every_management_type_reads_settings(self):
        for policy_type in MANAGEMENT_POLICY_TYPES:
            parsed = parse_policy('{"x": {"a": {"@@assign": "1"}}}', policy_type)
            assert parsed.management is not None

    def test_refuses_deep_nesting(self):
        text = '{"tags":' * 70 + "1" + "}" * 70
        assert codes(parse_policy(text, PolicyType.TAG_POLICY)) == ["nested_too_deep"]


@pytest.fixture(scope="module")
def real_texts():
    files = shared_files("[slr]*/**/*.json")
    return [file.read_text("utf-8") for file in files if file.stat().st_size < 20_000]


def check_never_raises(text):
    for policy_type in (SCP, PolicyType.TRUST_POLICY, PolicyType.BACKUP_POLICY):
        parsed = parse_policy(text, policy_type)
        found_nothing = parsed.document is None and parsed.management is None
        assert not (found_nothing and parsed.is_acceptable)
        for diagnostic in parsed.diagnostics:
            assert diagnostic.line >= 1
            assert diagnostic.column >= 1
            assert diagnostic.message


PIECES = st.sampled_from(
    ['{', '}', '[', ']', ',', ':', '"', '"Statement"', '"Effect":"Deny"', '"Action":', '"*"', "1e9",
     "-", "\\", "\\ud800", "\0", "\ufeff", "null", '"Condition":{', '"Bool":{"a:b":', '"@@assign"',
     "\n", "é", "\udfff", "NaN", "9" * 5000]
)  # fmt: skip


class TestParseNeverRaises:
    @settings(max_examples=300, deadline=None)
    @given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map("".join))
    def test_on_pieces_of_policies_in_any_order(self, text):
        check_never_raises(text)

    @settings(max_examples=300, deadline=None)
    @given(st.data())
    def test_on_real_policies_cut_and_spliced(self, real_texts, data):
        text = data.draw(st.sampled_from(real_texts))
        for _ in range(data.draw(st.integers(1, 4))):
            start = data.draw(st.integers(0, len(text)))
            end = min(len(text), start + data.draw(st.integers(0, 40)))
            text = text[:start] + data.draw(PIECES) + text[end:]
        check_never_raises(text)

    @settings(deadline=None)
    @given(
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
            lambda inner: st.one_of(
                st.lists(inner),
                st.dictionaries(
                    st.one_of(
                        st.text(),
                        st.sampled_from(["Statement", "Effect", "Action", "Resource", "Condition"]),
                    ),
                    inner,
                ),
            ),
        )
    )
    def test_on_any_json_and_reads_it_as_the_standard_decoder_does(self, value):
        text = json.dumps(value)
        check_never_raises(text)
        root = read_json(text).root
        assert root is not None
        assert decoded(root) == json.loads(text, parse_int=str)


class TestRealPolicies:
    def test_every_aws_managed_policy_is_acceptable_but_for_its_size(self):
        for name, text in aws_managed_policies().items():
            parsed = parse_policy(text, IDENTITY)
            assert parsed.document, name
            assert set(codes(parsed)) <= {"policy_too_large"}, name

    def test_every_shared_policy_is_read_or_refused_with_a_place(self):
        refused = {}
        for file in shared_files("[slr]*/**/*.json"):
            kind = RCP if "rcp" in str(file) else SCP
            parsed = parse_policy(file.read_text("utf-8"), kind)
            if parsed.document is None:
                refused[file.name] = parsed.diagnostics[-1]
        broken = refused["deny-service-specific-credential-by-type.json"]
        assert (broken.code, broken.severity) == ("json_syntax", Severity.ERROR)
        assert broken.line > 1
        assert all(d.line >= 1 and d.column >= 1 for d in refused.values())
