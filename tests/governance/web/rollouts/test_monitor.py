"""The rollout tab: the plan before, the rings, steps and journal while it goes on."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from governance.changes.states import ChangeState
from tests.factories.people import person


def words(response) -> str:
    """Return what a page says, tags left out, spaces made one."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.mark.django_db
class TestPlan:
    def test_shows_every_step_with_the_accounts_it_reaches_and_its_gaps(
        self, client, planned, address
    ):
        shown = words(client.get(address("change-request-rollout", planned)))

        assert "8 calls planned, none made" in shown
        assert "Ring 1" in shown
        assert "passes automatically if nothing blocks it" in shown
        assert "needs a release" in shown
        assert "CreatePolicy copy" in shown
        assert "regions-cr1" in shown
        assert "1 gap" in shown
        assert shown.count("No gap") == 7
        # Test has one account, Prod two more.
        assert (
            "1 accounts after step 2"
            in client.get(address("change-request-rollout", planned)).content.decode()
        )
        assert "The text goes in by a copy." in shown

    def test_opens_a_step_with_what_it_leaves(self, client, planned, address):
        shown = words(client.get(address("change-request-rollout", planned) + "?step=4"))

        assert "After step 4 some requests are decided differently" in shown
        assert "ec2:RunInstances denied although before and after allow it" in shown
        assert "where aws:RequestedRegion is eu-west-3: 2 accounts" in shown

    def test_says_that_proofs_are_not_known_where_evidence_has_none(self, client, planned, address):
        planned.evidence.content = {}
        planned.evidence.save()

        shown = words(client.get(address("change-request-rollout", planned)))

        assert "No gap" not in shown
        assert shown.count("Not known") >= 8

    def test_says_which_window_a_ring_waits_for(self, client, soaking, address):
        soaking.state = ChangeState.APPLYING
        soaking.state_reason = "Ring 2 waits: no change window is open (Office hours)"
        soaking.save()

        shown = words(client.get(address("change-request-rollout", soaking)))

        assert "Waits for a window" in shown
        assert "Ring 2 waits: no change window is open (Office hours)." in shown

    def test_says_that_there_is_no_plan_before_the_checks(self, client, planned, address):
        planned.evidence = None
        planned.state = ChangeState.DRAFT
        planned.save()

        shown = words(client.get(address("change-request-rollout", planned)))

        assert "No plan yet" in shown


@pytest.mark.django_db
class TestRollout:
    def test_shows_how_far_it_is_and_how_long_the_ring_soaks(self, client, soaking, address):
        shown = words(client.get(address("change-request-rollout", soaking)))

        assert "3 of 8 calls done" in shown
        assert "1 of 3 accounts have the new text" in shown
        assert "45 min left of 1 h" in shown
        assert "1 account keeps the change, 2 stay as before" in shown
        assert "Uses denied by the change" in shown
        assert "No log source" in shown

    def test_says_what_the_inventory_shows_otherwise_where_it_is_partly_applied(
        self, client, soaking, address
    ):
        soaking.state = ChangeState.PARTIALLY_APPLIED
        soaking.state_reason = "the inventory shows a difference: policy p-guard is not as written"
        soaking.save()

        shown = words(client.get(address("change-request-rollout", soaking)))

        assert "policy p-guard is not as written" in shown

    def test_says_on_the_overview_who_applied_an_emergency_and_what_it_waits_for(
        self, client, soaking, address
    ):
        soaking.state, soaking.emergency = ChangeState.APPLIED_PENDING_REVIEW, True
        soaking.emergency_by = person("security", first_name="Sam", last_name="Berg")
        soaking.save()

        shown = words(client.get(address("change-request", soaking)))

        assert (
            "Waiting to be ratified Applied in an emergency by Sam Berg, without a review" in shown
        )
        assert "No review before it" in shown
        assert "Can approve" not in shown

    def test_opens_the_journal_of_a_step(self, client, soaking, address):
        shown = words(client.get(address("change-request-rollout", soaking) + "?step=2"))

        assert "Try 1" in shown
        assert "request request-2" in shown
        assert "Read back" in shown
        assert "The next call waits until AWS enforces this one." in shown

    @pytest.mark.parametrize(("only", "count"), [("all", 8), ("done", 3), ("left", 5)])
    def test_shows_what_is_done_or_left(self, client, soaking, address, only, count):
        page = client.get(address("change-request-rollout", soaking) + f"?steps={only}")

        assert len(re.findall(r'<tr id="step-', page.content.decode())) == count

    def test_has_the_page_read_anew_once_the_stage_is_another(self, client, soaking, address):
        page = client.get(address("change-request-rollout", soaking)).content.decode()
        stage = re.findall(r"stage=([\w-]+)", page)[0]
        part = address("change-request-rollout-progress", soaking)

        assert "HX-Refresh" not in client.get(f"{part}?stage={stage}").headers
        soaking.state = ChangeState.HALTED
        soaking.save()
        assert client.get(f"{part}?stage={stage}").headers["HX-Refresh"] == "true"

    def test_asks_for_news_only_while_calls_are_made(self, client, soaking, address):
        page = address("change-request-rollout", soaking)
        assert "every 30s" in client.get(page).content.decode()
        soaking.state = ChangeState.HALTED
        soaking.save()
        assert "every 30s" not in client.get(page).content.decode()


@pytest.mark.django_db
def test_an_emergency_that_stopped_says_until_when_it_stands(client, soaking, address):
    soaking.state, soaking.emergency = ChangeState.HALTED, True
    soaking.ratify_by = timezone.now() + timedelta(hours=3)
    soaking.save()

    shown = words(client.get(address("change-request-rollout", soaking)))
    assert "Emergency, stopped on its way" in shown
    assert re.search(r"reverted on [^.]*UTC unless it is applied", shown)
