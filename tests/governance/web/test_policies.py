"""The screens of one policy: its text, its reach, its versions."""

import csv
import io
import json
import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from inventory.models import Coverage, PolicyAttachment, Root
from tests.factories.organization import AccountFactory
from tests.factories.people import person
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content, denying
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import changed

SLUG = "acme"
# Queries of one page, session and person included.
MOST_QUERIES = 18


@pytest.fixture
def acme(db):
    made = organization_snapshot()
    made.connection.slug = SLUG
    made.connection.save()
    return made


@pytest.fixture
def show(client, acme):
    """Return a function that opens a page or part as a viewer and returns it."""
    client.force_login(person("viewer"))

    def show(name, policy, *, status=200, **query):
        policy_id = getattr(policy, "policy_id", policy)
        address = reverse(name, kwargs={"slug": SLUG, "policy_id": policy_id})
        answer = client.get(address, query)
        assert answer.status_code == status, answer
        return answer

    return show


@pytest.fixture
def attach(acme):
    """Return a function that stores a policy and attaches it to targets by their ids."""

    def attach(text, *target_ids, **values):
        policy = PolicyFactory.create(connection=acme.connection, text=text, **values)
        for target_id in target_ids:
            PolicyAttachmentFactory.create(
                connection=acme.connection, policy_id=policy.policy_id, target_id=target_id
            )
        return policy

    return attach


def html_of(answer):
    return answer.content.decode()


def words_of(answer):
    """Return what is written on a page; tags part words, but not punctuation from them."""
    told = strip_tags(html_of(answer).replace("<", " <"))
    return re.sub(r" ([.,;:)])", r"\1", " ".join(told.split()))


TWO = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Buckets", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
            {"Sid": "Leaving", "Effect": "Deny", "Action": "organizations:Leave*", "Resource": "*"},
        ],
    }
)
TEST = "ou-ab12-test0001"


class TestTheText:
    def test_has_numbered_lines_and_statements_with_their_sid(self, show, attach):
        html = html_of(show("policy", attach(TWO, TEST)))
        assert '<tr id="L4">' in html
        assert '<tbody id="statement-1" class="of-statement">' in html
        assert '<a href="#L4-L9">Statement 1</a> <span class="mono">Buckets</span>' in html
        assert '<tbody id="statement-2" class="of-statement">' in html

    def test_marks_the_line_that_lint_has_something_to_say_of(self, show, attach):
        html = html_of(show("policy", attach(denying("s3:DeleteBuckett"), TEST)))
        line = next(part for part in html.split("<tr ")[1:] if "&quot;Action" in part)
        assert 'href="#finding-' in line
        assert 'aria-label="Warning in line' in line
        assert line.startswith('id="L6"')
        assert '<a href="#L6">Line 6</a>' in html

    def test_places_findings_of_a_text_in_one_line_at_their_laid_out_lines(self, show, attach):
        answer = show("policy", attach(denying("s3:DeleteBuckett"), TEST))
        assert "line 1, column" in words_of(answer)
        assert "of the original" in words_of(answer)

    def test_that_cannot_be_read_says_where_it_counts_as_unknown(self, show, attach):
        answer = show("policy", attach('{"Version": "2012-10-17",\n "Statement": [,]}', TEST))
        words = words_of(answer)
        assert "This policy cannot be read" in words
        assert "unknown in every ceiling it touches: for 1 account it is not known" in words
        assert '<a href="#L2">Line 2</a>' in html_of(answer)

    def test_that_cannot_be_read_makes_accounts_unknown_while_its_type_was_not_read_whole(
        self, show, acme, attach
    ):
        Coverage.objects.filter(collector="organizations.policies.SERVICE_CONTROL_POLICY").delete()
        words = words_of(show("policy", attach("{", "ou-ab12-prod0001")))
        assert "for 2 accounts it is not known what is allowed" in words

    def test_shows_a_name_that_is_there_twice_as_it_was_written(self, show, attach):
        text = '{"Version": "2012-10-17", "Version": "2008-10-17", "Statement": []}'
        html = html_of(show("policy", attach(text, TEST)))
        assert html.count("Version&quot;") >= 2

    def test_of_a_management_policy_is_linted_by_its_grammar(self, show, attach):
        text = json.dumps({"tags": {"cost": {"tag_value": {"@@asign": ["a"]}}}}, indent=2)
        answer = show("policy", attach(text, TEST, type="TAG_POLICY"))
        assert "@@asign" in words_of(answer).split("Lint")[1]
        assert "What each statement changes" not in words_of(answer)

    def test_of_a_type_newer_than_the_checks_is_not_called_good(self, show, attach):
        words = words_of(show("policy", attach("{}", TEST, type="WHATEVER_POLICY")))
        assert "Not checked" in words
        assert "Nothing found" not in words

    def test_says_why_it_has_no_effect_at_all(self, show, acme, attach):
        own = attach(denying("s3:*"), acme.accounts["management"].account_id)
        policy = acme.policies["unattached"]
        assert "Attached nowhere: it has no effect" in words_of(show("policy", policy))
        assert "the management account alone" in words_of(show("policy", own))

    def test_says_that_its_type_is_not_enabled(self, show, acme):
        Root.objects.filter(connection=acme.connection).update(policy_types={})
        words = words_of(show("policy", acme.policies["deny-regions"]))
        assert "not enabled at the root: it has no effect" in words

    def test_is_not_found_at_a_time_before_it_was_seen(self, show, acme):
        show("policy", acme.policies["deny-regions"], status=404, as_of="2026-10-01T00:00:00Z")


class TestRoom:
    def test_tells_characters_and_slots_against_todays_limits(self, show, acme, attach):
        policy = attach(denying("s3:*"), TEST)
        words = words_of(show("policy", policy))
        assert f"Characters {len(policy.content.text)} of 10,240 characters" in words
        assert "Test 2 of 10 slots" in words
        assert "they hold since 1 May 2026" in words

    def test_warns_near_the_limits(self, show, attach):
        policy = attach(denying(*(f"s3:Get{n:050}" for n in range(155))), TEST)
        for _ in range(8):
            attach(denying("s3:*"), TEST)
        words = words_of(show("policy", policy))
        assert "Near the limit:" in words
        assert "Test 10 of 10 slots" in words
        assert "At one target no slot is left" in words

    def test_unfolds_the_slots_of_further_targets_the_fullest_first(self, show, acme, attach):
        targets = [acme.root, *acme.units.values()]
        policy = attach(denying("s3:*"), *(one.target_id for one in targets), name="wide")
        words = words_of(show("policy", policy))
        shown, further = words.split("Slots at 1 more target")
        assert "Root 3 of 10 slots" in shown
        assert "Prod 2 of 10 slots" in further or "Prod 2 of 10 slots" in shown
        assert further.count("of 10 slots") == 1

    def test_counts_the_slots_of_management_policies_by_their_type(self, show, acme):
        words = words_of(show("policy", acme.policies["tags-of-cost"]))
        assert "Workloads 1 of 10 slots" in words

    def test_tells_what_packing_would_save_with_proof(self, show, attach):
        policy = attach(json.dumps(json.loads(TWO), indent=8), TEST)
        words = words_of(show("policy-packing", policy))
        assert "characters less" in words
        assert "This is proven" in words

    def test_says_why_a_broken_policy_cannot_be_packed(self, show, attach):
        assert "It cannot be packed" in words_of(show("policy-packing", attach("{", TEST)))


class TestWhatEachStatementChanges:
    def test_is_told_with_marks_for_the_text(self, show, attach):
        answer = show("policy-statements", attach(TWO, TEST))
        html, words = html_of(answer), words_of(answer)
        assert "requests would be decided otherwise in 1 of 1 account" in words
        assert "Because deny-leaving at Root denies it already" in words
        assert '<span id="effect-of-2" hx-swap-oob="true">' in html
        assert "/policies/p-leave001/#L4-L10" in html
        assert "1 of 2 statements without effect: proven" in words

    def test_goes_on_by_itself_where_the_time_is_over(self, show, attach, monkeypatch):
        monkeypatch.setattr("governance.web.policies.text.SECONDS_A_PART", -1.0)
        policy = attach(TWO, TEST)
        first = html_of(show("policy-statements", policy))
        assert "Statement 1" in first
        assert "Statement 2" not in first
        assert "/statements/?first=2" in first
        second = html_of(show("policy-statements", policy, first="2"))
        assert "Statement 2" in second
        assert "first=3" not in second

    @pytest.mark.parametrize("first", ["0", "x", "-1", "٣", "12345678"])
    def test_refuses_what_is_no_number_of_a_statement(self, show, acme, first):
        show("policy-statements", acme.policies["deny-regions"], status=400, first=first)

    def test_is_there_without_scripts_too(self, show, attach):
        words = words_of(show("policy", attach(TWO, TEST), shown="all"))
        assert "1 of 2 statements without effect: proven" in words

    def test_is_nothing_for_settings_and_not_known_for_what_cannot_be_read(
        self, show, acme, attach
    ):
        tags = show("policy-statements", acme.policies["tags-of-cost"])
        assert "hold settings" in words_of(tags)
        assert "what its statements do is not known" in words_of(
            show("policy-statements", attach("{", TEST))
        )


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
        assert "p-regio001-accounts.csv" in answer.headers["Content-Disposition"]

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
        assert "It differs by itself, and changes nothing for any account" in words_of(answer)
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
        assert "Both versions mean the same" in words_of(show("policy-meaning", policy))

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
        show("policy-meaning", acme.policies["deny-regions"], status=400, **query)
        show("policy-versions", acme.policies["deny-regions"], status=400, **query)

    def test_are_compared_without_scripts_too(self, show, attach):
        policy = attach(denying("s3:GetObject"), TEST)
        self.second(policy, denying("s3:*"))
        assert "Newly denied" in words_of(show("policy-versions", policy, shown="all"))


class TestQueries:
    @pytest.mark.parametrize(
        "name",
        [
            "policy",
            "policy-statements",
            "policy-packing",
            "policy-accounts",
            "policy-versions",
            "policy-meaning",
        ],
    )
    @pytest.mark.parametrize("which", ["deny-regions", "tags-of-cost"])
    def test_do_not_grow_with_rows(self, client, acme, show, name, which):
        policy = acme.policies[which]

        def grow(numbers):
            for number in numbers:
                account = AccountFactory.create(
                    connection=acme.connection, parent=acme.units["Prod"], seen_from=SECOND_RUN_AT
                )
                PolicyAttachmentFactory.create(
                    connection=acme.connection,
                    policy_id=policy.policy_id,
                    target_id=account.account_id,
                )
                PolicyFactory.create(connection=acme.connection, text=denying(f"s3:{number}"))

        def asked():
            show(name, policy)
            with CaptureQueriesContext(database) as captured:
                show(name, policy)
            return len(captured)

        grow(range(1))
        few = asked()
        grow(range(1, 10))
        assert asked() == few
        assert few <= MOST_QUERIES
