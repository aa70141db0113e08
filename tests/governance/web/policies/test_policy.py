"""The screen of one policy: its text, its room, its statements; and the queries of all of them."""

import json

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from inventory.models import Coverage, Root
from tests.factories.organization import AccountFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, denying
from tests.factories.times import SECOND_RUN_AT
from tests.governance.web.policies.pages import TEST, html_of, words_of

# Queries of one page, session and person included.
MOST_QUERIES = 23

TWO = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Buckets", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
            {"Sid": "Leaving", "Effect": "Deny", "Action": "organizations:Leave*", "Resource": "*"},
        ],
    }
)


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
        before = {"as_of": "2026-10-01T00:00:00Z"}
        answer = show("policy", acme.policies["deny-regions"], status=404, **before)
        assert answer.status_code == 404


class TestRoom:
    def test_tells_characters_and_slots_against_todays_limits(self, show, acme, attach):
        policy = attach(denying("s3:*"), TEST)
        words = words_of(show("policy", policy))
        assert f"Characters {len(policy.content.text)} of 10,240 characters" in words
        assert "Test 2 of 10 slots" in words
        assert "valid since 1 May 2026" in words

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
        assert "requests would be decided differently in 1 of 1 account" in words
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
        policy = acme.policies["deny-regions"]
        assert show("policy-statements", policy, status=400, first=first).status_code == 400

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
