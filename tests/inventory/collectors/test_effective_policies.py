"""Effective policies: asked for once a chain of attached policies, within a run's allowance."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inventory.aws.errors import AwsCallsUsedUp, AwsInconsistent, AwsReadDenied, AwsReadFailed
from inventory.collectors.collector import Allowance, Earlier
from inventory.collectors.effective_policies import COLLECTORS, collect_effective_policies
from inventory.digests import sha256
from inventory.policy_types import MANAGEMENT_POLICY_TYPES
from inventory.records import (
    AccountRecord,
    EffectivePolicyAskingRecord,
    EffectivePolicyRecord,
    OrganizationRecord,
    PolicyAttachmentRecord,
    PolicyRecord,
    RootRecord,
)
from policies.management.chains import chain_link, chain_of
from tests.factories.times import FIRST_RUN_AT

TAGS = "TAG_POLICY"
ROOT, PROD, TEST = "r-ab12", "ou-ab12-prod", "ou-ab12-test"
MANAGEMENT, ONE, TWO, THREE = "111111111111", "222222222221", "222222222222", "222222222223"
TEXT, OTHER = '{"tags": {"a": {}}}', '{"tags": {"b": {}}}'
ANSWER = '{"tags":{"a":{}}}'


def account(account_id, unit="", state="ACTIVE"):
    path = f"{ROOT}/{unit}/" if unit else f"{ROOT}/"
    return AccountRecord(
        account_id, account_id, "a@example.org", "arn", state, unit or ROOT, path, "CREATED", None
    )


def policy(policy_id, content):
    return PolicyRecord(policy_id, f"arn:{policy_id}", policy_id, "", TAGS, False, content)


def attached(policy_id, target_id):
    return PolicyAttachmentRecord(policy_id, target_id, "ACCOUNT")


def before(
    *attachments, accounts=(), kept=(), enabled=(TAGS,), calls=100, seconds=60.0, now=FIRST_RUN_AT
):
    """Return what the run has read before the collector begins."""
    root = RootRecord(ROOT, "Root", "arn", dict.fromkeys(enabled, "ENABLED"))
    own = OrganizationRecord("o-exampleorg1", "arn", "ALL", MANAGEMENT, "arn", "a@example.org")
    policies = (policy("p-one", TEXT), policy("p-other", OTHER), policy("p-same", TEXT))
    return Earlier(
        read={
            "organizations.organization": (own,),
            "organizations.organizational_units": (root,),
            "organizations.accounts": tuple(accounts),
            f"organizations.policies.{TAGS}": (*policies, *attachments),
        },
        kept=tuple(kept),
        allowance=Allowance(calls, seconds, timedelta(hours=24)),
        now=now,
    )


def collect(aws, earlier):
    return list(collect_effective_policies(aws.client, earlier, policy_type=TAGS))


def answers(aws, account_id, content=ANSWER):
    aws.answers(
        "describe_effective_policy",
        {
            "EffectivePolicy": {
                "PolicyContent": content,
                "LastUpdatedTimestamp": FIRST_RUN_AT,
                "TargetId": account_id,
                "PolicyType": TAGS,
            }
        },
        PolicyType=TAGS,
        TargetId=account_id,
    )


def chain(*levels):
    """Return the name of a chain; each level is a target and the texts attached to it."""
    return chain_of([chain_link(target, map(sha256, texts)) for target, *texts in levels])


def asked(name, account_id, at=FIRST_RUN_AT):
    return EffectivePolicyAskingRecord(TAGS, name, account_id, at, FIRST_RUN_AT)


class TestWhatIsAskedFor:
    def test_asks_once_for_all_accounts_with_the_same_policies_on_their_way(self, organizations):
        accounts = [account(ONE, PROD), account(TWO, PROD), account(THREE, TEST)]
        answers(organizations, ONE)
        of_all = chain((ROOT, TEXT))
        assert collect(organizations, before(attached("p-one", ROOT), accounts=accounts)) == [
            EffectivePolicyRecord(TAGS, of_all, ANSWER),
            asked(of_all, ONE),
        ]

    def test_takes_equal_texts_in_different_policies_and_places_for_one_chain(self, organizations):
        accounts = [account(ONE, PROD), account(TWO, TEST)]
        answers(organizations, ONE)
        attachments = attached("p-one", PROD), attached("p-same", TEST)
        assert len(collect(organizations, before(*attachments, accounts=accounts))) == 2

    def test_asks_for_each_chain_the_most_populous_first(self, organizations):
        accounts = [account(ONE, PROD), account(TWO, TEST), account(THREE, TEST)]
        answers(organizations, TWO)
        answers(organizations, ONE)
        attachments = attached("p-one", PROD), attached("p-other", TEST)
        found = collect(organizations, before(*attachments, accounts=accounts))
        assert [each.chain for each in found[::2]] == [chain((TEST, OTHER)), chain((PROD, TEXT))]

    def test_does_not_ask_where_nothing_is_attached(self, organizations):
        accounts = [account(ONE, PROD), account(TWO, TEST)]
        answers(organizations, TWO)
        found = collect(organizations, before(attached("p-one", TEST), accounts=accounts))
        assert [each.chain for each in found] == [chain((TEST, TEXT))] * 2

    def test_does_not_ask_for_a_type_that_is_not_enabled(self, organizations):
        earlier = before(
            attached("p-one", ROOT), accounts=[account(ONE)], enabled=["BACKUP_POLICY"]
        )
        assert collect(organizations, earlier) == []

    def test_holds_targets_with_several_texts_apart_since_their_order_counts(self, organizations):
        accounts = [account(ONE, PROD), account(TWO, TEST)]
        answers(organizations, ONE)
        answers(organizations, TWO)
        both = [
            attached(policy_id, unit) for unit in (PROD, TEST) for policy_id in ("p-one", "p-other")
        ]
        found = collect(organizations, before(*both, accounts=accounts))
        assert {each.chain for each in found} == {
            chain((PROD, TEXT, OTHER)),
            chain((TEST, TEXT, OTHER)),
        }

    def test_asks_for_the_management_account_only_where_no_other_has_its_policies(
        self, organizations
    ):
        answers(organizations, ONE)
        accounts = [account(MANAGEMENT), account(ONE)]
        both = collect(organizations, before(attached("p-one", ROOT), accounts=accounts))
        answers(organizations, MANAGEMENT)
        alone = collect(organizations, before(attached("p-one", ROOT), accounts=accounts[:1]))
        # Another account than the Stubber was told of would raise.
        assert [len(found) for found in (both, alone)] == [2, 2]

    def test_asks_only_for_active_accounts(self, organizations):
        accounts = [account(ONE, PROD, "SUSPENDED"), account(TWO, PROD)]
        answers(organizations, TWO)
        collect(organizations, before(attached("p-one", PROD), accounts=accounts))
        assert collect(organizations, before(attached("p-one", PROD), accounts=accounts[:1])) == []

    def test_asks_for_the_next_account_where_one_has_left_meanwhile(self, organizations):
        organizations.refuses("describe_effective_policy", "TargetNotFoundException")
        answers(organizations, TWO)
        accounts = [account(ONE), account(TWO)]
        found = collect(organizations, before(attached("p-one", ROOT), accounts=accounts))
        assert found[1] == asked(chain((ROOT, TEXT)), TWO)

    def test_raises_when_aws_finds_none_of_the_accounts_that_it_listed(self, organizations):
        for _ in range(2):
            organizations.refuses("describe_effective_policy", "TargetNotFoundException")
        accounts = [account(ONE), account(TWO)]
        with pytest.raises(AwsInconsistent, match=f"AWS lists {ONE} and 1 other"):
            collect(organizations, before(attached("p-one", ROOT), accounts=accounts))


class TestWhatAwsSays:
    def test_none_is_an_answer(self, organizations):
        organizations.refuses("describe_effective_policy", "EffectivePolicyNotFoundException")
        found = collect(organizations, before(attached("p-one", ROOT), accounts=[account(ONE)]))
        assert found == [
            EffectivePolicyRecord(TAGS, chain((ROOT, TEXT)), None),
            replace(asked(chain((ROOT, TEXT)), ONE), policy_updated_at=None),
        ]

    def test_denied_raises_and_yields_nothing(self, organizations):
        organizations.refuses("describe_effective_policy")
        with pytest.raises(AwsReadDenied, match="DescribeEffectivePolicy") as caught:
            collect(organizations, before(attached("p-one", ROOT), accounts=[account(ONE)]))
        assert caught.value.outcome == "denied"


class TestWhatIsKnownBefore:
    @pytest.mark.parametrize(
        "missing",
        [
            "organizations.accounts",
            "organizations.organizational_units",
            f"organizations.policies.{TAGS}",
        ],
    )
    def test_has_to_be_whole(self, organizations, missing):
        earlier = before(attached("p-one", ROOT), accounts=[account(ONE)])
        read = {name: records for name, records in earlier.read.items() if name != missing}
        with pytest.raises(AwsReadFailed, match=f"{missing} was not read completely"):
            collect(organizations, replace(earlier, read=read))

    def test_is_taken_over_until_it_is_a_day_old(self, organizations):
        name = chain((ROOT, TEXT))
        kept = [EffectivePolicyRecord(TAGS, name, "old"), asked(name, ONE)]
        young = before(
            attached("p-one", ROOT),
            accounts=[account(ONE)],
            kept=kept,
            now=FIRST_RUN_AT + timedelta(hours=23),
        )
        assert collect(organizations, young) == kept
        now = FIRST_RUN_AT + timedelta(hours=24)
        answers(organizations, ONE)
        assert collect(organizations, replace(young, now=now)) == [
            EffectivePolicyRecord(TAGS, name, ANSWER),
            asked(name, ONE, now),
        ]

    def test_is_left_behind_with_the_chain(self, organizations):
        gone = chain((PROD, OTHER))
        kept = [EffectivePolicyRecord(TAGS, gone, "old"), asked(gone, ONE)]
        answers(organizations, ONE)
        earlier = before(attached("p-one", PROD), accounts=[account(ONE, PROD)], kept=kept)
        assert {each.chain for each in collect(organizations, earlier)} == {chain((PROD, TEXT))}


class TestAllowance:
    def test_leaves_the_rest_to_the_next_run_and_says_how_much(self, organizations):
        accounts = [account(ONE, PROD), account(TWO, TEST), account(THREE, TEST)]
        answers(organizations, TWO)
        earlier = before(
            attached("p-one", PROD), attached("p-other", TEST), accounts=accounts, calls=1
        )
        with pytest.raises(AwsCallsUsedUp, match="1 account"):
            collect(organizations, earlier)
        # The next run begins with what was never asked for, and is complete.
        first = chain((TEST, OTHER))
        kept = [EffectivePolicyRecord(TAGS, first, ANSWER), asked(first, TWO)]
        answers(organizations, ONE)
        again = replace(earlier, kept=tuple(kept), now=FIRST_RUN_AT + timedelta(hours=25))
        assert {each.chain for each in collect(organizations, again)} == {
            first,
            chain((PROD, TEXT)),
        }

    def test_is_shared_by_the_types_that_are_enabled(self, organizations):
        accounts = [account(ONE, PROD), account(TWO, PROD), account(THREE, TEST)]
        answers(organizations, ONE)
        earlier = before(
            attached("p-one", PROD),
            attached("p-other", TEST),
            accounts=accounts,
            enabled=[TAGS, "BACKUP_POLICY", "SERVICE_CONTROL_POLICY"],
            calls=3,
        )
        with pytest.raises(AwsCallsUsedUp):
            collect(organizations, earlier)

    def test_ends_by_seconds_too(self, organizations):
        earlier = before(attached("p-one", ROOT), accounts=[account(ONE)], seconds=0.0)
        with pytest.raises(AwsCallsUsedUp):
            collect(organizations, earlier)


class TestCollectors:
    def test_are_one_a_management_type_each_with_its_own_rows(self):
        assert [each.name.rpartition(".")[2] for each in COLLECTORS] == list(
            MANAGEMENT_POLICY_TYPES
        )
        assert all(
            slice_.where == {"policy_type": each.name.rpartition(".")[2]}
            for each in COLLECTORS
            for slice_ in each.covers
        )
