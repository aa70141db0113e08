"""Pasted messages and events become requests; what is not understood is told."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.posture.requests.denial_parser import parse_denial
from governance.posture.requests.questions import ParsedDenial
from policies.evaluation.layers import Decider
from tests.policies.shared_data import DIRECTORY

HERE = Path(__file__).parent
CASES = json.loads((HERE / "denial_cases.json").read_text("utf-8"))


def event(**changes: object) -> dict[str, object]:
    """Return a whole record of a denied call."""
    whole: dict[str, object] = {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:build-7",
            "arn": "arn:aws:sts::222222222224:assumed-role/Deployer/build-7",
            "accountId": "222222222224",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "arn": "arn:aws:iam::222222222224:role/ci/Deployer",
                },
                "attributes": {
                    "creationDate": "2026-11-20T10:00:00Z",
                    "mfaAuthenticated": "false",
                },
            },
        },
        "eventTime": "2026-11-20T10:05:00Z",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "ListFunctions20150331",
        "awsRegion": "eu-west-2",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2",
        "errorCode": "AccessDenied",
        "requestParameters": None,
    }
    return {name: value for name, value in {**whole, **changes}.items() if value != "left out"}


WORDS = (
    "User: ",
    "is not authorized to perform: ",
    "on resource: ",
    "because no x policy allows the ",
    "action",
    "with an explicit deny in a ",
    "service control policy",
    "arn:",
    "s3:GetObject",
    "Encoded authorization failure message: ",
    "\n",
    '"',
)
MEMBERS = (
    "Records",
    "detail",
    "userIdentity",
    "type",
    "arn",
    "sessionContext",
    "sessionIssuer",
    "eventSource",
    "eventName",
    "errorMessage",
    "errorCode",
    "resources",
    "ARN",
    "requestParameters",
    "bucketName",
    "eventTime",
    "CloudTrailEvent",
)


# What was once read wrongly, word for word.
FAULTS = json.loads((HERE / "fault_denials.json").read_text("utf-8"))
DECIDER_WORDS = {
    Decider.SERVICE_CONTROL_POLICY: "service control policy",
    Decider.RESOURCE_CONTROL_POLICY: "resource control policy",
    Decider.IDENTITY_POLICY: "identity-based policy",
    Decider.PERMISSION_BOUNDARY: "permissions boundary",
    Decider.RESOURCE_POLICY: "resource-based policy",
}


def read_as(found: ParsedDenial) -> dict[str, object]:
    """Return what was read in the words of `fault_denials.json`."""
    if found.several:
        return {"several": [read_as(one) for one in found.several]}
    claim = found.claim
    return {
        "principal": found.principal or None,
        "action": found.action or None,
        "resource": found.resource or None,
        "decider": claim and claim.decider and DECIDER_WORDS[claim.decider],
        "explicit": claim and claim.explicit,
        "context": {key: list(values) for key, values in found.context.items()},
    }


class TestFaults:
    @pytest.mark.parametrize("fault", FAULTS, ids=[fault["name"] for fault in FAULTS])
    def test_stay_mended(self, fault):
        found, expected = parse_denial(fault["text"]), dict(fault["expected"])
        # In words: which part cannot be asked about as it stands.
        assert bool(found.problems) == bool(expected.pop("not_whole", "") or found.several)
        read = read_as(found)
        if "several" in expected:
            several = [read_as(one) for one in found.several]
            told = [{key: one[key] for key in expected["several"][0]} for one in several]
            assert told == expected["several"]
            return
        assert {key: read[key] for key in expected} == expected


class TestMessages:
    @pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
    def test_are_read_as_each_case_says(self, case):
        found = parse_denial(case["text"])
        assert (found.principal, found.action, found.resource) == (
            case["principal"],
            case["action"],
            case["resource"],
        )
        claim = found.claim and [found.claim.decider, found.claim.explicit, found.claim.policy_id]
        assert claim == (
            [case["claim"][0] and Decider(case["claim"][0]), *case["claim"][1:]]
            if case["claim"]
            else None
        )
        assert sorted(problem.part for problem in found.problems) == case.get("problems", [])
        if "notes" in case:
            assert len(found.notes) == case["notes"]

    def test_that_are_encoded_say_who_can_decode_them(self):
        (problem,) = parse_denial("Encoded authorization failure message: ywUZb4ww").problems
        assert "decode-authorization-message" in problem.remedy

    def test_that_are_decoded_give_the_context(self):
        context = {
            "principal": {"arn": "arn:aws:iam::333344445555:user/ci"},
            "action": "ec2:RunInstances",
            "resource": "*",
            "conditions": {
                "items": [
                    {"key": "ec2:InstanceType", "values": {"items": [{"value": "m7g.large"}]}},
                ]
            },
        }
        found = parse_denial(json.dumps({"explicitDeny": False, "context": context}))
        assert found.context == {"ec2:InstanceType": ("m7g.large",)}
        assert found.claim is not None
        assert found.claim.explicit is False

    def test_that_are_several_are_left_to_choose_from(self):
        said = "User: arn:aws:iam::333344445555:user/ci is not authorized to perform: {} {}"
        texts = [
            said.format("ec2:CreateTags", "with an explicit deny in a service control policy"),
            said.format("ec2:RunInstances", "because no permissions boundary allows the action"),
            # A retry says nothing new.
            said.format("ec2:CreateTags", "with an explicit deny in a service control policy"),
        ]
        found = parse_denial("\n".join(texts))
        assert not found.is_whole
        assert [problem.text for problem in found.problems] == ["2 denials"]
        assert [(one.action, one.claim and one.claim.decider) for one in found.several] == [
            ("ec2:CreateTags", Decider.SERVICE_CONTROL_POLICY),
            ("ec2:RunInstances", Decider.PERMISSION_BOUNDARY),
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "\\" * 100_000,
            "arn:" * 25_000,
            '{"a":' * 20_000,
            '{"k":[' * 900 + "0," * 45_000,
            '"eventName": [' * 900 + "0," * 40_000,
            '{"a":' * 900 + "1" + "}" * 900,
        ],
        ids=["backslashes", "ARNs", "deep", "cut", "members", "deep and whole"],
    )
    def test_of_hostile_texts_are_read_in_one_go(self, text):
        # A text that is read again from each of its places takes minutes.
        assert parse_denial(text).problems

    @pytest.mark.parametrize(
        "text",
        [
            r"User: arn:aws:iam::333344445555:user/\ud83d is not authorized to perform: s3:Get",
            json.dumps(event(userIdentity={"arn": "arn:aws:iam::333344445555:user/\ud83d\0"})),
        ],
        ids=["message", "event"],
    )
    def test_hold_only_what_pages_and_addresses_can(self, text):
        found = parse_denial(text)
        assert found.principal.startswith("arn:aws:iam::333344445555:user/")
        assert found.principal.encode()
        assert "\0" not in found.principal

    @given(st.text(max_size=300))
    @settings(max_examples=150, deadline=None)
    def test_of_any_text_never_raise_and_always_tell_something(self, text):
        found = parse_denial(text)
        assert found.is_whole or found.problems

    @given(st.lists(st.sampled_from(WORDS), max_size=14).map("".join))
    @settings(max_examples=150, deadline=None)
    def test_of_any_mixture_of_their_words_never_raise(self, text):
        assert isinstance(parse_denial(text), ParsedDenial)


class TestEvents:
    @pytest.mark.parametrize(
        "wrap",
        [
            lambda one: one,
            lambda one: [one],
            lambda one: {"Records": [one]},
            lambda one: {"detail-type": "AWS API Call via CloudTrail", "detail": one},
            lambda one: {"Events": [], "CloudTrailEvent": json.dumps(one)},
            lambda one: {"Records": [one, event(errorCode="left out")]},
        ],
    )
    def test_are_read_in_every_envelope(self, wrap):
        found = parse_denial(json.dumps(wrap(event())))
        assert found.is_whole
        assert found.principal == "arn:aws:sts::222222222224:assumed-role/Deployer/build-7"
        assert found.action == "lambda:ListFunctions"
        assert found.question().resource == "*"
        assert found.context["aws:PrincipalArn"] == ("arn:aws:iam::222222222224:role/ci/Deployer",)
        assert found.context["aws:RequestedRegion"] == ("eu-west-2",)
        assert found.context["aws:SourceIp"] == ("198.51.100.7",)
        assert found.context["aws:MultiFactorAuthPresent"] == ("false",)

    def test_take_action_resource_and_claim_from_the_error_message(self):
        said = (
            "User: arn:aws:iam::222222222224:user/x is not authorized to perform: "
            "iam:PassRole on resource: arn:aws:iam::222222222224:role/app because no "
            "identity-based policy allows the iam:PassRole action"
        )
        found = parse_denial(json.dumps(event(errorMessage=said, eventName="CreateFunction")))
        assert found.action == "iam:PassRole"
        assert found.resource == "arn:aws:iam::222222222224:role/app"
        assert found.claim is not None
        assert found.claim.decider is Decider.IDENTITY_POLICY

    def test_name_a_bucket_by_its_parameters(self):
        found = parse_denial(
            json.dumps(
                event(
                    eventSource="s3.amazonaws.com",
                    eventName="HeadObject",
                    requestParameters={"bucketName": "reports", "key": "a/b.csv"},
                )
            )
        )
        assert (found.action, found.resource) == ("s3:GetObject", "arn:aws:s3:::reports/a/b.csv")

    @pytest.mark.parametrize(
        ("changes", "part"),
        [
            ({"userIdentity": "left out"}, "principal"),
            ({"userIdentity": None}, "principal"),
            ({"userIdentity": {"type": "AWSAccount", "principalId": "AIDA"}}, "principal"),
            ({"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin"}, "action"),
            ({"eventName": None}, "action"),
        ],
    )
    def test_with_odd_values_say_which_part_was_not_understood(self, changes, part):
        found = parse_denial(json.dumps(event(**changes)))
        assert [problem.part for problem in found.problems] == [part]

    def test_take_a_service_for_the_caller_where_it_is(self):
        found = parse_denial(
            json.dumps(event(userIdentity={"invokedBy": "autoscaling.amazonaws.com"}))
        )
        assert found.principal == "autoscaling.amazonaws.com"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("sourceIPAddress", "autoscaling.amazonaws.com"),
            ("sourceIPAddress", "HIDDEN_DUE_TO_SECURITY_REASONS"),
            ("eventTime", "yesterday"),
            ("awsRegion", None),
            ("recipientAccountId", "no account"),
            ("resources", [None, {"ARN": 7}]),
        ],
    )
    def test_leave_out_what_is_no_value(self, name, value):
        found = parse_denial(json.dumps(event(**{name: value})))
        assert found.is_whole
        assert all(
            text and "HIDDEN" not in text for texts in found.context.values() for text in texts
        )

    def test_that_are_no_json_say_where(self):
        (problem,) = parse_denial('{"eventName": }').problems
        assert "line 1, column 15" in problem.text

    def test_of_which_several_were_denied_ask_for_one(self):
        found = parse_denial(json.dumps([event(), event(eventName="Invoke"), event()]))
        (problem,) = found.problems
        assert problem.text == "2 denials"
        assert [one.action for one in found.several] == [
            "lambda:ListFunctions",
            "lambda:InvokeFunction",
        ]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(MEMBERS),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=25,
        ).map(json.dumps)
    )
    @settings(max_examples=200, deadline=None)
    def test_of_any_json_never_raise(self, text):
        found = parse_denial(text)
        assert found.is_whole or found.problems

    @pytest.mark.parametrize("folder", ["ct-invictus", "ct-stratus", "ct-panther"])
    def test_of_real_trails_are_read_or_told(self, folder):
        if not (DIRECTORY / folder).is_dir():
            pytest.skip(f"no shared data: {folder} was not read")
        read = told = 0
        for path in sorted((DIRECTORY / folder).rglob("*.json"))[:60]:
            try:
                value = json.loads(path.read_text("utf-8", errors="replace"))
            except ValueError:
                continue
            records = value.get("Records", [value]) if isinstance(value, dict) else value
            for record in records[:200]:
                found = parse_denial(json.dumps(record))
                assert found.is_whole or found.problems
                read, told = read + found.is_whole, told + (not found.is_whole)
        assert read > told or read + told == 0
