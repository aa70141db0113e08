"""Posture's cards of findings, drift and guardrails tell of what is open, failing and not known."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.baseline.guardrails.failures import FailureChange, failure_change
from governance.baseline.guardrails.models import GuardrailTally
from governance.baseline.guardrails.outcome_counts import OutcomeCounts
from governance.baseline.guardrails.shipped import shipped_guardrails
from governance.drift.models import DriftReading
from governance.inbox.models import InboxReading
from inventory.models import Account
from inventory.viewing import Place
from tests.factories.drift import drift_item
from tests.factories.findings import InboxItemFactory
from tests.factories.guardrail_results import GuardrailResultFactory, tallied
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

PAYMENTS, WEBSITE = "222222222222", "222222222223"
GUARDRAIL = "cloudtrail-stays-on"


@pytest.fixture
def connection():
    return organization_snapshot().connection


@pytest.fixture
def viewing(client, connection):
    client.force_login(person("viewer"))
    return client


def card(client, connection, name):
    answer = client.get(reverse(name, kwargs={"slug": connection.slug}))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def findings(client, connection):
    return card(client, connection, "findings-on-posture")


def guardrails(client, connection):
    return card(client, connection, "guardrails-on-posture")


class TestPosturePage:
    def test_loads_the_cards_after_the_page(self, viewing, connection):
        page = card(viewing, connection, "posture")
        assert reverse("findings-on-posture", kwargs={"slug": connection.slug}) in page
        assert reverse("guardrails-on-posture", kwargs={"slug": connection.slug}) in page


class TestFindings:
    def test_says_that_nothing_was_judged_yet(self, viewing, connection):
        page = findings(viewing, connection)
        assert "Not checked yet" in page
        assert "Not checked yet" in page
        assert "Open the baseline" in page

    def test_counts_by_severity_and_overdue_with_ways_to_the_rows(self, viewing, connection):
        InboxReading.objects.create(
            connection=connection, source="trust", mark="1", read_at=FIRST_RUN_AT
        )
        InboxItemFactory.create(connection=connection, severity="critical", due_at=FIRST_RUN_AT)
        InboxItemFactory.create(connection=connection, severity="high", verified=False)
        InboxItemFactory.create(
            connection=connection, severity="low", state="resolved", resolved_at=FIRST_RUN_AT
        )
        page = findings(viewing, connection)

        assert "<b>2</b> open" in page
        assert '?overdue=true">1 overdue</a>' in page
        assert '?severity=critical" aria-label="1 critical">1</a>' in page
        assert '?verified=false">1 cannot be verified</a>' in page
        assert "severity=low" not in page

    def test_names_a_source_that_could_not_be_judged(self, viewing, connection):
        InboxReading.objects.create(
            connection=connection, source="trust", mark="1", read_at=FIRST_RUN_AT, problem="locked"
        )
        page = findings(viewing, connection)

        assert "Could not be checked: Trust" in page
        assert "No open finding" not in page

    def test_tells_of_the_newest_drift_who_and_since_when(self, viewing, connection):
        InboxReading.objects.create(
            connection=connection, source="drift", mark="1", read_at=FIRST_RUN_AT
        )
        DriftReading.objects.create(connection=connection, read_at=FIRST_RUN_AT)
        drift = drift_item(connection)
        InboxItemFactory.create(
            connection=connection,
            source="drift",
            source_key=drift.key,
            title="payments moved to another OU",
        )
        page = findings(viewing, connection)

        assert "payments moved to another OU</a><small>No log source" in page
        assert '?source=drift&amp;severity=high" aria-label="1 high">1</a>' in page
        assert f'datetime="{FIRST_RUN_AT.isoformat()}"' in page
        assert "No baseline yet" in page


class TestFailures:
    def test_says_that_nothing_was_worked_out_rather_than_that_all_holds(self, viewing, connection):
        page = guardrails(viewing, connection)
        assert "Not evaluated yet" in page
        assert "Open guardrails" in page

    def test_shows_the_worst_ou_with_its_number_and_what_fails_most(self, viewing, connection):
        GuardrailResultFactory.create(connection=connection, account_id=PAYMENTS)
        GuardrailResultFactory.create(
            connection=connection, account_id=WEBSITE, outcome="not_covered"
        )
        tallied(connection)
        page = guardrails(viewing, connection)

        assert "1 failing result</a>" in page
        assert "1 not covered</a>" in page
        assert 'class="bar"' in page
        assert ">Nobody stops or alters CloudTrail</a>" in page
        assert "none worse" in page

    def test_says_what_got_worse_since_thirty_days(self, viewing, connection):
        GuardrailResultFactory.create(connection=connection, account_id=PAYMENTS)
        parent_id = Account.objects.as_of(None).get(account_id=PAYMENTS).parent_id
        day = timedelta(days=1)
        now = timezone.now()
        for began, ended, fails, holds in (
            (now - 40 * day, now - 5 * day, 0, 2),
            (now - 5 * day, None, 2, 0),
        ):
            GuardrailTally.objects.create(
                connection=connection,
                guardrail_id=GUARDRAIL,
                parent_id=parent_id,
                fails=fails,
                holds=holds,
                held_from=began,
                held_until=ended,
            )
        page = guardrails(viewing, connection)

        assert "2 results worse" in page
        assert "+2 worse" in page
        assert "fails in 2 more accounts" in page

    def test_compares_nothing_for_who_sees_a_part(self, client, connection):
        GuardrailResultFactory.create(connection=connection, account_id=PAYMENTS)
        GuardrailResultFactory.create(connection=connection, account_id=WEBSITE)
        tallied(connection)
        client.force_login(person("viewer", Place(connection.pk, WEBSITE)))
        page = guardrails(client, connection)

        assert "1 failing result</a>" in page
        assert "Not known" in page
        assert "your roles show a part of it" in page

    @pytest.mark.parametrize("number", [2, 6])
    def test_takes_as_many_queries_however_many_results(
        self, viewing, connection, number, django_assert_max_num_queries
    ):
        for guardrail_id in sorted(shipped_guardrails())[:number]:
            InboxItemFactory.create(connection=connection, source="drift", severity="high")
            GuardrailResultFactory.create(connection=connection, guardrail_id=guardrail_id)
        tallied(connection)
        findings(viewing, connection)
        guardrails(viewing, connection)
        with django_assert_max_num_queries(11):
            findings(viewing, connection)
        with django_assert_max_num_queries(13):
            guardrails(viewing, connection)


class TestFailureChange:
    @pytest.mark.parametrize(
        ("before", "after", "change"),
        [
            (OutcomeCounts(holds=2), OutcomeCounts(fails=2), FailureChange(worse=2)),
            (OutcomeCounts(fails=2), OutcomeCounts(holds=2), FailureChange(better=2)),
            (OutcomeCounts(fails=2), OutcomeCounts(not_covered=2), FailureChange(set_aside=2)),
            (
                OutcomeCounts(fails=3),
                OutcomeCounts(fails=1, excepted=1, holds=1),
                FailureChange(better=1, set_aside=1),
            ),
            (OutcomeCounts(fails=1), OutcomeCounts(fails=1), FailureChange()),
        ],
    )
    def test_takes_no_unknown_for_better(self, before, after, change):
        assert failure_change(before, after) == change
