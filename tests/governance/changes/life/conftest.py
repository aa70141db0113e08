"""A small organization, people with roles in it, and a draft of a change request."""

from dataclasses import replace

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.changes.life.content import ChangeContent
from governance.changes.life.drafting import change_create
from tests.factories.edits import NOW, SECURITY, attached
from tests.factories.people import person


def acting(user):
    """Return somebody as services take them."""
    return ActingPerson(user, user_actor(user))


def in_session(user):
    """Return somebody who is signed in, as reviews need it."""
    return ActingPerson(user, replace(user_actor(user), session="0123456789abcdef"))


def content(*operations, **members):
    """Return what a request asks for: to deny making users in Security unless told."""
    chosen = operations or (attached("p-unatt001", SECURITY),)
    return ChangeContent(
        **{
            "title": "No users in Security",
            "reason": "Roles alone.",
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
