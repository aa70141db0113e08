"""A stored organization with policies, and somebody who looks at their screens."""

from functools import partial

import pytest
from django.urls import reverse

from tests.factories.people import person
from tests.factories.policies import attached_policy
from tests.factories.snapshots import organization_snapshot
from tests.governance.web.policies.pages import SLUG


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
    return partial(attached_policy, acme.connection)
