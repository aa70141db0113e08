"""The accounts that one policy reaches."""

import csv
import io

import pytest

from inventory.models import PolicyAttachment, Root
from tests.factories.policies import PolicyAttachmentFactory, denying
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.governance.web.policies.pages import TEST, html_of, words_of


class TestTheAccounts:
    def rows(self, answer):
        return [row.account_id for row in answer.context["rows"].object_list]

    def test_are_all_that_lie_below_its_targets_with_the_way(self, show, acme):
        answer = show("policy-accounts", acme.policies["deny-leaving"])
        assert len(self.rows(answer)) == 6
        words = words_of(answer)
        assert "It has effect on 5 of 6 accounts that it reaches" in words
        assert "Not bound" in words

    def test_tell_every_target_they_are_reached_through(self, show, acme):
        policy = acme.policies["deny-regions"]
        payments = acme.accounts["payments"].account_id
        PolicyAttachmentFactory.create(
            connection=acme.connection, policy_id=policy.policy_id, target_id=payments
        )
        answer = show("policy-accounts", policy)
        (row,) = [r for r in answer.context["rows"].object_list if r.account_id == payments]
        assert [one.name for one in row.via] == ["Workloads", "payments"]
        assert len(self.rows(answer)) == 3

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({"bound": "management_account"}, {"management"}),
            ({"via": TEST}, {"payments-test"}),
            ({"q": "pay"}, {"payments", "payments-test"}),
            ({"state": "SUSPENDED"}, {"retired"}),
            ({"under": "ou-ab12-prod0001"}, {"payments", "website"}),
            ({"tag": "owner=web"}, {"website"}),
        ],
    )
    def test_are_filtered(self, show, acme, query, names):
        answer = show("policy-accounts", acme.policies["deny-leaving"], **query)
        assert {row.name for row in answer.context["rows"].object_list} == names

    def test_are_sorted_by_effect(self, show, acme):
        answer = show("policy-accounts", acme.policies["deny-leaving"], sort="-bound")
        assert self.rows(answer)[0] == acme.accounts["management"].account_id

    def test_are_exported_with_the_way(self, show, acme):
        answer = show("policy-accounts", acme.policies["deny-regions"], format="csv")
        text = b"".join(answer.streaming_content).decode()
        rows = list(csv.DictReader(io.StringIO(text)))
        assert {row["via"] for row in rows} == {"ou-ab12-work0001"}
        assert {row["bound"] for row in rows} == {"bound"}
        assert "p-regio001-accounts-unknown.csv" in answer.headers["Content-Disposition"]

    def test_of_a_type_that_is_not_enabled_have_no_effect(self, show, acme):
        Root.objects.filter(connection=acme.connection).update(policy_types={})
        words = words_of(show("policy-accounts", acme.policies["deny-regions"]))
        assert "has effect on none" in words
        assert "Type not enabled" in words

    def test_management_policies_bind_the_management_account_too(self, show, acme, attach):
        policy = attach('{"tags": {}}', acme.root.target_id, type="TAG_POLICY")
        answer = show("policy-accounts", policy)
        assert {row.bound for row in answer.context["rows"].object_list} == {"bound"}

    def test_are_none_for_a_policy_attached_nowhere(self, show, acme):
        words = words_of(show("policy-accounts", acme.policies["unattached"]))
        assert "It reaches no account" in words

    def test_are_those_of_the_time_looked_at(self, show, acme):
        policy = acme.policies["deny-regions"]
        held = PolicyAttachment.objects.get(policy_id=policy.policy_id)
        held.seen_until = SECOND_RUN_AT
        held.save()
        moment = FIRST_RUN_AT.isoformat()
        assert self.rows(show("policy-accounts", policy)) == []
        then = show("policy-accounts", policy, as_of=moment)
        assert len(self.rows(then)) == 3
        assert f"as_of={moment[:4]}" in html_of(then)

    def test_are_counted_as_unknown_below_a_target_without_a_place(self, show, acme, attach):
        policy = attach(denying("s3:*"), "ou-ab12-nowhere1")
        words = words_of(show("policy-accounts", policy))
        assert "Not all of them are known" in words
