"""The home screen tells what is known, what changed and what needs somebody."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.web.parts.coverage import grouped_problems, problems_by_account
from inventory.models import Coverage, InventoryRun
from inventory.runs import health
from inventory.selectors.coverage import latest_coverage
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.contracts import trust_contract
from tests.factories.exceptions import guardrail_exception
from tests.factories.findings import InboxItemFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import give_role, person
from tests.factories.runs import CoverageFactory, InventoryRunFactory
from tests.factories.snapshots import Snapshot, organization_snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewing(client: Client) -> Client:
    user = User.objects.create_user("vera")
    give_role(user, "viewer")
    client.force_login(user)
    return client


def posture(client: Client, snapshot: Snapshot) -> str:
    answer = client.get(reverse("posture", kwargs={"slug": snapshot.connection.slug}))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


class TestPosture:
    def test_says_that_nothing_was_collected_before_the_first_run(self, viewing: Client):
        connection = ConnectionFactory.create()
        answer = viewing.get(reverse("posture", kwargs={"slug": connection.slug}))
        assert "Not collected yet" in answer.content.decode()

    def test_shows_the_run_that_goes_on(self, viewing: Client):
        connection = ConnectionFactory.create()
        InventoryRunFactory.create(connection=connection, state=InventoryRun.State.RUNNING)
        page = viewing.get(reverse("posture", kwargs={"slug": connection.slug})).content.decode()
        assert "The first one shows its accounts" not in page
        assert "every 2s" in page

    def test_names_each_part_of_collecting_that_readyz_calls_not_well(
        self, viewing: Client, monkeypatch: pytest.MonkeyPatch
    ):
        cache.clear()
        monkeypatch.setattr(health, "_messages", lambda: None)
        long_ago = timezone.now() - timedelta(minutes=3)
        connection = ConnectionFactory.create()
        InventoryRunFactory.create(
            connection=connection,
            state=InventoryRun.State.QUEUED,
            started_at=None,
            requested_at=long_ago,
        )
        answer = viewing.get(reverse("posture", kwargs={"slug": connection.slug}))
        page = " ".join(answer.content.decode().split())
        assert "Beat is silent: collection is stalled" in page
        assert "Never heard. Check that beat" in page
        assert "The queue inventory cannot be read." in page
        assert "No worker collects" in page
        assert "Never heard. Check that the workers of the queue inventory" in page
        assert set(viewing.get(reverse("readyz")).json().values()) == {"not well"}
        monkeypatch.undo()
        InventoryRun.objects.update(state=InventoryRun.State.COMPLETE)
        health.note_resumed(timezone.now())
        health.note_worker(timezone.now())
        well = viewing.get(reverse("posture", kwargs={"slug": connection.slug}))
        assert "stalled" not in well.content.decode()
        assert set(viewing.get(reverse("readyz")).json().values()) == {"ok"}

    def test_offers_no_run_to_somebody_without_the_right(self, viewing: Client):
        page = posture(viewing, organization_snapshot())
        assert "Collect 6 accounts now" not in page

    def test_leads_through_a_demo_by_three_questions_until_they_are_dismissed(
        self, viewing: Client
    ):
        snapshot = organization_snapshot()
        assert "Three questions to begin with" not in posture(viewing, snapshot)
        snapshot.connection.endpoint_url = "http://127.0.0.1:5000"
        snapshot.connection.save()
        page = viewing.get(reverse("posture", kwargs={"slug": snapshot.connection.slug}))
        asked = {one.title: one.href for one in page.context["tour"]}
        assert len(asked) == 3
        for href in asked.values():
            assert viewing.get(href).status_code == 200, href
        # The production OU is found by its name.
        assert "to=ou-ab12-prod0001" in asked["Who can get into production from outside?"]

        viewing.post(reverse("tour-dismiss", kwargs={"slug": snapshot.connection.slug}))
        assert "Three questions to begin with" not in posture(viewing, snapshot)

    def test_counts_what_there_is(self, viewing: Client):
        page = posture(viewing, organization_snapshot())
        assert "Service control policy" in page
        assert "of 6 accounts collected" in page

    def test_names_what_appeared_since_the_run_before(self, viewing: Client):
        snapshot = organization_snapshot()
        assert snapshot.run.started_at is not None
        later = snapshot.run.started_at + timedelta(hours=1)
        InventoryRunFactory.create(connection=snapshot.connection, started_at=later)
        AccountFactory.create(connection=snapshot.connection, name="brand-new", seen_from=later)
        page = posture(viewing, snapshot)
        assert "brand-new" in page
        assert "account added" in page


class TestWaitingForMe:
    @pytest.fixture
    def owner(self, client: Client) -> User:
        user = person("security", username="olga")
        client.force_login(user)
        return user

    def test_names_what_waits_of_each_kind(self, client: Client, owner: User):
        snapshot = organization_snapshot()
        ada = person("author", username="ada")
        waits = {"state": "proposed", "waiting_for": [owner.pk]}
        guardrail_exception(snapshot.connection, ada, **waits)
        trust_contract(snapshot.connection, ada, purpose="Builds deploy.", **waits)
        InboxItemFactory.create(
            connection=snapshot.connection,
            assignee=owner,
            state="assigned",
            due_at=snapshot.run.started_at,
        )
        page = posture(client, snapshot)
        assert "Exception from no-iam-users" in page
        assert "Builds deploy." in page
        assert "C-1 · contract of ada" in page
        assert "1 finding assigned to me" in page
        assert "1 overdue" in page

    def test_leaves_out_what_waits_for_others(self, client: Client, owner: User):
        snapshot = organization_snapshot()
        ada = person("author", username="ada")
        guardrail_exception(snapshot.connection, ada, state="proposed", waiting_for=[ada.pk])
        InboxItemFactory.create(connection=snapshot.connection, assignee=ada, state="assigned")
        page = posture(client, snapshot)
        assert "Exception from" not in page
        assert "No request, exception, contract, grant or finding waits for you." in page

    def test_counts_those_it_has_no_room_for(self, client: Client, owner: User):
        snapshot = organization_snapshot()
        for _ in range(6):
            guardrail_exception(
                snapshot.connection, owner, state="proposed", waiting_for=[owner.pk]
            )
        page = posture(client, snapshot)
        assert page.count("Exception from no-iam-users</b>") == 4
        assert "2 more exceptions" in page


class TestNeedsAttention:
    def test_shows_an_account_once_whatever_stands_in_its_way(self, viewing: Client):
        snapshot = organization_snapshot(covered=False)
        for collector, state, message in (
            ("iam.account_summary", Coverage.State.DENIED, "the role refuses"),
            ("iam.password_policy", Coverage.State.DENIED, "the role refuses"),
            ("s3.buckets", Coverage.State.FAILED, "AWS did not answer"),
        ):
            CoverageFactory.create(
                connection=snapshot.connection,
                run=snapshot.run,
                account_id="222222222222",
                collector=collector,
                state=state,
                message=message,
            )
        sees = Viewer(sees_inventory=True)
        found = problems_by_account(latest_coverage(sees, connection=snapshot.connection))
        (one,) = found.values()
        assert (one.widest.message, len(one.problems)) == ("the role refuses", 2)
        assert [cause.message for cause in one.other_causes] == ["AWS did not answer"]
        assert one.words.endswith(": the role refuses (1 more cause)")


class TestGroupedProblems:
    def test_tells_one_cause_once_for_all_collectors_of_an_account(self):
        snapshot = organization_snapshot(covered=False)
        for collector in ("iam.account_summary", "iam.password_policy", "iam.account_aliases"):
            CoverageFactory.create(
                connection=snapshot.connection,
                run=snapshot.run,
                account_id="222222222222",
                collector=collector,
                state=Coverage.State.DENIED,
                message="the role OrgwardenAudit does not exist",
                remedy="deploy docs/roles/audit.yaml",
            )
        sees = Viewer(sees_inventory=True)
        rows = latest_coverage(sees, connection=snapshot.connection).order_by("collector")
        problems = grouped_problems(rows)
        assert [problem.collectors_words for problem in problems] == ["3 collectors"]

    def test_tells_the_widest_cause_first_and_the_others_of_an_account_below_it(self):
        snapshot = organization_snapshot(covered=False)
        causes = {
            "iam.account_aliases": "may not iam:ListAccountAliases",
            "iam.account_summary": "the role does not exist",
            "iam.password_policy": "the role does not exist",
        }
        for collector, message in causes.items():
            CoverageFactory.create(
                connection=snapshot.connection,
                run=snapshot.run,
                account_id="222222222222",
                collector=collector,
                state=Coverage.State.DENIED,
                message=message,
            )
        sees = Viewer(sees_inventory=True)
        rows = latest_coverage(sees, connection=snapshot.connection).order_by("collector")
        (problem,) = grouped_problems(rows)
        assert problem.message == "the role does not exist"
        assert [(one.message, one.collectors_words) for one in problem.other_causes] == [
            ("may not iam:ListAccountAliases", "Account aliases")
        ]
