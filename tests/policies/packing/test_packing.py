import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import PolicyType, default_compiler, load_catalogue, parse_policy
from policies.compiled import CompiledStatement
from policies.language.conditions.values import ABSENT
from policies.packing import (
    CannotPack,
    PackedPolicies,
    PackSettings,
    pack_policies,
    prove_equal,
)
from policies.packing.action_lists import cost, exact_actions, short_actions
from tests.policies.shared_data import aws_managed_policies, shared_files

SCP = PolicyType.SERVICE_CONTROL_POLICY
IDENTITY = PolicyType.IDENTITY_POLICY
EXACT = PackSettings(exact=True)


def statement(action="s3:GetObject", resource="*", effect="Deny", **elements):
    return {"Effect": effect, "Action": action, "Resource": resource} | elements


def policy(*statements, version="2012-10-17"):
    return json.dumps({"Version": version, "Statement": list(statements)}, indent=2)


def pack(*texts: str, **options) -> PackedPolicies:
    return pack_policies(texts, SCP, settings=PackSettings(**options))


def packed_statements(packed: PackedPolicies) -> list:
    found = [json.loads(text)["Statement"] for text in packed.policies]
    return [s for one in found for s in (one if isinstance(one, list) else [one])]


def documents(texts, policy_type=SCP):
    found = [parse_policy(text, policy_type).document for text in texts]
    assert None not in found
    return found


class TestPackPolicies:
    def test_merges_statements_that_differ_in_their_actions_or_resources_only(self):
        packed = pack(
            policy(statement(resource="arn:aws:s3:::a/*"), statement(resource="arn:aws:s3:::b/*")),
            policy(statement("s3:PutObject", ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"])),
            exact=True,
        )
        assert packed_statements(packed) == [
            statement(["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"])
        ]
        assert (packed.policies_before, packed.policies_after) == (2, 1)

    def test_drops_statements_and_actions_that_others_cover(self):
        packed = pack(policy(statement(["s3:Get*", "s3:getobject"]), statement(resource="arn:*")))
        assert packed_statements(packed) == [statement("s3:Get*")]

    def test_makes_wildcards_that_match_nothing_else_and_says_so(self):
        catalogue = load_catalogue()
        listed = catalogue.actions(catalogue.bits("iam:*OpenIDConnect*"))
        packed = pack(policy(statement(listed)))
        assert packed.new_wildcards
        assert packed.future_actions is not None
        assert not packed.proof.beyond_catalogue
        (only,) = packed_statements(packed)
        actions = [only["Action"]] if isinstance(only["Action"], str) else only["Action"]
        assert catalogue.union(actions) == catalogue.union(listed)

    def test_makes_no_new_wildcard_where_it_is_to_be_exact(self):
        catalogue = load_catalogue()
        listed = catalogue.actions(catalogue.bits("iam:*OpenIDConnect*"))
        packed = pack(policy(statement(listed)), exact=True)
        assert (packed.new_wildcards, packed.future_actions) == ((), None)
        assert packed.proof.beyond_catalogue

    def test_keeps_names_that_aws_does_not_have(self):
        packed = pack(policy(statement(["s3:GetObject", "newservice:Do", "s3:NoSuchThing"])))
        assert set(packed_statements(packed)[0]["Action"]) == {
            "s3:GetObject", "newservice:Do", "s3:NoSuchThing",
        }  # fmt: skip

    def test_keeps_conditions_numbers_and_booleans_as_they_are_meant(self):
        text = policy(
            statement(
                Condition={
                    "Bool": {"aws:SecureTransport": False},
                    "NumericLessThan": {"s3:TlsVersion": 1.2},
                }
            )
        )
        packed = pack(text)
        assert packed_statements(packed)[0]["Condition"] == {
            "Bool": {"aws:SecureTransport": "false"}, "NumericLessThan": {"s3:TlsVersion": "1.2"},
        }  # fmt: skip

    def test_splits_by_the_room_that_a_policy_has(self):
        listed = load_catalogue().actions(load_catalogue().service_bits("glue"))[:120]
        text = policy(statement(listed), statement("s3:GetObject"))
        packed = pack(text, exact=True, characters=1000)
        assert packed.policies_after > 2
        assert all(len(text) <= 1000 for text in packed.policies)
        assert prove_equal(
            documents([text]), documents(packed.policies), default_compiler()
        ).is_equal

    def test_refuses_where_the_slots_do_not_suffice(self):
        listed = load_catalogue().actions(load_catalogue().service_bits("glue"))[:120]
        with pytest.raises(CannotPack, match="2 slots"):
            pack(policy(statement(listed)), exact=True, characters=1000, slots=2)

    def test_refuses_a_statement_that_fits_into_no_policy(self):
        condition = {"StringNotEquals": {"aws:PrincipalOrgID": [f"o-{i:010}" for i in range(99)]}}
        with pytest.raises(CannotPack, match="a statement alone"):
            pack(policy(statement(Condition=condition)), characters=1000)

    def test_refuses_a_malformed_policy_and_says_where(self):
        with pytest.raises(CannotPack, match="policy 2, line 1, column"):
            pack(policy(statement()), '{"Version": "2012-10-17", "Statement": [{}]}')

    def test_refuses_to_merge_what_is_not_at_one_place(self):
        text = policy(statement())
        with pytest.raises(CannotPack, match="pack each of them alone"):
            pack_policies([text, text], PolicyType.TRUST_POLICY)

    def test_keeps_the_old_version_for_what_only_looks_like_a_variable(self):
        old = policy(statement(resource="arn:aws:s3:::${aws:username}"), version="2008-10-17")
        new = policy(statement(resource="arn:aws:s3:::${aws:username}"))
        packed = pack(old, new)
        assert {json.loads(text)["Version"] for text in packed.policies} == {
            "2008-10-17", "2012-10-17",
        }  # fmt: skip

    def test_keeps_sids_of_whole_statements_on_request(self):
        text = policy(statement(Sid="A"), statement("ec2:*", Sid="B"))
        kept = packed_statements(pack(text, keep_sids=True))
        assert [s.get("Sid") for s in kept] in (["A", "B"], [None])
        assert all("Sid" not in s for s in packed_statements(pack(text)))

    def test_minifies_management_policies(self):
        text = '{ "tags": { "Team": { "tag_key": { "@@assign": "Team" } } } }'
        packed = pack_policies([text], PolicyType.TAG_POLICY)
        assert packed.policies == ('{"tags":{"Team":{"tag_key":{"@@assign":"Team"}}}}',)

    @given(st.lists(st.text(), max_size=3), st.sampled_from(PolicyType))
    def test_refuses_any_other_text_by_name(self, texts, policy_type):
        with pytest.raises(CannotPack):
            pack_policies(texts, policy_type)


class TestProveEqual:
    @pytest.mark.parametrize(
        "after",
        [
            statement(["s3:GetObject", "s3:PutObject"]),
            statement(effect="Allow"),
            statement(resource="arn:aws:s3:::a/*"),
            statement(Condition={"Bool": {"aws:SecureTransport": "false"}}),
            {"Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"},
            {"Effect": "Deny", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::a/*"},
        ],
        ids=["action", "effect", "resource", "condition", "not action", "not resource"],
    )
    def test_does_not_prove_what_is_different(self, after):
        proof = prove_equal(
            documents([policy(statement())]), documents([policy(after)]), default_compiler()
        )
        assert not proof.is_equal
        assert proof.reason

    def test_does_not_take_a_variable_for_the_same_text(self):
        texts = [
            policy(statement(resource="arn:aws:s3:::${*}"), version=version)
            for version in ("2008-10-17", "2012-10-17")
        ]
        assert not prove_equal(
            documents(texts[:1]), documents(texts[1:]), default_compiler()
        ).is_equal

    def test_tells_that_names_outside_the_catalogue_may_differ(self):
        catalogue = load_catalogue()
        listed = catalogue.actions(catalogue.service_bits("sqs"))
        before, after = policy(statement(listed)), policy(statement("sqs:*"))
        proof = prove_equal(documents([before]), documents([after]), default_compiler())
        assert (proof.is_equal, proof.beyond_catalogue) == (True, False)


ACTIONS = ["s3:GetObject", "s3:Get*", "s3:*", "s3:PutObject", "iam:*Role", "iam:PassRole", "*",
           "ec2:Describe*", "ec2:RunInstances", "sqs:SendMessage", "no:Such"]  # fmt: skip
RESOURCES = ["*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/b*", "arn:aws:s3:::*",
             "arn:aws:iam::*:role/x", "arn:aws:s3:::${aws:PrincipalAccount}/*"]  # fmt: skip
REGION = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
REGIONS = {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}
NOT_REGION = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
ROLE = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}}
CONDITIONS = [None, REGION, REGIONS, NOT_REGION, ROLE, REGION | ROLE]


@st.composite
def statements(draw):
    negate = draw(st.sampled_from(["", "", "", "Not"]))
    element = draw(st.sampled_from(["Resource", "Resource", "NotResource"]))
    made = {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        f"{negate}Action": draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=4)),
        element: draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=3)),
    }
    condition = draw(st.sampled_from(CONDITIONS))
    return made | ({"Condition": condition} if condition else {})


POLICIES = st.lists(st.lists(statements(), min_size=1, max_size=5), min_size=1, max_size=3).map(
    lambda found: [policy(*one) for one in found]
)
REQUESTS = st.fixed_dictionaries(
    {
        "action": st.sampled_from(
            ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "iam:PassRole", "iam:GetUser",
             "ec2:RunInstances", "sqs:SendMessage", "no:Such"]
        ),
        "resource": st.sampled_from(
            ["*", "arn:aws:s3:::a/b", "arn:aws:s3:::a/c", "arn:aws:iam::1:role/x",
             "arn:aws:s3:::111122223333/k"]
        ),
        "aws:requestedregion": st.sampled_from(["eu-west-1", "us-east-1", "eu-west-2"]),
        "aws:principalarn": st.sampled_from(
            ["arn:aws:iam::1:role/Admin", "arn:aws:iam::1:role/Dev"]
        ),
    }
)  # fmt: skip


def decides(compiled: list[CompiledStatement], request: dict[str, str]) -> set[str]:
    """The effects of the statements that apply to a request."""
    context = request | {"aws:principalaccount": "111122223333"}

    def lookup(key):
        return context.get(key, ABSENT)

    return {
        found.effect
        for found in compiled
        if found.covers_action(request["action"])
        and found.covers_resource(request["resource"], lookup)
        and all(condition.holds(lookup) for condition in found.conditions)
    }


class TestMeaning:
    @settings(max_examples=12)
    @given(POLICIES, st.booleans(), st.lists(REQUESTS, min_size=20, max_size=20))
    def test_stays_for_random_policies_and_requests(self, texts, exact, requests):
        compiler = default_compiler()
        packed = pack_policies(texts, SCP, settings=PackSettings(exact=exact))
        assert packed.proof.is_equal
        assert packed.characters_after <= packed.characters_before
        before = [s for d in documents(texts) for s in compiler.document(d)]
        after = [s for d in documents(packed.policies) for s in compiler.document(d)]
        for request in requests:
            if exact or request["action"] != "no:Such":
                assert decides(before, request) == decides(after, request)

    @given(st.sets(st.sampled_from(load_catalogue().names), min_size=1, max_size=40))
    def test_of_any_list_of_actions_stays_and_no_list_grows(self, names):
        catalogue = load_catalogue()
        short = short_actions(catalogue, sorted(names))
        assert catalogue.union(short) == catalogue.union(names)
        assert cost(short) <= cost(names)

    def test_of_a_pattern_list_stays_without_what_is_covered(self):
        assert exact_actions(("s3:Get*", "S3:getobject", "s3:*Object", "s3:Get*")) == (
            "s3:Get*", "s3:*Object",
        )  # fmt: skip


class TestRealPolicies:
    def test_of_others_are_packed_or_refused_by_name(self):
        sizes = []
        for path in shared_files("scp-*/**/*.json"):
            try:
                packed = pack_policies(
                    [path.read_text("utf-8", "replace")], SCP, settings=PackSettings(exact=True)
                )
            except CannotPack:
                continue
            sizes.append((packed.characters_before, packed.characters_after))
        assert len(sizes) > 120
        assert all(after <= before for before, after in sizes)

    def test_of_aws_are_packed_with_a_proof(self):
        texts = [text for text in aws_managed_policies().values() if len(text) < 6000][::25]
        for text in texts:
            assert pack_policies([text], IDENTITY).proof.is_equal
