"""A small organization whose Prod people own, and those who declare and approve contracts in it."""

from dataclasses import replace

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.contracts.declaring import contract_declare
from governance.contracts.directory import ContractDirectory
from governance.contracts.reading import read_terms
from tests.factories.edits import NOW
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person

PAYMENTS, WEBSITE, TESTING = "222222222222", "222222222223", "222222222224"


def acting(user):
    """Return somebody as services take them."""
    return ActingPerson(user, user_actor(user))


def in_session(user):
    """Return somebody who is signed in, as reviews need it."""
    return ActingPerson(user, replace(user_actor(user), session="0123456789abcdef"))


def given_terms(**members):
    """Return terms as a program gives them: Website may assume roles in Payments."""
    return {
        "from": {"kind": "account", "value": WEBSITE},
        "to": {"kind": "account", "value": PAYMENTS},
        "actions": ["sts:AssumeRole"],
        "purpose": "The website reads payments.",
        **members,
    }


@pytest.fixture
def connection(snapshot):
    return snapshot.connection


@pytest.fixture
def ada(db):
    """Somebody who may declare contracts anywhere."""
    return person("author", username="ada")


@pytest.fixture
def ben(connection):
    """The owner of Payments, who may approve."""
    made = person("approver", username="ben")
    OwnershipFactory.create(
        connection=connection, target_id=PAYMENTS, user=made, confirmed_at=LONG_AGO
    )
    return made


@pytest.fixture
def sam(db):
    return person("security", username="sam")


@pytest.fixture
def declare(connection, ada):
    """Return a function that declares a contract with some terms."""

    def declared(by=ada, replaces=None, **members):
        terms = read_terms(given_terms(**members), ContractDirectory(connection))
        return contract_declare(
            by=acting(by), connection=connection, terms=terms, replaces=replaces, now=NOW
        )

    return declared
