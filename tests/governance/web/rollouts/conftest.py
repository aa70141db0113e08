"""Somebody signed in, and a request whose rollout they watch."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.changes.states import ChangeState
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import PAYMENTS, PROD, TEST, WEBSITE
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot
from tests.factories.watched_rollouts import OLD, plan_json, rollout_begun


@pytest.fixture
def snapshot(db):
    return organization_snapshot()


@pytest.fixture
def author(snapshot, client):
    somebody = person("author", username="maren", first_name="Maren", last_name="Solberg")
    client.force_login(somebody)
    return somebody


@pytest.fixture
def planned(snapshot, author):
    """An approved request with a plan that nobody has started."""
    asked = with_evidence(
        change_request(snapshot.connection, author),
        made_at=timezone.now(),
        plan=plan_json(),
        base={"policies": {OLD: {"attached_to": [TEST, PROD]}}},
        content={
            "transients": [
                {
                    "first_step": 4,
                    "last_step": 4,
                    "kind": "denied",
                    "actions": ["ec2:RunInstances"],
                    "when": "aws:RequestedRegion is eu-west-3",
                    "account_ids": [PAYMENTS, WEBSITE],
                }
            ]
        },
    )
    asked.state = ChangeState.APPROVED
    asked.save()
    return asked


@pytest.fixture
def soaking(planned):
    """The same, its first ring soaking since a quarter of an hour."""
    planned.state = ChangeState.SOAKING
    planned.save()
    rollout_begun(planned, at=timezone.now() - timedelta(minutes=15))
    return planned


@pytest.fixture
def address(snapshot):
    """Return the address of a request's page by its name."""

    def of(name, asked, **kwargs):
        slug = snapshot.connection.slug
        return reverse(name, kwargs={"slug": slug, "number": asked.number, **kwargs})

    return of
