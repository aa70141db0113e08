"""Keys, their policies and grants, read from answers as KMS gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.kms import collect_keys
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:kms:us-east-1:222222222222:key/"
VENDOR = "arn:aws:iam::999999999999:role/reader"


@pytest.fixture
def kms():
    with stubbed("kms") as aws:
        yield aws


def lists(aws, *key_ids, aliases=()):
    aws.answers(
        "list_aliases",
        {"Aliases": [{"AliasName": f"alias/{name}", "TargetKeyId": key} for name, key in aliases]},
        Limit=100,
    )
    lists_keys(aws, *key_ids)


def lists_keys(aws, *key_ids):
    keys = [{"KeyId": each, "KeyArn": ARN + each} for each in key_ids]
    aws.answers("list_keys", {"Keys": keys, "Truncated": False}, Limit=1000)


def has(aws, key_id, *grants):
    aws.answers("get_key_policy", {"Policy": POLICY}, KeyId=key_id, PolicyName="default")
    aws.answers("list_grants", {"Grants": list(grants), "Truncated": False}, KeyId=key_id)


def grant(grant_id, grantee=VENDOR, operations=("Decrypt",), **more):
    named = {"GranteePrincipal": grantee} if grantee else {}
    return {"GrantId": grant_id, "Operations": list(operations), **named, **more}


def key(key_id, name=None, **more):
    facts = more.pop("facts", {"grants": []})
    return record("kms", "key", ARN + key_id, name or key_id, facts=facts, **more)


class TestCollectKeys:
    def test_yields_keys_of_the_account_with_policies_and_leaves_out_those_of_aws(self, kms):
        lists(kms, "a", "b", "of-aws", aliases=(("mail", "a"), ("aws/sns", "of-aws")))
        has(kms, "a")
        has(kms, "b")
        found = list(collect_keys(kms.client))
        assert found == [key("a", "alias/mail", policy=POLICY), key("b", policy=POLICY)]

    def test_yields_grants_as_access_that_no_policy_gives(self, kms):
        lists(kms, "a")
        context = {"EncryptionContextSubset": {"app": "mail"}}
        has(
            kms,
            "a",
            grant("1", operations=("Encrypt", "Decrypt"), Constraints=context),
            grant("2", "arn:aws:iam::999999999999:root"),
            grant("3", "", GranteeServicePrincipal="dynamodb.amazonaws.com"),
        )
        [found] = collect_keys(kms.client)
        both = ("kms:Decrypt", "kms:Encrypt")
        assert sorted(grants_of(found.facts) or (), key=lambda each: each.name) == [
            AccessGrant(GranteeKind.PRINCIPAL, VENDOR, "kms grant", both, "", "1", context),
            AccessGrant(
                GranteeKind.ACCOUNT, "999999999999", "kms grant", ("kms:Decrypt",), name="2"
            ),
            AccessGrant(
                GranteeKind.SERVICE,
                "dynamodb.amazonaws.com",
                "kms grant",
                ("kms:Decrypt",),
                name="3",
            ),
        ]

    def test_keeps_one_of_many_grants_that_differ_in_their_ids_alone(self, kms):
        lists(kms, "a")
        has(kms, "a", *(grant(f"{number:03}") for number in range(50)))
        [found] = collect_keys(kms.client)
        assert [each.name for each in grants_of(found.facts) or ()] == ["000"]

    def test_marks_what_a_keys_own_policy_denies_as_unknown_and_reads_the_others(self, kms):
        lists(kms, "vault", "b")
        kms.refuses("get_key_policy", "AccessDeniedException")
        kms.refuses("list_grants", "AccessDeniedException")
        has(kms, "b")
        found, error = read_until(AwsPartlyDenied, collect_keys, kms.client)
        denied = dict.fromkeys(("policy", "grants"), "AccessDeniedException")
        assert found == [key("vault", facts={}, unknown=denied), key("b", policy=POLICY)]
        assert grants_of(found[0].facts) is None
        assert error.listed_all

    def test_leaves_out_a_key_that_was_deleted_meanwhile(self, kms):
        lists(kms, "going")
        kms.refuses("get_key_policy", "NotFoundException")
        lists_keys(kms)
        assert list(collect_keys(kms.client)) == []

    def test_raises_when_keys_may_not_be_listed_instead_of_yielding_none(self, kms):
        kms.refuses("list_aliases", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="kms:ListAliases"):
            list(collect_keys(kms.client))
