"""A small organization, people with roles in it, and a draft of a change request."""

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.changes.life.content import ChangeContent
from governance.changes.life.drafting import change_create
from tests.factories.edits import NOW, PROD, detached
from tests.factories.people import person


def acting(user):
    """Return somebody as services take them."""
    return ActingPerson(user, user_actor(user))


def content(*operations, **members):
    """Return what a request asks for: to detach the region lock from Prod unless told."""
    chosen = operations or (detached("p-regio001", PROD),)
    return ChangeContent(
        **{
            "title": "Open eu-west-3",
            "reason": "Paris is back.",
            "operations": tuple(one.as_json() for one in chosen),
            **members,
        }
    )


@pytest.fixture
def author(db):
    """Somebody who may propose changes anywhere."""
    return person("author", username="ada")


@pytest.fixture
def draft(snapshot, author):
    """A draft of hers."""
    return change_create(
        by=acting(author), connection=snapshot.connection, content=content(), now=NOW
    )
