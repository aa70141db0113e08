"""Change requests on the small organization, and their evidence."""

import pytest

from governance.changes.evidence.making import make_evidence
from governance.changes.models import ChangeRequest
from inventory.models import Root
from tests.factories.edits import NOW
from tests.factories.people import UserFactory


@pytest.fixture
def requested(snapshot):
    """Return a function that stores a change request with some operations."""
    author = UserFactory.create()

    def make(*operations, rings=(), **fields) -> ChangeRequest:
        number = ChangeRequest.objects.count() + 1
        return ChangeRequest.objects.create(
            connection=snapshot.connection,
            number=number,
            title=f"Change {number}",
            author=author,
            operations=[operation.as_json() for operation in operations],
            rings=list(rings),
            state_at=NOW,
            created_at=NOW,
            updated_at=NOW,
            **fields,
        )

    return make


@pytest.fixture
def evidence(requested):
    """Return a function that makes the evidence of some operations."""

    def make(*operations, **fields):
        return make_evidence(requested(*operations, **fields), now=NOW)

    return make


@pytest.fixture
def with_rcps(snapshot):
    """Enable resource control policies at the root."""
    root = Root.objects.get(connection=snapshot.connection)
    root.policy_types = {**root.policy_types, "RESOURCE_CONTROL_POLICY": "ENABLED"}
    root.save()
