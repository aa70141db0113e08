"""The versions of one policy, and what each changes."""

import pytest

from inventory.models import PolicyAttachment
from tests.factories.policies import content, denying
from tests.factories.times import SECOND_RUN_AT
from tests.factories.versions import changed
from tests.governance.web.policies.pages import TEST, html_of, words_of


class TestTheVersions:
    def second(self, policy, text):
        return changed(policy, at=SECOND_RUN_AT, content=content(text))

    def test_that_change_something_name_accounts_and_a_witness(self, show, attach):
        policy = attach(denying("s3:GetObject"), TEST)
        self.second(policy, denying("s3:*"))
        page = show("policy-versions", policy)
        assert "/versions/meaning/?before=1&amp;after=2&amp;in=now" in html_of(page)
        words = words_of(show("policy-meaning", policy, before="1", after="2"))
        assert "It changes what is allowed in 1 of 1 account that it binds" in words
        assert "Newly denied" in words
        assert "Witness" in words
        assert "In any account" in words

    def test_hidden_by_another_policy_say_by_which(self, show, attach):
        policy = attach(denying("ec2:RunInstances"), TEST)
        self.second(policy, denying("ec2:*"))
        answer = show("policy-meaning", policy)
        assert "The policy's own effect differs, but nothing changes for any account" in words_of(
            answer
        )
        assert "denied before and after at Workloads" in words_of(answer)
        assert "/policies/p-regio001/#statement-1" in html_of(answer)

    def test_attached_nowhere_say_so(self, show, acme):
        policy = acme.policies["unattached"]
        self.second(policy, denying("iam:*"))
        words = words_of(show("policy-meaning", policy))
        assert "because the policy is attached to no target" in words

    def test_of_the_same_meaning_are_proven_so(self, show, attach):
        policy = attach(denying("s3:*", "sqs:*"), TEST)
        self.second(policy, denying("sqs:*", "s3:*"))
        assert "Both versions have the same effect" in words_of(show("policy-meaning", policy))

    def test_that_cannot_be_read_are_not_compared(self, show, attach):
        policy = attach(denying("s3:*"), TEST)
        self.second(policy, "{")
        assert "cannot be compared by their meaning" in words_of(show("policy-meaning", policy))

    def test_are_looked_at_where_the_policy_was_attached_then(self, show, attach):
        policy = attach(denying("s3:GetObject"), TEST)
        self.second(policy, denying("s3:*"))
        held = PolicyAttachment.objects.get(policy_id=policy.policy_id)
        held.seen_until = SECOND_RUN_AT.replace(hour=20)
        held.save()
        then = words_of(show("policy-meaning", policy, **{"in": "then"}))
        assert "It changes what is allowed in 1 of 1 account" in then
        assert "where it was attached at" in then
        assert "attached to no target" in words_of(show("policy-meaning", policy))

    def test_of_settings_are_told_setting_by_setting(self, show, acme):
        policy = acme.policies["tags-of-cost"]
        text = '{"tags": {"cost": {"tag_value": {"@@assign": ["a", "b"]}}}}'
        self.second(policy, text)
        words = words_of(show("policy-versions", policy))
        assert "tags / cost / tag_value / @@assign Before: not set After: a, b" in words

    @pytest.mark.parametrize("query", [{"before": "9"}, {"after": "x"}, {"in": "soon"}])
    def test_refuse_an_address_they_do_not_know(self, show, acme, query):
        policy = acme.policies["deny-regions"]
        assert show("policy-meaning", policy, status=400, **query).status_code == 400
        assert show("policy-versions", policy, status=400, **query).status_code == 400

    def test_are_compared_without_scripts_too(self, show, attach):
        policy = attach(denying("s3:GetObject"), TEST)
        self.second(policy, denying("s3:*"))
        assert "Newly denied" in words_of(show("policy-versions", policy, shown="all"))
