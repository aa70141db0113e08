"""The small organization with a baseline, and how drift is looked for in it."""

from datetime import timedelta

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.baseline.structure.adopting import baseline_adopt
from governance.drift.finding import refresh_drift
from governance.drift.models import DriftItem
from tests.factories.organization import DelegatedAdministratorFactory, TrustedServiceFactory
from tests.factories.people import person
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT

ADOPTED_AT = FIRST_RUN_AT + timedelta(minutes=10)
FOUND_AT = SECOND_RUN_AT + timedelta(minutes=10)


def acting(user):
    """Return somebody as services take them."""
    return ActingPerson(user, user_actor(user))


@pytest.fixture
def connection(snapshot):
    return snapshot.connection


@pytest.fixture
def sam(db):
    """Somebody of security, who adopts and resolves."""
    return person("security", username="sam")


@pytest.fixture
def baseline(connection, sam):
    """The baseline as the first run saw the organization, and drift as of then."""
    common = {"connection": connection, "seen_from": FIRST_RUN_AT}
    TrustedServiceFactory.create(service_principal="cloudtrail.amazonaws.com", **common)
    DelegatedAdministratorFactory.create(account_id="222222222222", **common)
    made = baseline_adopt(
        by=acting(sam), connection=connection, reason="As it should be.", now=ADOPTED_AT
    )
    refresh_drift(connection, now=ADOPTED_AT)
    return made


@pytest.fixture
def find(connection):
    """Return a function that looks for drift and returns what is not resolved."""

    def found(now=FOUND_AT):
        refresh_drift(connection, now=now)
        items = DriftItem.objects.filter(connection=connection).exclude(state="resolved")
        return {(item.kind, item.target_id, item.attribute): item for item in items}

    return found
