"""Every weakness of trust planted in the demo organization is found, and nothing else is."""

import pytest
import yaml
from django.db import transaction

from governance.posture.paths.findings import path_finding_kinds
from governance.posture.paths.findings.finding_runs import find_in_graph
from governance.posture.trust.findings.registry import TRUST_FINDING_KINDS
from governance.posture.trust.models import TrustFinding
from governance.posture.trust.refreshing import find_trust, refresh_trust
from inventory.models import Account
from tests.factories.demo_organization import FOLDER, demo_organization
from tests.factories.times import SECOND_RUN_AT

pytestmark = pytest.mark.django_db

LISTED = yaml.safe_load((FOLDER / "trust-weaknesses.yaml").read_text())


@pytest.fixture(scope="module")
def found(django_db_setup, django_db_blocker):
    """Find once for all tests: what, in which account, at which role."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = demo_organization(with_people=True)
        done = refresh_trust(made.connection, now=SECOND_RUN_AT)
        find_trust(made.connection, now=SECOND_RUN_AT, moment=done.moment)
        find_in_graph(made.connection, now=SECOND_RUN_AT)
        names = dict(Account.objects.values_list("account_id", "name"))
        rows = {
            (row.code, names.get(row.account_id, ""), row.subject_arn.rsplit("/", 1)[-1])
            for row in TrustFinding.objects.filter(seen_until__isnull=True)
        }
        transaction.set_rollback(True)
    return rows


def planted():
    return {
        (code, row["where"].get("account", ""), row["where"].get("role") or row["where"]["subject"])
        for row in LISTED["trust_weaknesses"]
        for code in row["find"]
    }


class TestPlantedWeaknesses:
    def test_are_all_found(self, found):
        assert planted() - found == set()

    def test_are_of_every_kind_or_say_why_not(self):
        kinds = {
            *TRUST_FINDING_KINDS,
            *(kind.code for kind in path_finding_kinds()),
        }
        codes = {code for code, _, _ in planted()}
        assert kinds - codes <= LISTED["not_planted"].keys()

    def test_are_all_that_is_found(self, found):
        assert found - planted() == set()
