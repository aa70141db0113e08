"""A plan for the small organization that another tool shall apply."""

from datetime import timedelta

import pytest

from governance.access.actors import system_actor
from governance.changes.life.transitions import locked_request, transition
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import NOW
from tests.factories.people import UserFactory, person
from tests.factories.policies import denying
from tests.factories.rollouts import approve

STRICTER = denying("ec2:*", "rds:*", "s3:*")
NEW_TEXT = denying("iam:CreateUser", "iam:${aws:PrincipalTag/team}")
OPERATIONS = [
    {"kind": "update_policy", "policy_id": "p-regio001", "text": STRICTER},
    {
        "kind": "create_policy",
        "policy_id": "new-1",
        "name": "deny users",
        "policy_type": "SERVICE_CONTROL_POLICY",
        "text": NEW_TEXT,
    },
    {"kind": "attach_policy", "policy_id": "new-1", "target_id": "ou-ab12-prod0001"},
    {"kind": "detach_policy", "policy_id": "p-insta001", "target_id": "222222222223"},
]
# Long before any run that the tests store.
APPROVED_AT = NOW - timedelta(days=100)


@pytest.fixture
def author(db):
    return person("author")


@pytest.fixture
def asked(snapshot, author):
    """Return a function that makes a request in review, to be applied elsewhere."""

    def make(operations=OPERATIONS, **given) -> ChangeRequest:
        made = change_request(
            snapshot.connection, author, operations=operations, applied="elsewhere", **given
        )
        with_evidence(made, as_of=NOW, content={"targets": []})
        ChangeRequest.objects.filter(pk=made.pk).update(state=ChangeState.IN_REVIEW)
        return ChangeRequest.objects.get(pk=made.pk)

    return make


@pytest.fixture
def handed_out(asked, django_db_blocker):
    """Return a function that makes a request whose plan was approved, and so handed out."""

    def make(*args, at=APPROVED_AT, **given) -> ChangeRequest:
        made = asked(*args, **given)
        approve(made, UserFactory.create(), now=at)
        return transition(
            locked_request(made.pk), ChangeState.APPROVED, actor=system_actor("tests"), now=at
        )

    return make
