"""A small organization with results, an exception, drift and an account that was never read."""

from datetime import timedelta

import pytest

from governance.access.viewers import viewer_of
from governance.baseline.exceptions.uses import exception_uses_refresh
from inventory.viewing import Place
from tests.factories.drift import drift_item
from tests.factories.exceptions import guardrail_exception
from tests.factories.guardrail_results import (
    GuardrailProofFactory,
    GuardrailResultFactory,
    tallied,
)
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import SECOND_RUN_AT

PAYMENTS, WEBSITE = "222222222222", "222222222223"
GUARDRAIL = "cloudtrail-stays-on"
NOW = SECOND_RUN_AT + timedelta(hours=1)


@pytest.fixture
def connection(db):
    made = organization_snapshot().connection
    proof = GuardrailProofFactory.create()
    GuardrailResultFactory.create(connection=made, account_id=PAYMENTS, proof=proof)
    GuardrailResultFactory.create(connection=made, account_id=WEBSITE, proof=proof)
    for outcome, guardrail_id in (
        ("holds", "root-user-is-not-used"),
        ("undecided", "no-iam-users"),
    ):
        GuardrailResultFactory.create(
            connection=made, account_id=PAYMENTS, guardrail_id=guardrail_id, outcome=outcome
        )
    tallied(made)
    drift_item(made)
    return made


@pytest.fixture
def ada(connection):
    """An auditor of the whole organization."""
    return person("auditor", username="ada")


@pytest.fixture
def ben(connection):
    """An auditor of Payments alone."""
    return person("auditor", Place(connection.pk, PAYMENTS), username="ben")


@pytest.fixture
def excepted(connection, ada):
    """Payments may fail the guardrail for a while."""
    made = guardrail_exception(
        connection, ada, state="active", guardrail_id=GUARDRAIL, target_ids=[PAYMENTS]
    )
    exception_uses_refresh(made, now=NOW)
    return made


@pytest.fixture
def seen_by_ada(ada):
    return viewer_of(ada)
