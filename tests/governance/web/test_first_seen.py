"""Pages say when a thing was first seen where AWS gives no date."""

import pytest
from django.urls import reverse

from governance.web.parts.ages import utc
from tests.factories.organization import OrganizationalUnitFactory
from tests.factories.people import person
from tests.factories.policies import PolicyFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT, THIRD_RUN_AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def snapshot():
    return organization_snapshot()


@pytest.fixture
def first_seen(client, snapshot):
    client.force_login(person("viewer"))

    def first_seen(name, **where):
        page = client.get(reverse(name, kwargs={"slug": snapshot.connection.slug, **where}))
        return {fact.label: fact.value for fact in page.context["facts"]}["First seen"]

    return first_seen


class TestFirstSeen:
    def test_says_that_what_the_first_run_found_may_be_older(self, snapshot, first_seen):
        policy_id = snapshot.policies["unattached"].policy_id
        said = f"{utc(FIRST_RUN_AT)}, in the first run"
        assert first_seen("policy", policy_id=policy_id) == said

    def test_is_when_the_oldest_version_was_seen(self, snapshot, first_seen):
        given = {"connection": snapshot.connection, "policy_id": "p-younger1"}
        PolicyFactory.create(**given, seen_from=SECOND_RUN_AT, seen_until=THIRD_RUN_AT)
        PolicyFactory.create(**given, seen_from=THIRD_RUN_AT)
        assert first_seen("policy", policy_id="p-younger1") == utc(SECOND_RUN_AT)

    def test_stands_on_ous_too(self, snapshot, first_seen):
        OrganizationalUnitFactory.create(
            connection=snapshot.connection,
            target_id="ou-ab12-young001",
            parent=snapshot.units["Workloads"],
            seen_from=SECOND_RUN_AT,
        )
        assert first_seen("organizational-unit", target_id="ou-ab12-young001") == utc(SECOND_RUN_AT)
