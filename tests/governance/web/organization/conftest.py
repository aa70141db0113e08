"""The organization screen as a viewer has it shown."""

import pytest
from django.urls import reverse

from tests.factories.organization import AccountFactory
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

ROOT, WORKLOADS, PROD, TEST = "r-ab12", "ou-ab12-work0001", "ou-ab12-prod0001", "ou-ab12-test0001"
PAYMENTS, MANAGEMENT, RETIRED = "222222222222", "111111111111", "444444444441"


@pytest.fixture
def snapshot():
    return organization_snapshot()


@pytest.fixture
def show(client, snapshot):
    client.force_login(person("viewer"))

    def show(name="organization", target_id="", *, status=200, htmx=False, **query):
        where = {"target_id": target_id} if target_id else {}
        address = reverse(name, kwargs={"slug": snapshot.connection.slug, **where})
        answer = client.get(address, query, headers={"HX-Request": "true"} if htmx else {})
        assert answer.status_code == status, answer.content
        return answer

    return show


def many_accounts(snapshot, count, parent="Test"):
    return [
        AccountFactory.create(
            connection=snapshot.connection,
            parent=snapshot.units[parent],
            name=f"many-{number:03}",
            account_id=f"5000000{number:05}",
            seen_from=FIRST_RUN_AT,
        )
        for number in range(count)
    ]
