"""The mutation test is started on its page, waited for, and told there."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.baseline.guardrails.models import MutationJob
from governance.baseline.guardrails.mutating import mutation_run
from governance.baseline.guardrails.shipped import shipped_guardrails
from inventory.viewing import Place
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db

STATEMENT = {"policy_id": "p-one", "policy_name": "region-lock", "statement": 2, "sid": "Regions"}
REPORT = {
    "guardrails": 2,
    "left_out": ["regions-are-limited"],
    "statements": [
        {
            **STATEMENT,
            "breaks": [
                {"guardrail_id": "no-iam-users", "accounts": 3, "account_ids": ["222222222222"]}
            ],
        },
        {**STATEMENT, "statement": 3, "sid": "Idle", "breaks": []},
    ],
    "protecting_nothing": [{**STATEMENT, "statement": 3, "sid": "Idle"}],
    "unbroken": [{"guardrail_id": "gone-by-now", "because": "it holds in no account"}],
    "needed": [STATEMENT],
    "is_smallest": True,
}


@pytest.fixture
def connection():
    return organization_snapshot().connection


@pytest.fixture
def viewing(client, connection):
    client.force_login(person("viewer", username="vera"))
    return client


def address(connection):
    return reverse("mutation-test", kwargs={"slug": connection.slug})


def page(client, connection):
    answer = client.get(address(connection))
    assert answer.status_code == HTTPStatus.OK
    return " ".join(answer.content.decode().split())


def finished(job, **values):
    for name, value in {"finished_at": timezone.now(), **values}.items():
        setattr(job, name, value)
    job.save()


class TestMutationPage:
    def test_says_what_a_test_does_before_the_first_one(self, viewing, connection):
        text = page(viewing, connection)
        assert "No mutation test yet" in text
        assert "Start mutation test" in text

    def test_starts_one_and_waits_for_it(self, viewing, connection):
        viewing.post(address(connection))
        viewing.post(address(connection))
        text = page(viewing, connection)

        assert MutationJob.objects.count() == 1
        assert 'hx-trigger="every 2s"' in text
        assert "Start mutation test" not in text

    def test_tells_what_was_found(self, viewing, connection):
        viewing.post(address(connection))
        finished(MutationJob.objects.get(), state="complete", result=REPORT)
        text = page(viewing, connection)

        assert 'statement 3, <span class="mono">Idle</span>' in text
        assert ">Nobody creates IAM users</a> in 3 accounts" in text
        assert "gone-by-now <small>it holds in no account</small>" in text
        assert "No smaller set does." in text
        assert "A parameter without a value leaves these undecided." in text
        assert "every 2s" not in text

    def test_shows_the_report_of_a_real_test(self, viewing, connection):
        viewing.post(address(connection))
        mutation_run(job_id=MutationJob.objects.get().pk, clock=timezone.now)
        text = page(viewing, connection)

        assert "Statements that protect nothing" in text
        assert "Test again" in text
        report = MutationJob.objects.get().result
        assert report is not None
        counts = {tab.label: tab.count for tab in viewing.get(address(connection)).context["tabs"]}
        assert counts["Mutation test"] == len(report["protecting_nothing"])
        assert counts["Baseline"] == 0
        named = {one["guardrail_id"] for one in report["unbroken"]}
        assert named
        assert named <= set(shipped_guardrails())

    def test_says_why_one_failed(self, viewing, connection):
        viewing.post(address(connection))
        finished(MutationJob.objects.get(), state="failed", error="it took too long")
        text = page(viewing, connection)

        assert "The mutation test failed" in text
        assert "it took too long" in text

    def test_may_be_started_again_where_no_worker_answers(self, viewing, connection):
        viewing.post(address(connection))
        MutationJob.objects.update(requested_at=timezone.now() - timedelta(minutes=20))
        text = page(viewing, connection)
        viewing.post(address(connection))

        assert "No worker answered" in text
        assert "Test again" in text
        assert MutationJob.objects.count() == 2

    def test_forgets_one_whose_time_is_over(self, viewing, connection):
        viewing.post(address(connection))
        MutationJob.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        assert "No mutation test yet" in page(viewing, connection)

    def test_is_for_who_sees_the_whole_organization(self, client, connection):
        client.force_login(person("viewer", Place(connection.pk, "222222222222")))

        assert "your roles show a part of it" in page(client, connection)
        assert client.post(address(connection)).status_code == HTTPStatus.FORBIDDEN
        assert not MutationJob.objects.exists()
