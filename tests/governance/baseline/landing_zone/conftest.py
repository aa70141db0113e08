"""What tests of the landing zone share: the small organization read whole, a moment later."""

from datetime import timedelta

import pytest

from inventory.service_facts import (
    CATALOG_CONTROL,
    ENABLED_BASELINE,
    ENABLED_CONTROL,
    LANDING_ZONE,
    TRAIL,
)
from tests.factories.runs import CoverageFactory, store_coverage
from tests.factories.service_configurations import covered_kinds
from tests.factories.times import FIRST_RUN_AT

NOW = FIRST_RUN_AT + timedelta(minutes=5)
TOWER = (LANDING_ZONE, ENABLED_CONTROL, ENABLED_BASELINE, CATALOG_CONTROL)
MANAGEMENT, LOG_ARCHIVE = "111111111111", "333333333331"
PAYMENTS, WEBSITE, TEST = "222222222222", "222222222223", "222222222224"


@pytest.fixture
def read_whole(snapshot):
    """Have trails of every active account and Control Tower been read, and found nothing."""
    covered_kinds(snapshot.run, "", TOWER)
    for account in snapshot.accounts.values():
        if account.state == "ACTIVE":
            covered_kinds(snapshot.run, account.account_id, [TRAIL])
    store_coverage(
        [
            CoverageFactory.build(
                run=snapshot.run, account_id="", collector="organizations.trusted_services"
            )
        ]
    )
    return snapshot
